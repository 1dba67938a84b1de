"""Backup and restore by the command line, also beside a writer, and what is refused."""
import json
import shutil


def rows(call, store):
    return call('query', '--store', store, '--format', 'jsonl').stdout


def test_a_restored_backup_answers_as_the_store_did(call, store, tmp_path):
    said = call('backup', '--store', store, '--to', tmp_path / 'b').stdout.decode()
    assert 'left out: ' in said and 'master.key' in said
    keys = tmp_path / 'keys'
    keys.mkdir()
    shutil.copy(store / 'keys/log.key', keys)
    shutil.copy(store / 'vault/master.key', keys)
    said = call('restore', '--from', tmp_path / 'b', '--store', tmp_path / 'r', '--keys', keys).stdout.decode()
    assert 'missing' not in said and 'fsck' in said
    call('fsck', '--store', tmp_path / 'r')
    assert rows(call, tmp_path / 'r') == rows(call, store)


def test_without_keys_the_restore_says_what_is_missing(call, refused, store, tmp_path):
    call('backup', '--store', store, '--to', tmp_path / 'b')
    said = call('restore', '--from', tmp_path / 'b', '--store', tmp_path / 'r').stdout.decode()
    assert said.count('missing: ') == 2
    refused(3, 'query', 'actor.id:ada@example.org', '--store', tmp_path / 'r', says=['master.key'])


def test_a_second_backup_copies_little(call, store, tmp_path):
    call('backup', '--store', store, '--to', tmp_path / 'b', '--with-keys')
    first = json.loads((tmp_path / 'b/backup.json').read_text())
    said = call('backup', '--store', store, '--to', tmp_path / 'b', '--with-keys').stdout.decode()
    second = json.loads((tmp_path / 'b/backup.json').read_text())
    assert second['keys'] == 'included'
    segments = [f for f in first['files'] if f['path'].startswith('segments/')]
    assert segments and all(f in second['files'] for f in segments)
    copied = int(said.split('copied now: ')[1].split()[0])
    assert copied == len([f for f in second['files'] if f['stored'].startswith('state/')])
    assert len(list((tmp_path / 'b/state').iterdir())) == 1


def test_what_is_refused(call, refused, store, tmp_path):
    refused(2, 'backup', '--store', tmp_path / 'none', '--to', tmp_path / 'b', says=['no proofline store'])
    refused(2, 'backup', '--store', store, '--to', store, says=['is a store'])
    refused(2, 'restore', '--from', tmp_path, '--store', tmp_path / 'r', says=['backup.json'])
    call('backup', '--store', store, '--to', tmp_path / 'b')
    refused(2, 'restore', '--from', tmp_path / 'b', '--store', store, says=['not empty'])
    refused(2, 'restore', '--from', tmp_path / 'b', '--store', tmp_path / 'r', '--keys', tmp_path, says=['log.key'])
    bad = tmp_path / 'erased.txt'
    bad.write_text('usr_aaaaaaaaaaaaa\nalice@example.org\n')
    refused(2, 'restore', '--from', tmp_path / 'b', '--store', tmp_path / 'r', '--erased', bad, says=['line 2'])
    segment = next((tmp_path / 'b/segments').glob('*.parquet'))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    refused(3, 'restore', '--from', tmp_path / 'b', '--store', tmp_path / 'r', says=[segment.name])
