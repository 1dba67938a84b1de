"""A store written by the program, read by pyarrow, DuckDB, SQLite and the Python standard library."""
import json

import duckdb
import jcs
import merkle
import pyarrow.parquet
import pytest
import stores
from conftest import ORIGIN, QUARTER

EXPECTED = json.loads((QUARTER / 'expected.json').read_text())


@pytest.fixture(scope='module')
def store(store_folder):
    return stores.Store(store_folder)


def test_the_checkpoint_is_signed_by_the_logs_key_and_names_its_origin(store):
    assert store.checkpoint.origin == ORIGIN


def test_entries_hashes_and_tiles_lead_to_the_signed_root(store):
    leaves = [merkle.leaf(entry) for entry in store.entries]
    assert leaves == store.log.hashes(0)
    assert merkle.root(leaves) == store.checkpoint.root
    level = 1
    while store.checkpoint.size >> (8 * level):
        below = store.log.hashes(level - 1)
        assert store.log.hashes(level) == [merkle.root(below[i:i + 256]) for i in range(0, len(below) // 256 * 256, 256)]
        level += 1


def test_every_entry_is_canonical_and_small(store):
    for entry in store.entries:
        assert jcs.is_canonical(entry) and len(entry) <= 16384


def test_seals_are_chained_by_source_and_their_ranges_join(store):
    stores.check_chain(store.seals)


def test_leaves_rebuilt_from_the_columns_give_every_seals_root(store):
    for _, _, seal in store.seals:
        if seal['count']:
            lines = store.lines(seal)
            assert merkle.root([merkle.leaf(line) for line in lines]).hex() == seal['rowsRoot'], seal['source']


def test_a_changed_value_gives_another_root(store):
    seal = next(s for _, _, s in store.seals if s['count'])
    lines = store.lines(seal)
    lines[0] = lines[0].replace(b'"outcome":"', b'"outcome":"x', 1)
    assert merkle.root([merkle.leaf(line) for line in lines]).hex() != seal['rowsRoot']


def test_seals_cover_every_row_exactly_once(store):
    sealed = [n for _, _, s in store.seals for n in range(s['firstSeq'], s['firstSeq'] + s['count'])]
    assert sorted(store.rows) == sealed
    for _, _, seal in store.seals:
        for n in range(seal['firstSeq'], seal['firstSeq'] + seal['count']):
            assert store.rows[n]['source'] == seal['source']


def test_counts_per_source_are_those_that_the_samples_state(store):
    for source, expected in EXPECTED['sources'].items():
        own = [s for _, _, s in store.seals if s['source'] == source]
        found = {key: sum(s[key] for s in own) for key in ('received', 'parsed', 'quarantined', 'duplicates', 'skipped', 'events')}
        assert found == {'received': expected['records']} | {key: expected[key] for key in found if key != 'received'}, source
        assert sum(s['count'] for s in own) == expected['events']


def test_every_column_of_every_segment_is_compressed(store):
    assert store.segment_files
    for path in store.segment_files:
        meta = pyarrow.parquet.read_metadata(path)
        for group in range(meta.num_row_groups):
            for n in range(meta.num_columns):
                column = meta.row_group(group).column(n)
                assert column.compression == 'ZSTD', (path.name, column.path_in_schema)


def test_pyarrow_and_duckdb_read_the_same_rows(store):
    for path in store.segment_files:
        table = pyarrow.parquet.read_table(path, page_checksum_verification=True)
        ours = table.to_pylist()
        found = duckdb.execute('SELECT * FROM read_parquet(?) ORDER BY seq', [str(path)]).to_arrow_table()
        assert found.num_rows == len(ours) == pyarrow.parquet.read_metadata(path).num_rows
        theirs = {row['seq']: row for row in found.to_pylist()}
        for row in ours:
            assert plain(theirs[row['seq']]) == plain(row)


def plain(row):
    """DuckDB gives maps as lists of pairs or dictionaries, and times with another zone object."""
    out = {}
    for name, value in row.items():
        if name == 'attributes' and value is not None:
            value = dict(value) if not isinstance(value, dict) else value
        if hasattr(value, 'timestamp'):
            value = value.replace(tzinfo=None) if value.tzinfo is None else value.astimezone(__import__('datetime').timezone.utc).replace(tzinfo=None)
        out[name] = value
    return out


def test_duckdb_finds_one_event_through_statistics_and_filters(store):
    sought = EXPECTED['findings']['selfApprovedRoleGrant']['event_id']
    rows = duckdb.execute('SELECT seq, "action", "approval.by" = "actor.email" FROM read_parquet(?) WHERE event_id = ?',
                          [[str(p) for p in store.segment_files], sought]).fetchall()
    assert len(rows) == 1 and rows[0][2]


def test_row_counts_in_the_catalogue_are_those_of_the_files(store):
    listed = dict(store.catalogue('SELECT printf(\'%08d.parquet\', id), row_count FROM segment'))
    assert listed == {p.name: pyarrow.parquet.read_metadata(p).num_rows for p in store.segment_files}
