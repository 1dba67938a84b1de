"""Records whose lines stand apart, under kill -9: none is lost, torn or there twice."""
import json
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from conftest import ORIGIN
from stores import check_ledger, events

KILLS = int(os.environ.get('CRASH_JOINED_KILLS', '12'))
DEEDS = int(os.environ.get('CRASH_JOINED_DEEDS', '4000'))


def lines(count, seed):
    """The kernel's lines of many calls, up to five of them open at a time, with lines that stand alone between."""
    chance = random.Random(seed)
    waiting, out, number = [], [], 0
    while number < count or waiting:
        if number < count and len(waiting) < 5:
            head = f'msg=audit({1782893000 + number // 50}.{number % 1000:03d}:{number})'
            if chance.random() < 0.2:
                waiting.append([f'type=USER_ACCT {head}: pid=1 uid=0 auid=1000 ses=1 msg=\'op=PAM acct="a{number}" exe="/x" res=success\''])
            else:
                paths = [f'type=PATH {head}: item={i} name="/data/{number}/{i}" nametype=NORMAL' for i in range(chance.randrange(4))]
                waiting.append([
                    f'type=SYSCALL {head}: arch=c000003e syscall=59 success=yes exit=0 pid={number} auid={1000 + number % 7} uid=0 ses=1 comm="c" exe="/bin/c"',
                    f'type=EXECVE {head}: argc=2 a0="c" a1="{number}"', f'type=CWD {head}: cwd="/w"', *paths, f'type=PROCTITLE {head}: proctitle="c"'])
            number += 1
        place = chance.randrange(len(waiting))
        out.append(waiting[place].pop(0))
        if not waiting[place]:
            waiting.pop(place)
    return out


@pytest.fixture(scope='module')
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp('log')
    (folder / 'audit.log').write_text('\n'.join(lines(DEEDS, 1)) + '\n')
    (folder / 'sources.yaml').write_text('version: 1\nsources:\n  - {id: audit, parser: auditd, paths: ["audit.log*"]}\n')
    return folder


def shown(rows):
    rows = (json.loads(row) for row in rows)
    return sorted((row['correlation'], row['action'], len(row.get('targets', [])), row.get('attributes', {}).get('arguments', '')) for row in rows)


@pytest.fixture(scope='module')
def undisturbed(call, log, tmp_path_factory):
    store = tmp_path_factory.mktemp('whole') / 'store'
    call('init', '--store', store, '--origin', ORIGIN)
    begin = time.monotonic()
    call('ingest', '--store', store, '--config', log / 'sources.yaml', '--commit-events', '200')
    return {'events': shown(events(call, store)), 'ledger': check_ledger(store), 'seconds': time.monotonic() - begin}


def test_each_call_is_one_event(undisturbed):
    assert len(undisturbed['events']) == DEEDS
    assert len({row[0] for row in undisturbed['events']}) == DEEDS


def test_kill_at_random_moments_then_ingest_again(binary, call, new_store, log, undisturbed):
    seed = random.randrange(1 << 30)
    print('seed', seed)
    chance = random.Random(seed)
    for number in range(KILLS):
        store = new_store(f'store{number}')
        command = [binary, 'ingest', '--store', store, '--config', log / 'sources.yaml', '--commit-events', '200']
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, undisturbed['seconds']))
        run.kill()
        run.wait()
        call('ingest', '--store', store, '--config', log / 'sources.yaml', '--commit-events', '200')
        assert shown(events(call, store)) == undisturbed['events']
        assert check_ledger(store) == undisturbed['ledger']
        call('fsck', '--store', store)
        shutil.rmtree(store)


def test_a_service_killed_while_calls_are_open_goes_on_with_them(binary, call, new_store, tmp_path, undisturbed):
    chance = random.Random(5)
    store = new_store()
    (tmp_path / 'sources.yaml').write_text('version: 1\nsources:\n  - {id: audit, parser: auditd, paths: ["audit.log*"]}\n')
    text = ('\n'.join(lines(DEEDS, 1)) + '\n').encode()
    command = [binary, 'run', '--store', store, '--config', tmp_path / 'sources.yaml']
    at = 0
    with open(tmp_path / 'audit.log', 'ab', buffering=0) as log:
        for part in range(6):
            run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # Pieces end inside lines and inside calls; pauses stay below the time that a record waits.
            end = len(text) if part == 5 else len(text) * (part + 1) // 6
            while at < end:
                step = min(end - at, chance.randrange(1, 60_000))
                log.write(text[at:at + step])
                at += step
                time.sleep(0.05)
            if part == 5:
                time.sleep(6)
                run.send_signal(signal.SIGTERM)
            else:
                time.sleep(chance.uniform(0, 0.8))
                run.kill()
            run.wait()
    call('ingest', '--store', store, '--config', tmp_path / 'sources.yaml')
    assert shown(events(call, store)) == undisturbed['events']
    call('fsck', '--store', store)
