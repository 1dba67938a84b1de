"""Quarantined records, a mended parser, and what the store then says."""
import json
import shutil
import subprocess

import pytest

PARSER = '''id: doors
version: {version}
title: Doors
formats:
  - framing: lines
    pattern: {pattern}
require: [who]
actions:
  from: kind
  other: auth
  table: {{opened: auth.session.start}}
fields:
  time: when
  event_id: id
  actor.id: who
{reason}{more}
'''
OLD = '"<when:iso> <id:word> <kind:name> <who:word>"'
NEW = '["<when:iso> <id:word> <kind:name> <who:word>", "<when:iso> <id:word> <kind:name> by <who:word> because <why:rest>"]'

LINES = '''2026-07-01T08:00:00Z e1 opened alice
2026-07-01T08:00:01Z e2 opened by bob because of rain
2026-07-01T08:00:02Z e3 opened by bob because of snow
2026-07-01T08:00:03Z e4 opened carol
2026-07-01T08:00:04Z e5 noise by bob because of noise
2026-07-01T08:00:05Z e6 opened by dora because of mail to dora@example.org
not a line of doors
'''


def definition(folder, version, pattern, more=''):
    path = folder / 'doors'
    (path / 'fixtures').mkdir(parents=True, exist_ok=True)
    (path / 'parser.yaml').write_text(PARSER.format(version=version, pattern=pattern, more=more, reason='  reason: why\n' if 'why' in pattern else ''))
    (path / 'README.md').write_text('# doors\n')
    return folder


@pytest.fixture
def doors(call, new_store, tmp_path):
    """A store with five records in quarantine, two of which hold the same deed, and the folder of its parser."""
    mine = definition(tmp_path / 'mine', 1, OLD)
    log = tmp_path / 'doors.log'
    log.write_text(LINES)
    store = new_store()
    call('ingest', '--store', store, '--parsers', mine, '--parser', 'doors', log)
    return store, mine, log


def events(call, store):
    shown = call('query', '--store', store, '--format', 'jsonl', 'source:doors').stdout
    return [json.loads(line) for line in shown.splitlines()]


def reparse(call, store, mine, *more):
    return json.loads(call('reparse', '--store', store, '--parsers', mine, '--format', 'json', *more).stdout)['sources']



def catalogue(store):
    return next(p for p in store.iterdir() if p.name.startswith('catalogue') and p.suffix in ('.sqlite', '.db'))


def test_a_mended_parser_reads_what_was_quarantined(call, doors):
    store, mine, log = doors
    assert len(events(call, store)) == 2
    # Under the definition that failed nothing is tried.
    found = reparse(call, store, mine)['doors']
    assert (found['quarantined'], found['resolved'], found['unchanged']) == (5, 0, 5)
    definition(mine, 2, NEW, 'rules:\n  - when: {kind: noise}\n    skip: noise')
    # A preview counts and changes nothing.
    before = call('fsck', '--store', store).stdout
    found = reparse(call, store, mine, '--dry-run')['doors']
    assert (found['resolved'], found['events'], found['skipped'], found['left']) == (4, 3, 1, 1)
    assert call('fsck', '--store', store).stdout == before
    found = reparse(call, store, mine)['doors']
    assert (found['quarantined'], found['resolved'], found['events'], found['skipped'], found['left']) == (5, 4, 3, 1, 1)
    assert list(found['leftByReason'].values()) == [1]
    rows = events(call, store)
    assert [r['event_id'] for r in rows] == ['e1', 'e2', 'e3', 'e4', 'e6']
    assert {r['event_id']: r['parser_version'] for r in rows} == {'e1': '1', 'e4': '1', 'e2': '2', 'e3': '2', 'e6': '2'}
    # Minimized as at ingest: bob is one token, the address in the text is none.
    assert all(r['actor']['id'].startswith('usr_') for r in rows)
    assert rows[1]['actor']['id'] == rows[2]['actor']['id'] and 'dora@' not in json.dumps(rows)
    assert b'whole:' in call('fsck', '--store', store).stdout
    # A second run has nothing to do, and a second ingest brings nothing twice.
    found = reparse(call, store, mine)['doors']
    assert (found['quarantined'], found['resolved'], found['left']) == (1, 0, 1)
    call('ingest', '--store', store, '--parsers', mine, '--parser', 'doors', log)
    assert len(events(call, store)) == 5


def test_the_log_names_both_definitions_and_counts_nothing_twice(call, doors):
    import hashlib
    store, mine, _ = doors
    first = hashlib.sha256((mine / 'doors' / 'parser.yaml').read_bytes()).hexdigest()
    definition(mine, 2, NEW)
    reparse(call, store, mine)
    second = hashlib.sha256((mine / 'doors' / 'parser.yaml').read_bytes()).hexdigest()
    import sqlite3
    with sqlite3.connect(f'file:{catalogue(store)}?mode=ro', uri=True) as db:
        entries = [(index, kind, json.loads(data)) for index, kind, data in db.execute('select log_index, type, bytes from entry order by log_index')]
    seals = {index: e for index, kind, e in entries if kind == 'batch' and e['source'] == 'doors'}
    old, new = [seals[i] for i in sorted(seals)]
    assert (old['quarantined'], old['received']) == (5, 7)
    assert new['mode'] == 'reparse' and new['received'] == new['parsed'] == new['quarantined'] == 0
    assert new['resolved'] == {'records': 4, 'parsed': 4, 'duplicates': 0, 'skipped': 0} and new['count'] == 4
    assert (new['parserBefore']['version'], new['parserBefore']['sha256']) == ('1', first)
    assert (new['parser']['version'], new['parser']['sha256']) == ('2', second)
    corrections = [e for _, kind, e in entries if kind == 'reparse']
    assert len(corrections) == 1 and seals[corrections[0]['batch']] == old and seals[corrections[0]['seal']] == new
    # Two stretches: e2 and e3 are neighbours, e5 and e6 too, and between them lies what was read at once.
    offsets = [LINES.index(f'{t} e{n}') for t, n in [('2026-07-01T08:00:01Z', 2), ('2026-07-01T08:00:04Z', 5)]]
    ranges = corrections[0]['ranges']
    assert ranges[0][0] == offsets[0] and all(low < high for low, high in ranges)
    acts = call('query', '--store', store, '--format', 'jsonl', 'source:proofline').stdout
    assert b'proofline.record.reparse' in acts or b'proofline.record.reparse' in reparse_act(call, store, mine)


def reparse_act(call, store, mine):
    # The act is sealed by the next writer where this one had sealed its spool before.
    call('reparse', '--store', store, '--parsers', mine)
    return call('query', '--store', store, '--format', 'jsonl', 'source:proofline').stdout


def test_a_record_that_came_again_meanwhile_is_no_second_event(call, doors, tmp_path):
    store, mine, log = doors
    definition(mine, 2, NEW)
    again = tmp_path / 'again.log'
    again.write_text('2026-06-30T08:00:00Z e0 opened zoe\n' + LINES.splitlines()[1] + '\n')
    call('ingest', '--store', store, '--parsers', mine, '--parser', 'doors', again)
    found = reparse(call, store, mine)['doors']
    assert (found['resolved'], found['duplicate'], found['events']) == (4, 1, 3)
    assert sorted(r['event_id'] for r in events(call, store)) == ['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6']
    assert b'whole:' in call('fsck', '--store', store).stdout


def test_the_catalogue_can_be_made_again_after_a_reparse(call, doors):
    store, mine, _ = doors
    definition(mine, 2, NEW)
    reparse(call, store, mine)
    before = events(call, store)
    catalogue(store).unlink()
    for rest in store.glob('catalogue.sqlite-*'):
        rest.unlink()
    call('fsck', '--store', store, '--rebuild')
    assert events(call, store) == before
    assert reparse(call, store, mine)['doors']['resolved'] == 0
    assert b'whole:' in call('fsck', '--store', store).stdout


def test_killed_at_any_write_nothing_is_lost_or_twice(call, binary, doors, tmp_path):
    if not shutil.which('strace'):
        pytest.skip('needs strace')
    store, mine, _ = doors
    definition(mine, 2, NEW)

    def run(folder, inject):
        return subprocess.run(
            ['strace', '-f', '-qq', '-o', tmp_path / 'trace', '-e', 'trace=fsync,fdatasync', *inject, binary, 'reparse', '--store', folder, '--parsers', mine],
            capture_output=True, timeout=300)

    def copy(name):
        return shutil.copytree(store, tmp_path / name, copy_function=shutil.copy2)

    # Commits, the vault, the quarantine and the log all wait for a synchronization: the process dies at one of them, over the whole run.
    assert run(copy('whole'), []).returncode == 0
    calls = (tmp_path / 'trace').read_text().count('sync(')
    assert calls > 8
    points = sorted({1 + (calls - 1) * n // 7 for n in range(8)})
    died = 0
    for number in points:
        folder = copy(f'killed{number}')
        # strace counts the calls of each thread by itself, so the last points may never come.
        died += run(folder, ['-e', f'inject=fsync,fdatasync:signal=KILL:when={number}']).returncode != 0
        found = reparse(call, folder, mine)['doors']
        assert found['left'] == 1, f'killed at {number}'
        assert sorted(r['event_id'] for r in events(call, folder)) == ['e1', 'e2', 'e3', 'e4', 'e5', 'e6'], f'killed at {number}'
        assert b'whole:' in call('fsck', '--store', folder).stdout, f'killed at {number}'
    assert died >= 2


@pytest.mark.parametrize('arguments, says', [
    (['--store', '/nowhere'], ['/nowhere']),
    (['--source', 'dors'], ['dors', 'did you mean `doors`']),
    (['--parsers', '/nowhere'], ['/nowhere', '--parsers']),
    (['--policy', '/nowhere'], ['/nowhere']),
    (['--config', '/nowhere/s.yaml'], ['/nowhere/s.yaml']),
])
def test_a_wrong_call_is_one_clear_line(refused, doors, arguments, says):
    store, mine, _ = doors
    known = [] if '--store' in arguments else ['--store', store]
    refused(2 if '--store' not in arguments else 2, 'reparse', *known, '--parsers', mine, *arguments, says=says)


def test_an_empty_quarantine_is_nothing_to_do(call, new_store):
    assert b'nothing is in quarantine' in call('reparse', '--store', new_store()).stdout
