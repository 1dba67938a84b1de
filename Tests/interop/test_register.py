"""The register of issued packs, its chain recomputed from the file alone."""
import hashlib
import json

import jcs
import pytest


@pytest.fixture
def register(proofline, tmp_path):
    return lambda *more, expect=0: proofline('pack', 'register', tmp_path / 'issued.jsonl', *more, expect=expect)


def test_each_line_names_its_pack_and_the_line_before(register, released, tmp_path):
    for reader in ('Audit & Co', 'Kunde AG'):
        register('--add', released.pack, '--recipient', reader)
    lines, head = (tmp_path / 'issued.jsonl').read_bytes().split(b'\n')[:-1], '0' * 64
    manifest = json.loads((released.pack / 'manifest.json').read_text())
    for line, reader in zip(lines, ('Audit & Co', 'Kunde AG'), strict=True):
        entry = json.loads(line)
        assert jcs.is_canonical(line) and entry['prev'] == head and entry['recipient'] == reader
        assert [entry[k] for k in ('packId', 'name', 'revision', 'level')] == [manifest[k] for k in ('packId', 'name', 'revision', 'level')]
        assert entry['sha256sums'] == hashlib.sha256((released.pack / 'SHA256SUMS').read_bytes()).hexdigest()
        head = hashlib.sha256(line).hexdigest()
    said = json.loads(register('--format', 'json'))
    assert said['head'] == head and len(said['packs']) == 2
    assert head in register() and 'Kunde AG' in register()


def test_a_changed_or_cut_register_is_told_and_not_added_to(register, released, tmp_path):
    file = tmp_path / 'issued.jsonl'
    for reader in 'abc':
        register('--add', released.pack, '--recipient', reader)
    whole = file.read_bytes()
    lines = whole.split(b'\n')
    for damaged in (whole.replace(b'"recipient":"a"', b'"recipient":"z"'), b'\n'.join([lines[0], *lines[2:]]), b'\n'.join(lines[1:]), whole[:-3]):
        file.write_bytes(damaged)
        register(expect=1)
        register('--add', released.pack, '--recipient', 'd', expect=1)
        assert file.read_bytes() == damaged


def test_a_draft_a_second_time_and_nobody_are_refused(register, proofline, released, store_folder, tmp_path):
    register('--add', released.pack, expect=2)
    register('--add', released.pack, '--recipient', 'a')
    register('--add', released.pack, '--recipient', 'a', expect=2)
    proofline('pack', 'build', '--store', store_folder, '--period', '2026Q3', '--reports', 'EP-03', '--no-pdf', '--out', tmp_path / 'out', expect=(0, 1))
    draft, = (tmp_path / 'out').iterdir()
    register('--add', draft, '--recipient', 'a', expect=2)
