"""A store written by the program, read by pyarrow, DuckDB, SQLite and the Python standard library."""
import datetime
import hashlib
import json

import duckdb
import jcs
import merkle
import notes
import plain_parquet
import pyarrow.parquet
import pytest
import segments
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


def test_every_kept_checkpoint_is_signed_and_an_earlier_head_of_the_same_tree(store):
    leaves = [merkle.leaf(entry) for entry in store.entries]
    kept = [row for row in store.catalogue('SELECT size, note FROM checkpoint') if row[0] <= store.checkpoint.size]
    assert kept
    for size, note in kept:
        checkpoint = notes.Checkpoint(note, store.verifier)
        assert (checkpoint.size, checkpoint.root) == (size, merkle.root(leaves[:size]))


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
        found = duckdb.read_parquet(str(path)).to_arrow_table()
        assert found.num_rows == len(ours) == pyarrow.parquet.read_metadata(path).num_rows
        theirs = {row['seq']: row for row in found.to_pylist()}
        for row in ours:
            assert plain(theirs[row['seq']]) == plain(row)


def plain(row):
    """DuckDB's maps, absent lists and zones differ from Arrow's in form: both to one form, times as microseconds."""
    out = {}
    for name, value in segments.untyped(row).items():
        if isinstance(value, datetime.datetime):
            value = value.replace(tzinfo=value.tzinfo or datetime.timezone.utc)
            since = value - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
            value = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        out[name] = dict(value) if name == 'attributes' and value is not None else value
    return out


def test_a_reader_written_from_the_page_reads_the_same_values(store):
    for path in store.segment_files:
        file = plain_parquet.File(path.read_bytes())
        ours = [row | {'time': None if row['time'] is None else row['time'] * 1_000} for row in file.read()]  # that reader knows numbers alone
        assert [plain(row) for row in ours] == [plain(row) for row in pyarrow.parquet.read_table(path).to_pylist()]
        assert file.metadata == {k: v for k, v in store.footers[path].items() if k in file.metadata}


def test_footers_carry_the_seals_of_their_rows(store):
    entries = {n: (data, seal) for n, data, seal in store.seals}
    named = []
    for path, footer in store.footers.items():
        rows = pyarrow.parquet.read_table(path, columns=['seq'])['seq'].to_pylist()
        assert footer['proofline.segment.version'] == '4'
        assert (int(footer['proofline.segment.firstSeq']), int(footer['proofline.segment.rowCount'])) == (rows[0], len(rows))
        if footer['proofline.segment.order'] == 'seq':
            assert rows == list(range(rows[0], rows[0] + len(rows)))
        seals = footer['proofline.segment.seals'].encode()
        assert jcs.is_canonical(seals)
        for item in json.loads(seals):
            assert jcs.dumps(item['entry']) == entries[item['logIndex']][0]
            named.append(item['logIndex'])
    assert sorted(named) == [n for n, _, seal in store.seals if seal['count']]


def test_bindings_of_new_tokens_lie_under_their_seal(store):
    bound = set()
    for _, _, seal in store.seals:
        path = store.folder / f'bindings/{seal["firstSeq"]:016d}.jsonl'
        if 'bindingsRoot' not in seal:
            continue
        lines = path.read_bytes().split(b'\n')
        assert lines.pop() == b'' and all(map(jcs.is_canonical, lines))
        assert (len(lines), merkle.root([merkle.leaf(line) for line in lines]).hex()) == (seal['bindingsCount'], seal['bindingsRoot'])
        tokens = [json.loads(line)['token'] for line in lines]
        assert tokens == sorted(tokens) and not bound & set(tokens)
        bound |= set(tokens)
    used = {row[column] for row in store.rows.values() for column in ('actor.email', 'origin.ip', 'approval.by') if row[column]}
    assert {token for token in used if token[:4] in ('usr_', 'ip_')} <= bound and len(bound) > 100


def test_heartbeats_number_the_epochs_and_count_their_seals(store):
    epoch, seals = 1, []
    for data in store.entries:
        entry = json.loads(data)
        if entry['type'] == 'batch':
            assert entry['epoch'] == epoch
            seals.append(entry)
        if entry['type'] == 'heartbeat':
            assert (entry['epoch'], entry['seals'], entry['events']) == (epoch, len(seals), sum(s['count'] for s in seals))
            assert all(entry['from'] <= s['committed'] <= entry['to'] for s in seals)
            listed = {s['source']: s for s in entry['sources']}
            for source in {s['source'] for s in seals}:
                own = [s for s in seals if s['source'] == source]
                assert (listed[source]['seals'], listed[source]['received']) == (len(own), sum(s['received'] for s in own))
            epoch, seals = epoch + 1, []
    assert epoch > 1 and not seals


def test_the_catalogue_holds_the_same_entries_and_files(store):
    assert [row[0] for row in store.catalogue('SELECT bytes FROM entry WHERE log_index < ? ORDER BY log_index', store.checkpoint.size)] == store.entries
    for number, size, digest, index_size, index_digest in store.catalogue('SELECT id, size_bytes, sha256, index_size_bytes, index_sha256 FROM segment'):
        for ending, expected in (('parquet', (size, digest)), ('idx', (index_size, index_digest))):
            data = (store.folder / f'segments/{number:08d}.{ending}').read_bytes()
            assert (len(data), hashlib.sha256(data).digest()) == expected


def test_the_ledger_accounts_for_every_byte_once(store):
    ranges = {}
    for source, content, first, last in store.catalogue('SELECT source, content_id, from_byte, to_byte FROM ledger ORDER BY source, content_id, from_byte'):
        assert first == ranges.get((source, content), 0) and last >= first
        ranges[source, content] = last
    assert ranges == {(source, content): offset for source, content, offset in store.catalogue('SELECT source, content_id, offset FROM cursor')}
    for index, _, seal in store.seals:
        sums = store.catalogue('SELECT total(received), total(parsed), total(duplicates), total(quarantined), total(skipped) FROM ledger WHERE log_index = ?', index)[0]
        assert sums == tuple(seal[k] for k in ('received', 'parsed', 'duplicates', 'quarantined', 'skipped'))


def test_duckdb_finds_one_event_through_statistics_and_filters(store):
    sought = EXPECTED['findings']['selfApprovedRoleGrant']['event_id']
    rows = duckdb.execute('SELECT seq, "action", "approval.by" = "actor.email" FROM read_parquet(?) WHERE '
                          'coalesce(event_id, "event_id.uuid"::text, "event_id.number"::text, concat("event_id.prefix", lower(hex("event_id.hex")))) = ?',
                          [[str(p) for p in store.segment_files], sought]).fetchall()
    assert len(rows) == 1 and rows[0][2]


def test_row_counts_in_the_catalogue_are_those_of_the_files(store):
    listed = dict(store.catalogue('SELECT printf(\'%08d.parquet\', id), row_count FROM segment'))
    assert listed == {p.name: pyarrow.parquet.read_metadata(p).num_rows for p in store.segment_files}
