"""Every byte of a small store changed in turn: `fsck` finds it, and no query gives another answer than before.

ROT_SECONDS bounds each test (CI: a sample in random order); 0 changes every byte, which `make soak` does."""
import collections
import json
import os
import pathlib
import random
import sqlite3

import pytest

from conftest import ORIGIN, QUARTER
from rot import Rot

SECONDS = int(os.environ.get('ROT_SECONDS', '40'))
WORKERS = os.cpu_count() or 2
LINES = sorted((QUARTER / 'okta').glob('*.jsonl'))[0].read_bytes().splitlines(keepends=True)


def folded(store):
    """Moves what SQLite keeps in write-ahead logs into the files themselves."""
    for name in ('catalogue.sqlite', 'vault/vault.sqlite', 'vault/quarantine.sqlite'):
        if (store / name).exists():
            base = sqlite3.connect(store / name)
            base.execute('PRAGMA wal_checkpoint(TRUNCATE)')
            base.close()


@pytest.fixture(scope='module')
def rot(binary, call, tmp_path_factory):
    """A store of two commits, and questions that go through filters, indexes, columns and late rows alike."""
    folder = tmp_path_factory.mktemp('rot')
    store = folder / 'store'
    call('init', '--store', store, '--origin', ORIGIN)
    for number in range(2):
        log = folder / f'{number}.jsonl'
        log.write_bytes(b''.join(LINES[number * 25:(number + 1) * 25]))
        call('ingest', '--store', store, '--parser', 'okta', '--source', f'okta-{number}', log)
    folded(store)
    rows = [json.loads(line) for line in call('query', '--store', store, '--format', 'jsonl').stdout.splitlines()]
    assert len(rows) >= 45
    row = next(row for row in rows if row.get('message') and row.get('event_id') and row['actor'].get('id'))
    times = sorted(row['time'] for row in rows)
    queries = [
        '', '| count', '| count by action', '| histogram 1h by outcome', '| top 3 actor.id', f'event_id:{row["event_id"]}',
        f'actor.id:{row["actor"]["id"]}', f'message:*{row["message"].split()[-1]}*', f'since:{times[10]} until:{times[40]} | count by source',
    ]
    return Rot(binary, store, queries)


def files(store, *patterns):
    return [path.relative_to(store) for pattern in patterns for path in sorted(store.glob(pattern)) if path.is_file()]


def tell(judged, count, seed):
    kinds = collections.Counter(str(flip.path).split('/')[0] for flip in judged)
    print(f'seed {seed}: {len(judged)} of {count} bytes changed ({dict(kinds)}), {sum(flip.is_found for flip in judged)} found')


def test_every_changed_byte_is_found_and_answers_stay_right(rot, tmp_path):
    seed = random.randrange(1 << 30)
    paths = files(rot.store, 'segments/*', 'bindings/*', 'duplicates/*', 'log/checkpoint', 'log/tile/**/*', 'keys/log.vkey')
    flips = rot.flips(paths, seed)
    judged = rot.run(flips, tmp_path, SECONDS, WORKERS)
    tell(judged, len(flips), seed)
    assert len(judged) >= min(len(flips), 200)
    assert [f'{flip}: {flip.crashed}' for flip in judged if flip.crashed] == []
    assert [f'{flip}: {flip.wrong}' for flip in judged if flip.wrong] == []
    assert [str(flip) for flip in judged if not flip.is_found] == []
