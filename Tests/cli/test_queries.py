"""Questions as people and programs put them: stages behind a bar, the shell, limits, wrong input."""
import collections
import json
import os
import pty
import re
import select
import subprocess
import time

import pytest


@pytest.fixture
def ask(call, store):
    """The JSON lines that a query prints."""
    def ask(query, *options, **more):
        run = call('query', '--store', store, '--format', 'jsonl', *options, '--', query, **more)
        return [json.loads(line) for line in run.stdout.splitlines()]
    return ask


@pytest.fixture
def shell(call, store):
    """What the shell prints for these lines."""
    def shell(lines, *options, expect=0):
        run = call('shell', '--store', store, *options, input='\n'.join(lines).encode() + b'\n', expect=expect)
        return run.stdout.decode().splitlines()
    return shell


def test_counts_are_those_of_the_events(ask):
    events = ask('')
    assert len(events) == 60 and ask('| count') == [{'count': 60}]
    by_action = collections.Counter(event['action'] for event in events)
    assert {row['action']: row['count'] for row in ask('| count by action')} == by_action
    counts = [row['count'] for row in ask('| count by action')]
    assert counts == sorted(counts, reverse=True)
    top = ask('| top 2 action')
    assert [row['count'] for row in top] == [count for _, count in by_action.most_common(2)]
    by_hour = collections.Counter((event['time'][:13], event.get('outcome')) for event in events)
    rows = ask('| histogram 1h by outcome')
    assert {(row['time'][:13], row.get('outcome')): row['count'] for row in rows} == by_hour
    assert [row['time'] for row in rows] == sorted(row['time'] for row in rows)
    assert ask('| distinct action') == [{'distinct': len(by_action)}]
    assert ask('| min time') == [{'min': min(event['time'] for event in events)}]
    assert ask('| max action') == [{'max': max(by_action)}]


def test_pieces_of_texts_and_the_first_rows(ask):
    events = ask('')
    assert ask('| first 3') == events[:3] == ask('', '--limit', '3')
    assert ask('| first 3', '--limit', '2') == events[:2]
    piece = next(event['message'] for event in events if len(event.get('message', '')) > 6)[1:6]
    expected = [event for event in events if piece.lower() in event.get('message', '').lower()]
    assert ask(f'message:"{piece}"') == [] or piece == expected[0]['message']
    assert ask(f'message:*{piece.split()[0].upper()}*')
    assert ask('| count by action | first 1') == ask('| count by action')[:1]


def test_rows_of_any_format_agree(call, store, ask):
    table = call('query', '--store', store, '| count by outcome').stdout.decode().splitlines()
    assert table[0].split() == ['outcome', 'count'] and f'{len(ask("| count by outcome"))} rows over 60 events' in table
    lines = call('query', '--store', store, '--format', 'csv', '| count by outcome').stdout.decode().splitlines()
    assert lines[0] == 'outcome,count' and len(lines) == 1 + len(ask('| count by outcome'))
    lines = call('query', '--store', store, '--format', 'csv', 'action:absent').stdout.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith('seq,time,')


def test_one_thread_and_many_agree(ask):
    assert ask('', '--threads', '1') == ask('', '--threads', '7')


@pytest.mark.parametrize('query, says, column', [
    ('| cout', b'there is no stage named cout; did you mean count?', 2),
    ('action:x | top 3 tenent', b'did you mean tenant?', 17),
    ('| count by role', b'several values', 11),
    ('| histogram day', b'no width of time', 12),
    ('| count | first', b'how many rows is missing', 15),
])
def test_a_wrong_stage_shows_where(call, store, query, says, column):
    lines = call('query', '--store', store, query, expect=2).stderr.splitlines()
    assert says in lines[0] and lines[1].strip() == query.encode() and lines[2] == b' ' * (2 + column) + b'^'


@pytest.mark.parametrize('options, says', [
    (['--threads', '0'], '--threads'), (['--threads', 'x'], 'threads'), (['--memory', '0'], '--memory'), (['--timeout', 'soon'], '--timeout'),
    (['--timeout', '0s'], '--timeout'), (['--limit', '-1'], '--limit'),
])
@pytest.mark.parametrize('verb', ['query', 'shell'])
def test_wrong_limits(refused, store, verb, options, says):
    refused(2, verb, '--store', store, *options, says=[says], stdin=subprocess.DEVNULL)


def test_explain_says_what_was_looked_at(call, store):
    said = call('query', '--store', store, '--format', 'jsonl', '--explain', 'action:auth.* outcome:success').stderr.decode()
    assert re.search(r'explain: \d+ segments, \d+ pruned by time and index; \d+ row groups, \d+ pruned; \d+ pages', said)
    assert 'explain: action:auth.*:' in said and 'explain: outcome:success:' in said
    said = call('query', '--store', store, '--explain', 'until:2001-01-01').stdout.decode()
    assert '0 rows scanned' in said


def test_a_reader_that_leaves_is_no_failure(binary, store):
    run = subprocess.run(['sh', '-c', f'{binary} query --store {store} --format jsonl | head -n 1'], capture_output=True, timeout=60)
    assert run.returncode == 0 and len(run.stdout.splitlines()) == 1


def test_shell_answers_each_line(shell):
    said = shell(['| count', '', 'action:absent', 'actorr:x', '.explain on', '| count by outcome', '.quit', '| count'], '--format', 'jsonl')
    assert said[0] == '{"count":60}'
    assert re.fullmatch(r'-- 1 row over 60 events, \d+\.\d ms.*', said[1])
    rest = said[2:]
    assert len([line for line in rest[:60] if line.startswith('{')]) == 60, 'an empty line is every event'
    assert re.fullmatch(r'-- 60 events, \d+\.\d ms.*', rest[60])
    assert re.fullmatch(r'-- 0 events, \d+\.\d ms.*', rest[61])
    assert rest[62:64] == ['--   actorr:x', '--   ^'] and rest[64].startswith('-- error: there is no field named actorr; did you mean actor?')
    assert any(line.startswith('-- explain: ') for line in rest[65:])
    assert [line for line in rest if ' over ' in line], 'an error does not end it'
    assert sum(line.startswith('{"count"') for line in said) == 1 + sum('outcome' in line and line.startswith('{') for line in rest[65:]), '.quit ends it'


def test_shell_commands(shell):
    said = shell(['.help', '.format jsonl', '.limit 2', '', '.limit off', '.gaps list', '| count', '.gaps off', '| count', '.formt csv', '.limit x'])
    assert any('.explain' in line for line in said)
    assert '-- the first 2 of 60 events' in ' '.join(line.split(',')[0] for line in said)
    assert any(line.startswith('-- ') and 'gap' in line for line in said)
    assert said[-2].startswith('-- error: did you mean .format?') and said[-1].startswith('-- error: .limit is used otherwise')


def test_shell_lines_are_those_of_query(shell, call, store):
    printed = call('query', '--store', store, '--format', 'jsonl', 'action:auth.*').stdout.decode().splitlines()
    assert shell(['action:auth.*'], '--format', 'jsonl')[:-1] == printed


def test_each_question_about_a_person_is_an_act_of_its_own(shell, store):
    spool = store / 'spool'
    before = set(spool.glob('*.json')) if spool.exists() else set()
    token = 'usr_aaaaaaaaaaaaa'
    shell([f'actor:{token} | count', '| count', f'actor.id:{token}', f'actorr:{token}'])
    acts = [json.loads(path.read_text()) for path in sorted(set(spool.glob('*.json')) - before)]
    assert [act['action'] for act in acts] == ['proofline.query.run'] * 2
    assert [act['message'] for act in acts] == [f'actor:{token} | count', f'actor.id:{token}']
    assert all(act['targets'] == [{'id': token, 'type': 'token'}] for act in acts)


def test_no_act_no_answer(binary, store):
    """The spool cannot be written: a question about a person gets no row, others do."""
    spool = store / 'spool'
    if spool.exists():
        spool.rmdir()
    spool.write_text('in the way')
    asked = 'actor:usr_aaaaaaaaaaaaa OR action:*'
    run = subprocess.run([binary, 'query', '--store', store, '--format', 'jsonl', asked], capture_output=True, timeout=60)
    assert run.returncode == 3 and run.stdout == b'' and b'recorded before it is answered' in run.stderr
    run = subprocess.run([binary, 'shell', '--store', store, '--format', 'jsonl'], input=f'{asked}\n| count\n'.encode(), capture_output=True, timeout=60)
    lines = run.stdout.decode().splitlines()
    assert lines[0].startswith('-- error: ') and lines[1] == '{"count":60}'


def test_shell_sees_what_is_committed_meanwhile(binary, call, store, tmp_path):
    shell = subprocess.Popen([binary, 'shell', '--store', store, '--format', 'jsonl'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    def count():
        shell.stdin.write(b'| count\n')
        shell.stdin.flush()
        row = json.loads(shell.stdout.readline())
        assert shell.stdout.readline().startswith(b'-- 1 row')
        return row['count']
    try:
        assert count() == 60
        from conftest import OKTA
        (tmp_path / 'more.jsonl').write_bytes(b''.join(OKTA.read_bytes().splitlines(keepends=True)[60:75]))
        call('ingest', '--store', store, '--parser', 'okta', tmp_path / 'more.jsonl')
        assert count() == 75
    finally:
        shell.stdin.close()
        assert shell.wait(timeout=60) == 0


def test_prompt_and_interrupt_on_a_terminal(binary, store):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(binary, [binary, 'shell', '--store', str(store)])
    said = b''
    def until(words, seconds=30):
        nonlocal said
        end = time.time() + seconds
        while words not in said:
            assert time.time() < end, said
            if select.select([terminal], [], [], 0.2)[0]:
                said += os.read(terminal, 65_536)
    until(b'proofline> ')
    os.write(terminal, b'\x03')
    os.write(terminal, b'| count\n')
    until(b'-- 1 row over 60 events')
    os.write(terminal, b'.quit\n')
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


