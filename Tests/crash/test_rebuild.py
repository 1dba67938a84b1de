"""`fsck --rebuild` of a lost catalogue, killed at every call that changes a file: run again, it makes the same store.

CRASH_INJECT says how many calls are tried (CI: a sample); 0 tries each."""
import collections
import os
import random
import re
import shutil
import subprocess

import pytest

from conftest import ORIGIN, QUARTER
from stores import check_ledger

TRIED = int(os.environ.get('CRASH_INJECT', '40'))
CALLS = ('write', 'pwrite64', 'fsync', 'fdatasync', 'rename', 'ftruncate', 'unlink')
LINE = re.compile(r'^(\d+) +(\w+)\((?:\d+<([^>]*)>|(?:AT_FDCWD[^,]*, )?"([^"]*)")')
LINES = sorted((QUARTER / 'okta').glob('*.jsonl'))[0].read_bytes().splitlines(keepends=True)


@pytest.fixture
def lost(call, tmp_path):
    """A store of two commits without its catalogue and without one index, and the answer that it gave while it was whole."""
    store = tmp_path / 'lost'
    call('init', '--store', store, '--origin', ORIGIN)
    for number in range(2):
        log = tmp_path / f'{number}.jsonl'
        log.write_bytes(b''.join(LINES[number * 30:(number + 1) * 30]))
        call('ingest', '--store', store, '--parser', 'okta', '--source', f'okta-{number}', log)
    answer = call('query', '--store', store, '--format', 'jsonl').stdout
    ledger = check_ledger(store)
    for path in store.glob('catalogue.sqlite*'):
        path.unlink()
    next((store / 'segments').glob('*.idx')).unlink()
    return store, answer, ledger


def test_killed_at_any_call_a_rebuild_is_run_again(binary, call, lost, tmp_path):
    if not shutil.which('strace'):
        pytest.skip('strace is not there')
    store, answer, ledger = lost
    whole = shutil.copytree(store, tmp_path / 'whole', copy_function=shutil.copy2)
    trace = tmp_path / 'trace'
    run = subprocess.run(
        ['strace', '-f', '-y', '-qq', '-o', trace, '-e', 'trace=' + ','.join(CALLS), binary, 'fsck', '--store', whole, '--rebuild'],
        capture_output=True, text=True, timeout=300)
    if 'ptrace' in run.stderr or 'Operation not permitted' in run.stderr:
        pytest.skip('strace may not trace here')
    assert run.returncode == 0, run.stdout + run.stderr
    seen, places = collections.Counter(), set()
    for line in trace.read_text().splitlines():
        if hit := LINE.match(line):
            seen[hit[1], hit[2]] += 1
            if (hit[3] or hit[4] or '').startswith(str(whole)):
                places.add((hit[2], seen[hit[1], hit[2]]))
    seed = random.randrange(1 << 30)
    tries = sorted(places)
    if TRIED:
        tries = random.Random(seed).sample(tries, min(TRIED, len(tries)))
    killed = 0
    for number, (name, when) in enumerate(tries):
        copy = shutil.copytree(store, tmp_path / f'copy{number}', copy_function=shutil.copy2)
        arguments = [binary, 'fsck', '--store', copy, '--rebuild']
        run = subprocess.run(
            ['strace', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={name}', '-e', f'inject={name}:signal=KILL:when={when}', *arguments],
            capture_output=True, text=True, timeout=300)
        killed += run.returncode in (-9, 137)
        said = call(*arguments[1:]).stdout
        assert 'lost:' not in said, f'{name} {when}: {said}'
        assert call('query', '--store', copy, '--format', 'jsonl').stdout == answer, f'{name} {when}'
        assert check_ledger(copy) == ledger, f'{name} {when}'
        shutil.rmtree(copy)
    print(f'seed {seed}: {len(tries)} of {len(places)} calls, {killed} rebuilds were killed')
    assert killed >= len(tries) * 9 // 10
