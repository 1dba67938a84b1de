"""`run` under kill -9 while its file is rotated in both styles."""
import collections
import json
import os
import random
import signal
import sqlite3
import subprocess
import time

from logwriter import LogWriter
from stores import check_ledger

RATE = int(os.environ.get('CRASH_RATE', '2000'))
KILLS = int(os.environ.get('CRASH_KILLS', '10'))


def start(binary, store, config, *more):
    return subprocess.Popen([binary, 'run', '--store', store, '--config', config, *more], stderr=subprocess.PIPE, text=True)


def merges(store):
    """How many segments were merged into others."""
    with sqlite3.connect(f'file:{store}/catalogue.sqlite?mode=ro', uri=True) as base:
        return base.execute('SELECT count(*) FROM replaced_segment').fetchone()[0]


def test_every_line_is_there_once_after_kills_while_segments_are_merged(binary, call, new_store, tmp_path):
    logs = tmp_path / 'logs'
    logs.mkdir()
    config = tmp_path / 'sources.yaml'
    config.write_text(f'version: 1\nsources:\n  - id: app\n    parser: product_audit\n    paths: ["{logs}/app.log*"]\n')
    store = new_store()
    seed = random.randrange(1 << 30)
    print('seed', seed)
    chance = random.Random(seed)
    writer = LogWriter(logs, RATE)
    writer.start()
    for _ in range(KILLS):
        service = start(binary, store, config, '--compaction-interval', '0.1')
        time.sleep(chance.uniform(0.3, 4.0))
        assert service.poll() is None, service.stderr.read()
        service.kill()
        service.wait()
        time.sleep(chance.uniform(0, 0.8))
    service = start(binary, store, config)
    time.sleep(4)
    writer.stop()
    received, deadline = -1, time.monotonic() + 120
    while received < writer.count and time.monotonic() < deadline:
        time.sleep(1)
        received = check_ledger(store)[1]['received']
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=30) == 0, service.stderr.read()

    sizes, sums = check_ledger(store)
    written = sum(path.stat().st_size for path in logs.iterdir())
    rows = [json.loads(line) for line in call('query', '--store', store, '--format', 'jsonl', timeout=900).stdout.splitlines()]
    found = collections.Counter(row['targets'][0]['id'] for row in rows)
    expected = {f'n{number}' for number in range(writer.count)}
    print(f'{writer.count} lines, {writer.rotations} rotations, {KILLS} kills, {len(rows)} events')
    print(f'{merges(store)} segments were merged')
    assert writer.rotations >= min(4, KILLS // 2)
    assert merges(store) > 0
    assert set(found) == expected, f'missing {sorted(expected - set(found))[:5]}, strange {sorted(set(found) - expected)[:5]}'
    assert [name for name, count in found.items() if count > 1] == []
    assert sums == {'received': writer.count, 'parsed': writer.count, 'duplicates': 0, 'quarantined': 0, 'skipped': 0}
    assert sizes == {'app': written}
    call('fsck', '--store', store)


def test_a_record_can_be_queried_within_a_second(binary, call, new_store, tmp_path):
    config = tmp_path / 'sources.yaml'
    config.write_text(f'version: 1\nsources:\n  - id: app\n    parser: product_audit\n    paths: ["{tmp_path}/app.log"]\n')
    store = new_store()
    service = start(binary, store, config)
    writer = LogWriter(tmp_path, 1)
    delays = []
    try:
        time.sleep(1.5)
        for number in range(5):
            with open(tmp_path / 'app.log', 'a') as log:
                log.write(writer.line(number))
            written = time.monotonic()
            while f'"n{number}"' not in call('query', '--store', store, '--format', 'jsonl').stdout:
                assert time.monotonic() - written < 10
            delays.append(time.monotonic() - written)
            time.sleep(0.3)
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=30) == 0
    print('seconds until visible, the query itself included:', [round(delay, 2) for delay in delays])
    assert sorted(delays)[2] < 1.0


def test_sigterm_ends_the_epoch_and_a_second_writer_is_refused(binary, call, new_store, tmp_path):
    config = tmp_path / 'sources.yaml'
    config.write_text(f'version: 1\nsources:\n  - id: app\n    parser: product_audit\n    paths: ["{tmp_path}/app.log"]\n')
    store = new_store()
    service = start(binary, store, config)
    time.sleep(1.5)
    refused = call('ingest', '--store', store, '--config', config, expect=(3,))
    assert len(refused.stderr.strip().splitlines()) == 1 and str(service.pid) in refused.stderr
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=30) == 0
    assert 'stopped' in service.stderr.read()
    call('fsck', '--store', store)
