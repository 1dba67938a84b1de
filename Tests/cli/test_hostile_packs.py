"""Packs made to hurt whoever checks them: refused, nothing written, little memory, no crash, no long wait."""
import hashlib
import os
import pathlib
import resource
import subprocess
import time

import pytest

MIB = 1 << 20
MEMORY = 256 * MIB


@pytest.fixture(scope='session')
def verifier(binary):
    """The verifier as a program of its own, beside the other."""
    path = pathlib.Path(binary).with_name('proofline-verify')
    assert path.exists(), f'{path} is not built: make build makes both programs'
    return str(path)


@pytest.fixture(scope='session')
def trust(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trust')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', folder / 'key.pem', '-out',
                    folder / 'root.pem', '-subj', '/CN=Root', '-days', '3650'], check=True, capture_output=True)
    # An Ed25519 key of nobody: name, four bytes of id, and the type and key in base64, by C2SP signed-note.
    import base64
    key = bytes([1]) + bytes(range(32))
    identity = hashlib.sha256(b'log.example/muster\n' + key).digest()[:4].hex()
    (folder / 'policy.txt').write_text(f'log log.example/muster+{identity}+{base64.b64encode(key).decode()}\nquorum none\n')
    return folder


def write(folder, path, data):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def sums(folder):
    """SHA256SUMS as a builder would write it."""
    lines = sorted((str(p.relative_to(folder)), p) for p in folder.rglob('*') if p.is_file() and not p.is_symlink())
    write(folder, 'SHA256SUMS', b''.join(f'{hashlib.sha256(p.read_bytes()).hexdigest()}  {name}\n'.encode() for name, p in lines))


def sparse(folder, path, size):
    write(folder, path, b'')
    os.truncate(folder / path, size)


def deep(folder):
    here = folder
    for _ in range(200):
        here = here / 'd'
    here.mkdir(parents=True)
    write(here, 'file', b'')


def many(folder):
    for number in range(20_000):
        (folder / f'x{number}').touch()


def links(folder):
    write(folder, 'manifest.json', b'{}')
    for name, target in (('a', '/dev/zero'), ('b', '/etc/passwd'), ('c', '..'), ('d', 'd'), ('index.html', '/dev/random')):
        (folder / name).symlink_to(target)
    os.mkfifo(folder / 'pipe')
    if os.geteuid() == 0:
        os.mknod(folder / 'null', 0o20666, os.makedev(1, 5))


HOSTILE = {
    'nothing': lambda f: None,
    'an endless manifest': lambda f: sparse(f, 'manifest.json', 10 << 30),
    'a manifest of brackets': lambda f: write(f, 'manifest.json', b'[' * (60 * MIB)),
    'a manifest of numbers': lambda f: write(f, 'manifest.json', b'[' + b'0,' * (30 * MIB) + b'0]'),
    'a small manifest of numbers': lambda f: write(f, 'manifest.json', b'[' + b'0,' * (2 * MIB - 10) + b'0]'),
    'a manifest of empty objects': lambda f: write(f, 'manifest.json', b'[' + b'{},' * (MIB + MIB // 4) + b'0]'),
    'a manifest that says a name twice': lambda f: write(f, 'manifest.json', b'{"schema":"proofline.pack/1","schema":"proofline.pack/2"}\n'),
    'SHA256SUMS of newlines': lambda f: write(f, 'SHA256SUMS', b'\n' * (60 * MIB)),
    'SHA256SUMS of one line': lambda f: write(f, 'SHA256SUMS', b'0' * (60 * MIB) + b'\n'),
    'SHA256SUMS that leaves the folder': lambda f: write(f, 'SHA256SUMS', b'0' * 64 + b'  ../../etc/passwd\n' + b'1' * 64 + b'  /etc/passwd\n'),
    'entries of newlines': lambda f: (write(f, 'manifest.json', b'{}'), write(f, 'proofs/seals.jsonl', b'\n' * (200 * MIB))),
    'a huge proof': lambda f: write(f, 'proofs/seals/0.tlog-proof', b'c2sp.org/tlog-proof@v1\nindex 0\n' + b'A' * (100 * MIB)),
    'a huge checkpoint': lambda f: write(f, 'proofs/checkpoint-end.txt', b'log.example/muster\n' * (5 * MIB)),
    'a signature of noise': lambda f: write(f, 'sig/SHA256SUMS.preparer.p7s', os.urandom(MIB)),
    'a signature of nested sequences': lambda f: write(f, 'sig/SHA256SUMS.preparer.p7s', b'\x30\x80' * (MIB // 2)),
    'a timestamp of nested sequences': lambda f: (write(f, 'sig/SHA256SUMS.approver.p7s', b'0'), write(f, 'sig/SHA256SUMS.approver.p7s.tsr', b'\x30\x80' * (MIB // 2))),
    'a deep folder': deep,
    'many files': many,
    'links, pipes and devices': links,
}


@pytest.mark.parametrize('what', HOSTILE)
def test_a_hostile_pack_is_refused(what, verifier, trust, tmp_path):
    pack = tmp_path / 'pack'
    pack.mkdir()
    HOSTILE[what](pack)
    if not (pack / 'SHA256SUMS').exists() and what != 'an endless manifest':
        sums(pack)
    before = sorted((str(p), p.lstat().st_size, p.lstat().st_mtime_ns) for p in tmp_path.rglob('*'))
    start = time.monotonic()
    run = subprocess.Popen([verifier, str(pack), '--policy', trust / 'policy.txt', '--root', trust / 'root.pem'], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
    out, err = run.stdout.read(), run.stderr.read()
    _, status, usage = os.wait4(run.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert 10 <= code <= 19, (code, err[-500:])
    assert 'REFUSED' in out
    assert len(out) < MIB
    assert usage.ru_maxrss * 1024 < MEMORY, f'{usage.ru_maxrss >> 10} MiB'
    assert time.monotonic() - start < 60
    assert sorted((str(p), p.lstat().st_size, p.lstat().st_mtime_ns) for p in tmp_path.rglob('*')) == before


def test_the_verifier_alone_needs_nothing_else(verifier, tmp_path):
    """Wrong calls end with 2 and say what is missing; no store, no network: what it links is what it is."""
    run = subprocess.run([verifier], capture_output=True, text=True)
    assert run.returncode == 2 and 'pack' in run.stderr
    run = subprocess.run([verifier, '/nowhere', '--policy', '/nowhere', '--root', '/nowhere'], capture_output=True, text=True)
    assert run.returncode == 2 and 'outside the pack' in run.stderr
    assert subprocess.run([verifier, '--help'], capture_output=True, text=True).returncode == 0
    linked = subprocess.run(['ldd', verifier], capture_output=True, text=True).stdout
    assert not any(library in linked for library in ('sqlite', 'parquet', 'simdjson', 'xlsxwriter', 'curl'))
