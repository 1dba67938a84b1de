"""A person is forgotten: under dual control, said in the log, and again when an older backup comes back."""
import json
import shutil

import pytest

from conftest import OKTA


@pytest.fixture
def person():
    return json.loads(OKTA.read_text().splitlines()[0])['actor']['alternateId']


def erase(store, who, *more):
    return ('vault', 'erase', who, '--store', store, '--reason', 'GDPR-17: asked for it', '--approved-by', 'ben', *more)


def test_an_erased_person_is_gone_and_every_proof_holds(call, refused, store, person):
    rows = call('query', '--store', store, f'actor:{person}', '--format', 'jsonl').stdout
    assert rows
    said = json.loads(call(*erase(store, person), '--format', 'json').stdout)
    assert said['tokens'] and len(said['entries']) == 1 and said['batches'] >= 1 and said['packs'] == []
    token = said['tokens'][0]
    refused(3, 'vault', 'reveal', token, '--store', store, '--reason', 'x', '--approved-by', 'ben', says=['erased'])
    assert call('query', '--store', store, f'actor:{person}', '--format', 'jsonl').stdout == b''
    call('fsck', '--store', store)
    assert set(call('vault', 'erased', '--store', store).stdout.decode().split()) >= set(said['tokens'])
    # Somebody erased is nobody: there is nothing to erase a second time.
    call(*erase(store, person), expect=1)
    call('ingest', '--store', store, '--parser', 'okta', OKTA)
    acts = [json.loads(line) for line in call('query', '--store', store, 'action:proofline.identity.erase', '--format', 'jsonl').stdout.splitlines()]
    assert len(acts) == 1 and acts[0]['approval']['state'] == 'approved' and 'GDPR-17' in acts[0]['reason']
    assert {target['id'] for target in acts[0]['targets']} == set(said['tokens'])


def test_a_restore_forgets_again_what_the_newer_log_names(call, refused, store, person, tmp_path):
    call('backup', '--store', store, '--to', tmp_path / 'b', '--with-keys')
    tokens = set(json.loads(call(*erase(store, person), '--format', 'json').stdout)['tokens'])
    mirror = shutil.copytree(store / 'log', tmp_path / 'mirror')
    for number, known in enumerate((mirror, store)):
        target = tmp_path / f'r{number}'
        said = call('restore', '--from', tmp_path / 'b', '--store', target, '--erased', known).stdout.decode()
        assert f'{len(tokens)} of {len(tokens)} tokens were in the backup' in said
        assert set(call('vault', 'erased', '--store', target).stdout.decode().split()) == tokens
        call('fsck', '--store', target)
    other = tmp_path / 'other'
    call('init', '--store', other, '--origin', 'log.example.org/other')
    refused(3, 'restore', '--from', tmp_path / 'b', '--store', tmp_path / 'r9', '--erased', other, says=['not a whole log'])


def test_what_is_refused(call, refused, store, person):
    refused(3, *erase(store, person)[:-1], 'root', says=['second person'])
    refused(3, *erase(store, person)[:-3], ' ', '--approved-by', 'ben', says=['reason'])
    refused(2, *erase(store / 'none', person), says=['no proofline store'])
    call(*erase(store, 'nobody@example.invalid'), expect=1)
