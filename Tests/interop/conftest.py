"""A store of the sample quarter and a released pack, made once per run through the command line alone.

PROOFLINE names the binary. Everything that the program prints is kept, since the leak test reads it too.
"""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUARTER = ROOT / 'samples' / 'quarter'
ORIGIN = 'log.example.org/interop'
PERIOD = ('--since', '2026-07-01', '--until', '2026-10-01')


class Proofline:
    """The program under test, with a folder for what it prints."""

    def __init__(self, binary, printed):
        self.binary, self.printed, self.calls = binary, printed, 0
        printed.mkdir(parents=True)

    def __call__(self, *arguments, expect=0, **options):
        run = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, timeout=900, **options)
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
def store_folder(proofline, tmp_path_factory):
    """The quarter, ingested once."""
    folder = tmp_path_factory.mktemp('store') / 'store'
    proofline('init', '--store', folder, '--origin', ORIGIN)
    proofline('ingest', '--store', folder, '--config', QUARTER / 'sources.yaml', expect=(0, 1))
    return folder
