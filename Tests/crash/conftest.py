"""The real binary under kill -9, full disks and failing fsync. PROOFLINE names it."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUARTER = ROOT / 'samples' / 'quarter'
ORIGIN = 'log.example.org/crash'


@pytest.fixture(scope='session')
def binary():
    path = os.environ.get('PROOFLINE')
    if not path or not os.access(path, os.X_OK):
        pytest.fail('PROOFLINE must name the built program, for example: PROOFLINE=.build/release/proofline')
    return os.path.abspath(path)


@pytest.fixture(scope='session')
def call(binary):
    def call(*arguments, expect=(0,), timeout=600):
        run = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=timeout)
        if expect is not None:
            assert run.returncode in expect, f'{arguments} ended with {run.returncode}\n{run.stdout[-2000:]}\n{run.stderr[-4000:]}'
        return run
    return call


@pytest.fixture
def new_store(call, tmp_path):
    def new_store(name='store'):
        folder = tmp_path / name
        call('init', '--store', folder, '--origin', ORIGIN)
        return folder
    return new_store
