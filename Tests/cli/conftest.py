"""The program as clumsy and as hostile users meet it. PROOFLINE names the binary."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUARTER = ROOT / 'samples' / 'quarter'
OKTA = sorted((QUARTER / 'okta').glob('*.jsonl'))[0]
ORIGIN = 'log.example.org/cli'
# What no user may ever see: traces, traps, and what Swift prints of its own types.
INNARDS = re.compile(rb'Fatal error|Stack dump|backtrace|Program crashed|Swift runtime|\.swift:\d+|Optional\(|Error Domain|NSUnderlying')


@pytest.fixture(scope='session')
def binary():
    path = os.environ.get('PROOFLINE')
    if not path or not os.access(path, os.X_OK):
        pytest.fail('PROOFLINE must name the built program, for example: PROOFLINE=.build/release/proofline')
    return os.path.abspath(path)


@pytest.fixture(scope='session')
def call(binary):
    """Runs a verb, holds it to an exit code, and looks for innards in what it prints."""
    def call(*arguments, expect=0, before=(), timeout=300, **options):
        run = subprocess.run([*before, binary, *map(str, arguments)], capture_output=True, timeout=timeout, **options)
        said = f'{" ".join(map(str, arguments))} ended with {run.returncode}\n{run.stdout[-2000:]}\n{run.stderr[-4000:]}'
        assert run.returncode == expect, said
        assert not INNARDS.search(run.stdout + run.stderr), said
        return run
    return call


@pytest.fixture(scope='session')
def refused(call):
    """The call ends with a code and exactly one line on standard error, in which these words stand."""
    def refused(code, *arguments, says=(), **options):
        run = call(*arguments, expect=code, **options)
        lines = run.stderr.decode().strip().splitlines()
        assert len(lines) == 1 and lines[0].startswith('proofline: '), run.stderr.decode()
        for word in says:
            assert str(word) in lines[0], lines[0]
        return run
    return refused


@pytest.fixture
def new_store(call, tmp_path):
    def new_store(name='store'):
        call('init', '--store', tmp_path / name, '--origin', ORIGIN)
        return tmp_path / name
    return new_store


@pytest.fixture(scope='session')
def small_store(call, tmp_path_factory):
    """A store with sixty events, to be copied."""
    folder = tmp_path_factory.mktemp('small')
    lines = OKTA.read_bytes().splitlines(keepends=True)
    (folder / 'okta.jsonl').write_bytes(b''.join(lines[:60]) + b'{"broken": \n')
    call('init', '--store', folder / 'store', '--origin', ORIGIN)
    call('ingest', '--store', folder / 'store', '--parser', 'okta', folder / 'okta.jsonl')
    return folder / 'store'


@pytest.fixture
def store(small_store, tmp_path):
    return shutil.copytree(small_store, tmp_path / 'store', copy_function=shutil.copy2)


@pytest.fixture(scope='session')
def nobody():
    """The beginning of a command line under another user's rights, so that permissions count although root runs the tests."""
    if os.geteuid() != 0:
        return []
    if not shutil.which('setpriv'):
        pytest.skip('root reads everything, and setpriv is not there to give that up')
    return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']


@pytest.fixture
def reachable(tmp_path, binary):
    """A folder that every user can reach; the binary too, or the test is skipped."""
    for path in [tmp_path, *tmp_path.parents]:
        if not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o011)
    for path in pathlib.Path(binary).parents:
        if not path.stat().st_mode & 0o001:
            pytest.skip(f'another user cannot reach the program: {path} is closed')
    return tmp_path
