"""Every byte of a small store changed in turn: `fsck` finds it, and no query gives another answer than before.

ROT_SECONDS bounds each test (CI: a sample in random order); 0 changes every byte, which `make soak` does. ROT_LINES is the number of
records in each of the two commits (25: a store of 64 KiB; 7000: more than a MiB, which `make soak` samples)."""
import collections
import json
import os
import pathlib
import random
import sqlite3
import uuid

import pytest

from conftest import ORIGIN, QUARTER
from rot import Rot

SECONDS = int(os.environ.get('ROT_SECONDS', '40'))
WORKERS = os.cpu_count() or 2
RECORDS = int(os.environ.get('ROT_LINES', '25'))
LINES = sorted((QUARTER / 'okta').glob('*.jsonl'))[0].read_bytes().splitlines(keepends=True)


def record(number):
    """The sample's line; behind its end the lines come again with ids of their own."""
    line = LINES[number % len(LINES)]
    if number < len(LINES):
        return line
    try:
        event = json.loads(line)
    except ValueError:
        return line
    chance = random.Random(number)
    event['uuid'] = str(uuid.UUID(int=chance.getrandbits(128)))
    event['transaction']['id'] = f'{chance.getrandbits(96):024x}'
    return json.dumps(event).encode() + b'\n'


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
        log.write_bytes(b''.join(record(n) for n in range(number * RECORDS, (number + 1) * RECORDS)))
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
    paths = files(rot.store, 'segments/*', 'bindings/*', 'duplicates/*', 'catalogue.jsonl', 'log/checkpoint', 'log/tile/**/*', 'keys/log.vkey')
    flips = rot.flips(paths, seed)
    judged = rot.run(flips, tmp_path, SECONDS, WORKERS)
    tell(judged, len(flips), seed)
    assert len(judged) >= min(len(flips), 200)
    assert [f'{flip}: {flip.crashed}' for flip in judged if flip.crashed] == []
    assert [f'{flip}: {flip.wrong}' for flip in judged if flip.wrong] == []
    assert [str(flip) for flip in judged if not flip.is_found] == []


def meaning(path):
    """Everything that an SQLite file says, or why it cannot be read: free pages and slack say nothing."""
    try:
        base = sqlite3.connect(f'file:{path}?immutable=1', uri=True)
        base.text_factory = bytes
        tables = [row[0].decode() for row in base.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        rows = {table: base.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}
        schema = base.execute('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').fetchall()
        # A damaged index can hide rows that the table still has.
        whole = base.execute('PRAGMA integrity_check').fetchall()
        base.close()
        return rows, schema, whole
    except (sqlite3.Error, UnicodeDecodeError, ValueError, OverflowError) as error:
        return str(error)


# Columns of the catalogue that nothing else says again: a changed bit there is another value, and nothing knows. What it leads to is said in
# docs/formats/store.md: the files of a merged segment go sooner or later.
SAID_ONCE = {'replaced_segment': ('replaced',)}


def differences(store, before, after):
    """The columns whose values changed; None where the file cannot be compared row by row."""
    if isinstance(before, str) or isinstance(after, str) or before[1:] != after[1:]:
        return None
    changed = set()
    base = sqlite3.connect(f'file:{store}/catalogue.sqlite?immutable=1', uri=True)
    for table, rows in before[0].items():
        names = [row[1] for row in base.execute(f'PRAGMA table_info("{table}")')]
        now = after[0].get(table, [])
        if len(rows) != len(now):
            return None
        changed |= {(table, name) for old, new in zip(rows, now) for name, a, b in zip(names, old, new) if a != b}
    base.close()
    return changed


def test_a_changed_byte_in_the_catalogue_gives_no_other_answer(rot, tmp_path):
    """The catalogue is SQLite, whose pages have no checksums. What must hold: no crash, no wrong answer, and `fsck` finds what changes anything that
    is said elsewhere too. Values that are said nowhere else are counted and printed."""
    seed = random.randrange(1 << 30)
    path = pathlib.Path('catalogue.sqlite')
    whole = meaning(rot.store / path)
    silent, unfound = collections.Counter(), []

    def judge(store, flip):
        for suffix in ('-wal', '-shm'):
            (store / f'catalogue.sqlite{suffix}').unlink(missing_ok=True)
        with open(store / path, 'r+b') as file:
            file.seek(flip.offset)
            byte = file.read(1)[0]
            file.seek(flip.offset)
            file.write(bytes([byte ^ flip.mask]))
        now = meaning(store / path)
        with open(store / path, 'r+b') as file:
            file.seek(flip.offset)
            file.write(bytes([byte]))
        # Nine of ten bytes are free or slack: of those that say nothing a tenth is enough, so that the time goes to the others.
        flip.is_meaningful = now != whole
        if not flip.is_meaningful and flip.offset % 10:
            flip.is_passed_over = True
            return flip
        flip = rot.judge(store, flip)
        if not flip.is_found and now != whole:
            changed = differences(rot.store, whole, now)
            if changed and all(column in SAID_ONCE.get(table, ()) for table, column in changed):
                silent.update(f'{table}.{column}' for table, column in changed)
            else:
                unfound.append(f'{flip}: {changed}')
        return flip
    flips = rot.flips([path], seed)
    judged = [flip for flip in rot.run(flips, tmp_path, SECONDS, WORKERS, judge) if not flip.is_passed_over]
    tell(judged, len(flips), seed)
    print(f'{sum(flip.is_meaningful for flip in judged)} changed what the catalogue says; not found, being said once: {dict(silent)}')
    assert [f'{flip}: {flip.crashed}' for flip in judged if flip.crashed] == []
    assert [f'{flip}: {flip.wrong}' for flip in judged if flip.wrong] == []
    assert unfound == []
