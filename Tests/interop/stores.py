"""Reads a store from the outside, by docs/formats: segments, seals, log and vault, without the program."""
import functools
import hashlib
import json
import pathlib
import sqlite3

import merkle
import notes
import pyarrow.parquet
import segments
import vaults


class Store:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((self.folder / 'store.json').read_text())
        self.verifier = notes.Verifier((self.folder / 'keys/log.vkey').read_text())
        self.checkpoint = notes.Checkpoint((self.folder / 'log/checkpoint').read_bytes(), self.verifier)
        self.log = merkle.Log(self.folder / 'log', self.checkpoint.size)

    @functools.cached_property
    def entries(self):
        """Every log entry's bytes, by log index."""
        return self.log.entries()

    @functools.cached_property
    def seals(self):
        """(log index, bytes, seal) of every batch."""
        parsed = ((n, data, json.loads(data)) for n, data in enumerate(self.entries))
        return [row for row in parsed if row[2]['type'] == 'batch']

    @property
    def segment_files(self):
        return sorted((self.folder / 'segments').glob('*.parquet'))

    @functools.cached_property
    def rows(self):
        """Every stored row by its sequence number."""
        out = {}
        for path in self.segment_files:
            for row in pyarrow.parquet.read_table(path).to_pylist():
                assert row['seq'] not in out, f'{path}: seq {row["seq"]} is stored twice'
                out[row['seq']] = segments.untyped(row)
        return out

    def lines(self, seal):
        """The canonical lines of one batch, rebuilt from columns and the batch's salt."""
        first, count, salts = seal['firstSeq'], seal['count'], self.salts
        return [segments.canonical(self.rows[first + i], segments.line_salt(salts[first], i)) for i in range(count)]

    @functools.cached_property
    def salts(self):
        return vaults.batch_salts(self.folder / 'vault')

    @functools.cached_property
    def footers(self):
        """Key-value metadata of each segment, by path."""
        found = {}
        for path in self.segment_files:
            raw = pyarrow.parquet.read_metadata(path).metadata
            found[path] = {k.decode(): v.decode() for k, v in raw.items()}
        return found

    def catalogue(self, query, *values):
        with sqlite3.connect(f'file:{self.folder}/catalogue.sqlite?mode=ro', uri=True) as base:
            return base.execute(query, values).fetchall()


def check_chain(seals):
    """Each seal names the one before it of the same source; ranges of sequence numbers join without a hole."""
    previous, next_seq = {}, None
    for _, data, seal in seals:
        assert seal.get('prevSeal') == previous.get(seal['source'])
        previous[seal['source']] = hashlib.sha256(data).hexdigest()
        if next_seq is not None:
            assert seal['firstSeq'] == next_seq
        next_seq = seal['firstSeq'] + seal['count']
