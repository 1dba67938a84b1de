"""A catalogue and index files that were lost: made again by `fsck --rebuild`, as they were."""
import json
import shutil

from conftest import OKTA


def test_lost_and_damaged_index_files_are_made_again(call, store):
    indexes = sorted((store / 'segments').glob('*.idx'))
    before = [path.read_bytes() for path in indexes]
    assert indexes
    indexes[0].unlink()
    found = call('fsck', '--store', store, expect=1).stdout.decode()
    assert 'index: ' in found and 'rebuilt' in found
    said = call('fsck', '--store', store, '--rebuild').stdout.decode()
    assert f'made again: {indexes[0]}' in said and 'whole: ' in said
    assert [path.read_bytes() for path in indexes] == before
    changed = bytearray(before[0])
    changed[len(changed) // 2] ^= 1
    indexes[0].write_bytes(changed)
    call('fsck', '--store', store, '--rebuild')
    assert [path.read_bytes() for path in indexes] == before


def test_what_is_refused(refused, store, tmp_path):
    refused(2, 'fsck', '--store', store, '--rebuild', '--without-vault', says=['--rebuild needs the vault'])
    refused(2, 'fsck', '--store', store, '--catalogue', says=['go with --rebuild'])


def test_a_lost_catalogue_is_made_again_and_ingestion_goes_on(call, store, tmp_path):
    rows = call('query', '--store', store, '--format', 'jsonl').stdout
    control = shutil.copytree(store, tmp_path / 'control', copy_function=shutil.copy2)
    for path in store.glob('catalogue.sqlite*'):
        path.unlink()
    assert 'catalogue' in call('fsck', '--store', store, expect=1).stdout.decode()
    said = call('fsck', '--store', store, '--rebuild').stdout.decode()
    assert 'catalogue made again (it is missing)' in said and 'lost:' not in said and 'whole: ' in said
    assert call('query', '--store', store, '--format', 'jsonl').stdout == rows
    # The whole file, of which the store has the first lines: what is known is told apart as by the store that lost nothing.
    summaries = [json.loads(call('ingest', '--store', s, '--parser', 'okta', OKTA, '--format', 'json').stdout) for s in (store, control)]
    assert summaries[0]['sources']['okta']['duplicate'] == summaries[1]['sources']['okta']['duplicate'] > 50
    assert len({call('query', '--store', s, '| count', '--format', 'jsonl').stdout for s in (store, control)}) == 1
    call('fsck', '--store', store)


def test_without_its_lines_it_says_what_is_lost(call, refused, store):
    rows = call('query', '--store', store, '--format', 'jsonl').stdout
    for path in store.glob('catalogue.*'):
        path.unlink()
    refused(3, 'fsck', '--store', store, '--rebuild', says=['--lose-positions'])
    said = call('fsck', '--store', store, '--rebuild', '--lose-positions').stdout.decode()
    assert 'lost: where sources were read to' in said and 'whole: ' in said
    assert call('query', '--store', store, '--format', 'jsonl').stdout == rows
