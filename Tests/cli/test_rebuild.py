"""Index files that were lost: made again by `fsck --rebuild`, as they were."""


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
