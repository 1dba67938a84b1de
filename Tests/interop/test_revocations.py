"""Revoked packs, with openssl as the second reader of the list."""
import base64
import json
import subprocess

import jcs
import pytest


@pytest.fixture
def revoke(proofline, keys, tmp_path):
    def call(pack, reason='wrong inventory', expect=0, who='approver', root=None):
        return proofline('pack', 'revoke', pack, '--reason', reason, '--list', tmp_path / 'list.json', '--root', root or keys / 'ca.pem',
                         '--key', keys / f'{who}.key', '--certificate', keys / f'{who}.pem', expect=expect)
    return call


def verify(proofline, released, revocations, expect):
    said = proofline('verify', released.pack, '--policy', released.policy, '--root', released.root, '--tsa-root', released.tsa_root, '--revocations', revocations,
                     '--format', 'json', expect=expect)
    return json.loads(said) if expect != 2 else None


def test_a_revoked_pack_is_refused_and_openssl_accepts_the_list(proofline, released, revoke, tmp_path):
    revoke(released.pack)
    said = verify(proofline, released, tmp_path / 'list.json', 20)
    assert [f['id'] for s in said['steps'] for f in s['findings']] == ['pack-revoked'] and said['verified'] is False
    data = (tmp_path / 'list.json').read_bytes()
    file = json.loads(data)
    assert jcs.dumps(file) + b'\n' == data
    (tmp_path / 'list').write_bytes(base64.b64decode(file['list'], validate=True))
    (tmp_path / 'p7s').write_bytes(base64.b64decode(file['signature'], validate=True))
    subprocess.run(['openssl', 'cms', '-verify', '-binary', '-inform', 'DER', '-in', tmp_path / 'p7s', '-content', tmp_path / 'list', '-CAfile', released.root, '-purpose', 'any',
                    '-out', '/dev/null'], check=True, capture_output=True)
    revoke(released.pack, expect=2)


def test_a_list_that_names_others_lets_the_pack_pass_and_an_id_alone_is_enough(proofline, released, revoke, tmp_path):
    revoke('0d9a9b1c-0000-5000-8000-000000000000')
    assert verify(proofline, released, tmp_path / 'list.json', 0)['verified'] is True
    revoke(json.loads((released.pack / 'manifest.json').read_text())['packId'], who='preparer')
    verify(proofline, released, tmp_path / 'list.json', 20)
    payload = json.loads(base64.b64decode(json.loads((tmp_path / 'list.json').read_bytes())['list']))
    assert payload['number'] == 2 and len(payload['revoked']) == 2


def test_a_list_from_which_the_pack_was_struck_is_no_list(proofline, released, revoke, tmp_path):
    revoke(released.pack)
    file = json.loads((tmp_path / 'list.json').read_bytes())
    payload = json.loads(base64.b64decode(file['list'])) | {'revoked': []}
    file['list'] = base64.b64encode(jcs.dumps(payload)).decode()
    (tmp_path / 'list.json').write_bytes(jcs.dumps(file) + b'\n')
    verify(proofline, released, tmp_path / 'list.json', 2)
    revoke('0d9a9b1c-0000-5000-8000-000000000000', expect=1)


def test_a_list_signed_under_another_root_is_no_list(proofline, released, revoke, tmp_path):
    proofline('key', 'ca', '--name', 'Other CA', '--out', tmp_path / 'other', '--unencrypted')
    proofline('key', 'issue', '--authority', tmp_path / 'other', '--name', 'Mallory', '--file', 'm', '--out', tmp_path / 'other', '--unencrypted')
    proofline('pack', 'revoke', released.pack, '--reason', 'r', '--list', tmp_path / 'list.json', '--root', tmp_path / 'other/ca.pem', '--key', tmp_path / 'other/m.key',
              '--certificate', tmp_path / 'other/m.pem')
    verify(proofline, released, tmp_path / 'list.json', 2)
