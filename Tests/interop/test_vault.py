"""The vault, opened with its master key by the page: what stands behind each token, and the quarantined records."""
import gzip
import hashlib
import json

import pytest
import stores
import vaults
from conftest import QUARTER
from cryptography.exceptions import InvalidTag

EXPECTED = json.loads((QUARTER / 'expected.json').read_text())
PLANTED = json.loads((QUARTER / 'planted.json').read_text())


@pytest.fixture(scope='module')
def vault(store_folder):
    return store_folder / 'vault'


@pytest.fixture(scope='module')
def tokens(vault):
    return vaults.tokens(vault)


def test_every_token_of_the_store_opens_to_one_value_and_keeps_its_commitment(store_folder, tokens):
    rows = stores.Store(store_folder).rows.values()
    used = {row[column] for row in rows for column in ('actor.id', 'actor.name', 'actor.email', 'actor.on_behalf_of', 'approval.by', 'origin.ip')} - {None}
    used = {text for text in used if text[:4] == 'usr_' or text[:3] == 'ip_'}
    assert used and used <= set(tokens)
    assert len({token.value for token in tokens.values()}) >= len(PLANTED['identities']['email'])


def test_the_commitments_are_those_under_the_seals(store_folder, tokens):
    sealed = {}
    for path in (store_folder / 'bindings').iterdir():
        for line in path.read_text().splitlines():
            binding = json.loads(line)
            assert sealed.setdefault(binding['token'], binding['commitment']) == binding['commitment']
    assert sealed == {text: token.commitment.hex() for text, token in tokens.items()}


def test_the_person_of_the_incident_is_one_subject_with_her_real_values(store_folder, tokens):
    ids = EXPECTED['incident']['ids']
    step = next(s for s in EXPECTED['incident']['steps'] if 'impersonates' in s['what'])
    row = next(r for r in stores.Store(store_folder).rows.values() if r['event_id'] == step['event_id'])
    assert tokens[row['actor.email']].value.decode() == ids['actor_email']
    assert tokens[row['actor.id']].value.decode() == ids['actor_id']
    assert tokens[row['actor.on_behalf_of']].value.decode() == ids['impersonated_email']
    assert tokens[row['origin.ip']].value.decode() == ids['intruder_ip']
    assert tokens[row['actor.email']].subject == tokens[row['actor.id']].subject != tokens[row['actor.on_behalf_of']].subject


def test_quarantined_records_are_kept_to_the_byte(vault):
    found = {(source, line): record for source, line, _, record in vaults.quarantined(vault)}
    expected = {}
    for source, described in EXPECTED['sources'].items():
        for place in described['quarantine']:
            data = (QUARTER / place['file']).read_bytes()
            data = gzip.decompress(data) if place['file'].endswith('.gz') else data
            expected[source, place['line']] = data.split(b'\n')[place['line'] - 1]
    assert set(found) == set(expected)
    for key, record in found.items():
        assert record.rstrip(b'\n') == expected[key] or record.startswith(expected[key]), key


def test_a_wrong_master_key_opens_nothing(vault, monkeypatch):
    monkeypatch.setattr(vaults, 'master_key', lambda folder: hashlib.sha256(b'another').digest())
    with pytest.raises(InvalidTag):
        vaults.batch_salts(vault)
