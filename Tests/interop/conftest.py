"""A store of the sample quarter and a released pack, made once per run through the command line alone.

PROOFLINE names the binary. Everything that the program prints is kept, since the leak test reads it too.
"""
import os
import pathlib
import shutil
import subprocess

import notes
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUARTER = ROOT / 'samples' / 'quarter'
ORIGIN = 'log.example.org/interop'
PERIOD = ('--since', '2026-07-01', '--until', '2026-10-01')
NONCE = 'auditor-7731'


class Proofline:
    """The program under test, with a folder for what it prints."""

    def __init__(self, binary, printed):
        self.binary, self.printed, self.calls = binary, printed, 0
        printed.mkdir(parents=True)

    def __call__(self, *arguments, expect=0, prefix=(), **options):
        run = subprocess.run([*prefix, self.binary, *map(str, arguments)], capture_output=True, **{'timeout': 900} | options)
        self.calls += 1
        for name, data in (('out', run.stdout), ('err', run.stderr)):
            (self.printed / f'{self.calls:03d}-{arguments[0]}.{name}').write_bytes(data)
        codes = (expect,) if isinstance(expect, int) else expect
        assert run.returncode in codes, f'{" ".join(map(str, arguments))} ended with {run.returncode}\n{run.stdout.decode()[-2000:]}\n{run.stderr.decode()[-4000:]}'
        return run.stdout.decode()


@pytest.fixture(scope='session')
def proofline(tmp_path_factory):
    binary = os.environ.get('PROOFLINE')
    if not binary or not os.access(binary, os.X_OK):
        pytest.fail('PROOFLINE must name the built program, for example: PROOFLINE=.build/release/proofline')
    return Proofline(os.path.abspath(binary), tmp_path_factory.mktemp('printed') / 'all')


@pytest.fixture(scope='session')
def quarter(tmp_path_factory):
    """A copy of the sample quarter that grows: at first September's files are missing."""
    folder = tmp_path_factory.mktemp('input') / 'quarter'
    shutil.copytree(QUARTER, folder, ignore=shutil.ignore_patterns('*2026-09*', '*_202609*', 'auth.log', 'export.csv'))
    return folder


@pytest.fixture(scope='session')
def store_folder(proofline, quarter, tmp_path_factory):
    """The quarter, ingested in two goes, so that most sources have more than one seal."""
    folder = tmp_path_factory.mktemp('store') / 'store'
    proofline('init', '--store', folder, '--origin', ORIGIN)
    for _ in range(2):
        proofline('ingest', '--store', folder, '--config', quarter / 'sources.yaml', expect=(0, 1))
        shutil.copytree(QUARTER, quarter, dirs_exist_ok=True)
    return folder


class Released:
    """A pack signed by two people, timestamped and released, with what a verifier gets by another way than the pack."""

    def __init__(self, pack, keys, store_folder):
        self.pack, self.root, self.tsa_root = pack, keys / 'ca.pem', keys / 'ca.pem'
        self.log_verifier = notes.Verifier((store_folder / 'keys/log.vkey').read_text())
        self.policy = keys / 'policy.txt'
        self.policy.write_text(f'log {(store_folder / "keys/log.vkey").read_text().strip()}\nquorum none\n')


@pytest.fixture(scope='session')
def keys(proofline, tmp_path_factory):
    """An authority, a preparer, an approver and a timestamp authority."""
    folder = tmp_path_factory.mktemp('keys') / 'keys'
    proofline('key', 'ca', '--name', 'Interop Evidence CA', '--out', folder, '--unencrypted')
    for file, name in (('preparer', 'Petra Preparer'), ('approver', 'Anton Approver')):
        proofline('key', 'issue', '--authority', folder, '--name', name, '--file', file, '--out', folder, '--unencrypted')
    proofline('key', 'tsa', '--authority', folder, '--name', 'Interop Timestamps', '--out', folder, '--unencrypted')
    return folder


@pytest.fixture(scope='session')
def released(proofline, store_folder, keys, tmp_path_factory):
    out = tmp_path_factory.mktemp('packs')
    proofline('pack', 'build', '--store', store_folder, '--period', '2026Q3', '--nonce', NONCE, '--chain', keys / 'ca.pem', '--out', out, expect=(0, 1))
    pack, = out.iterdir()
    proofline('pack', 'sign', pack, '--key', keys / 'preparer.key', '--certificate', keys / 'preparer.pem')
    proofline('pack', 'approve', pack, '--key', keys / 'approver.key', '--certificate', keys / 'approver.pem', '--root', keys / 'ca.pem',
              '--tsa-key', keys / 'tsa.key', '--tsa-certificate', keys / 'tsa.pem')
    proofline('pack', 'release', pack, '--store', store_folder)
    return Released(pack, keys, store_folder)
