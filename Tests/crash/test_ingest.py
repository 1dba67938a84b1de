"""`ingest` under kill -9, a full disk and a disk that does not answer."""
import os
import re
import random
import shutil
import subprocess
import time

import pytest

from conftest import ORIGIN, QUARTER
from stores import check_ledger, events, quarantined

KILLS = int(os.environ.get('CRASH_INGEST_KILLS', '50'))
CONFIG = QUARTER / 'sources.yaml'
# Many small commits, so that a kill finds the program in every step of one.
SMALL = ('--commit-events', '400')


@pytest.fixture(scope='module')
def undisturbed(call, tmp_path_factory):
    store = tmp_path_factory.mktemp('whole') / 'store'
    call('init', '--store', store, '--origin', ORIGIN)
    begin = time.monotonic()
    call('ingest', '--store', store, '--config', CONFIG, *SMALL)
    seconds = time.monotonic() - begin
    return {'events': events(call, store), 'ledger': check_ledger(store), 'quarantined': quarantined(store), 'seconds': seconds}


def check(call, store, undisturbed):
    assert events(call, store) == undisturbed['events']
    assert check_ledger(store) == undisturbed['ledger']
    assert quarantined(store) == undisturbed['quarantined']
    call('fsck', '--store', store)


def test_kill_at_random_moments_then_ingest_again(binary, call, new_store, undisturbed):
    seed = random.randrange(1 << 30)
    print('seed', seed, 'seconds of an undisturbed run', round(undisturbed['seconds'], 2))
    chance = random.Random(seed)
    partial = 0
    for number in range(KILLS):
        store = new_store(f'store{number}')
        run = subprocess.Popen(
            [binary, 'ingest', '--store', store, '--config', CONFIG, *SMALL], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, undisturbed['seconds']))
        run.kill()
        run.wait()
        before = check_ledger(store)[1]['received']
        partial += 0 < before < undisturbed['ledger'][1]['received']
        call('ingest', '--store', store, '--config', CONFIG, *SMALL)
        check(call, store, undisturbed)
        shutil.rmtree(store)
    print(f'{partial} of {KILLS} kills left a part of the events')
    assert partial >= KILLS // 8


def test_a_second_run_adds_nothing(call, new_store, undisturbed):
    store = new_store()
    call('ingest', '--store', store, '--config', CONFIG)
    size = (store / 'log' / 'checkpoint').read_text().splitlines()[1]
    again = call('ingest', '--store', store, '--config', CONFIG)
    assert 'nothing new' in again.stdout
    assert (store / 'log' / 'checkpoint').read_text().splitlines()[1] == size
    assert len(events(call, store)) == len(undisturbed['events'])


def test_a_full_disk_is_one_clear_line_and_nothing_is_lost(call, tmp_path, undisturbed):
    if os.geteuid() != 0:
        pytest.skip('mounting a small file system needs root')
    disk = tmp_path / 'disk'
    disk.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', str(disk)]).returncode:
        pytest.skip('no tmpfs can be mounted here')
    try:
        store = disk / 'store'
        call('init', '--store', store, '--origin', ORIGIN)
        filler = disk / 'filler'
        for free in (700_000, 1_500_000, 3_000_000):
            filler.write_bytes(b'')
            room = shutil.disk_usage(disk).free
            filler.write_bytes(b'\0' * max(0, room - free))
            full = call('ingest', '--store', store, '--config', CONFIG, *SMALL, expect=(0, 3))
            if full.returncode == 3:
                lines = full.stderr.strip().splitlines()
                assert len(lines) == 1 and 'full' in lines[0], full.stderr
            filler.write_bytes(b'')
            call('fsck', '--store', store)
        call('ingest', '--store', store, '--config', CONFIG, *SMALL)
        check(call, store, undisturbed)
    finally:
        subprocess.run(['umount', '-l', str(disk)])


def test_a_failing_fsync_stops_it_and_nothing_is_lost(binary, call, new_store, tmp_path, undisturbed):
    if not shutil.which('strace'):
        pytest.skip('strace is not there')
    stopped = 0
    for when in (1, 2, 3, 5, 8, 13, 21):
        store = new_store(f'store{when}')
        trace = tmp_path / f'trace{when}'
        run = subprocess.run(
            ['strace', '-f', '-qq', '-y', '-o', trace, '-e', 'trace=fsync,fdatasync', '-e', f'inject=fsync,fdatasync:error=EIO:when={when}',
             binary, 'ingest', '--store', store, '--config', CONFIG, *SMALL], capture_output=True, text=True, timeout=600)
        if 'ptrace' in run.stderr or 'Operation not permitted' in run.stderr:
            pytest.skip('strace may not trace here')
        # strace counts each thread's calls of each name. Lines of the catalogue and the log's files are written again where that fails, and SQLite
        # does without the sync of its folder: those need not stop anything.
        failed = [line for line in trace.read_text().splitlines() if '(INJECTED)' in line]
        fatal = [line for line in failed if not re.search(r'/(catalogue\.jsonl[^/]*|vault|log|log/[^>]*)>', line)]
        assert run.returncode in ((3,) if fatal else (0, 3) if failed else (0,)), (when, run.returncode, failed, run.stderr)
        assert len(run.stderr.strip().splitlines()) == (1 if run.returncode else 0), run.stderr
        stopped += run.returncode == 3
        call('ingest', '--store', store, '--config', CONFIG, *SMALL)
        check(call, store, undisturbed)
    assert stopped >= 4
