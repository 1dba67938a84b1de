"""Go's note and tlog packages, which share no code with ours, over a real store and a released pack (go/checklog/main.go)."""
import json
import os
import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).parent / 'go' / 'checklog' / 'main.go'


@pytest.fixture(scope='module')
def checklog(tmp_path_factory):
    folder = tmp_path_factory.mktemp('go')
    program = folder / 'checklog'
    environment = os.environ | {'GO111MODULE': 'off', 'GOPATH': '/usr/share/gocode', 'GOFLAGS': '', 'GOCACHE': str(folder / 'cache')}
    subprocess.run(['go', 'build', '-o', program, SOURCE], check=True, env=environment)

    def run(*arguments):
        return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True).returncode == 0
    return run


@pytest.fixture(scope='module')
def vkey(store_folder):
    return (store_folder / 'keys/log.vkey').read_text().strip()


def entries(pack):
    """Log index to the entry's bytes, for all that the pack carries."""
    indexes = sorted(int(p.name.removesuffix('.tlog-proof')) for p in (pack / 'proofs/seals').iterdir())
    lines = (pack / 'proofs/seals.jsonl').read_bytes().split(b'\n')[:-1]
    assert len(indexes) == len(lines)
    return dict(zip(indexes, lines))


def test_every_entry_of_the_pack_is_a_record_of_the_log(checklog, vkey, released, tmp_path):
    for index, entry in entries(released.pack).items():
        proof = released.pack / f'proofs/seals/{index}.tlog-proof'
        (tmp_path / 'entry').write_bytes(entry)
        (tmp_path / 'other').write_bytes(entry + b' ')
        assert checklog('record', vkey, proof, tmp_path / 'entry')
        assert not checklog('record', vkey, proof, tmp_path / 'other')


def test_the_release_is_a_record_of_the_log(checklog, vkey, released):
    assert checklog('record', vkey, released.pack / 'sig/release.tlog-proof', released.pack / 'sig/release.json')


def test_a_proof_with_a_changed_byte_is_refused(checklog, vkey, released, tmp_path):
    index, entry = next(iter(entries(released.pack).items()))
    (tmp_path / 'entry').write_bytes(entry)
    proof = bytearray((released.pack / f'proofs/seals/{index}.tlog-proof').read_bytes())
    for offset in range(len(proof)):
        if proof[offset + 1:offset + 2] == b'=':
            continue  # spare bits of base64, which Go does not look at; proofline does
        proof[offset] ^= 1
        (tmp_path / 'proof').write_bytes(proof)
        proof[offset] ^= 1
        assert not checklog('record', vkey, tmp_path / 'proof', tmp_path / 'entry'), f'byte {offset}'


def test_the_log_only_grew_from_the_packs_start_to_its_end(checklog, vkey, released, tmp_path):
    proofs = released.pack / 'proofs'
    if 'checkpointStart' not in json.loads((released.pack / 'manifest.json').read_text()):
        pytest.skip('the log kept no checkpoint before the one that the pack was built at')
    files = proofs / 'checkpoint-start.txt', proofs / 'checkpoint-end.txt', proofs / 'consistency.txt'
    assert checklog('tree', vkey, *files)
    changed = bytearray(files[2].read_bytes())
    changed[-10] ^= 1
    (tmp_path / 'consistency').write_bytes(changed)
    assert not checklog('tree', vkey, *files[:2], tmp_path / 'consistency')
    assert not checklog('tree', vkey, files[1], files[0], files[2])
