"""Records made to break a reader: each is an event or set aside, the counts add up, and nothing of it reaches the terminal raw."""
import json
import os

import pytest

import ledgers
from conftest import OKTA, QUARTER

LINES = OKTA.read_bytes().splitlines()
NL = b'\n'


def okta(number, **members):
    return json.dumps({**json.loads(LINES[number]), **members}).encode()


def head(path, count):
    return (QUARTER / path).read_bytes().splitlines()[:count]


HR = head('hr/export.csv', 9)[:8]
AUTH = head('linux_auth/auth.log', 20)
SIDEKIQ = head('sidekiq/worker-1-2026-07.log', 5)
CSVLOG = (QUARTER / 'postgresql/primary-2026-07.csv').read_bytes()

# name: (parser, bytes, parsed, quarantined); None where only the sum has to hold.
CASES = {
    'empty': ('okta', b'', 0, 0),
    'only newlines': ('okta', NL * 5_000, 0, 0),
    'no newline at the end': ('okta', LINES[0] + NL + LINES[1], 2, 0),
    'NUL bytes': ('okta', NL.join([LINES[0], bytes(100), b'{"uuid":"a\0b"}', LINES[1]]) + NL, 2, 2),
    'invalid UTF-8': ('okta', NL.join([LINES[0], LINES[1].replace(b'"displayMessage":"', b'"displayMessage":"\xff\xfe', 1), b'\xed\xa0\x80', LINES[2]]) + NL, 2, 2),
    'JSON 10,000 deep': ('okta', NL.join([LINES[0], b'{"a":' * 10_000 + b'1' + b'}' * 10_000, b'[' * 100_000, b'[' * 100_000 + b']' * 100_000, LINES[1]]) + NL, 2, 3),
    'a mapped key twice': ('okta', LINES[0][:-1] + b',"uuid":"second"}' + NL + LINES[1] + NL, 1, 1),
    'numbers beyond 2^53': ('okta', NL.join([okta(0, severity=2**53 + 1), okta(1, uuid=9007199254740993), okta(2, version=10**30)]) + NL, 2, 1),
    'numbers that are none': ('okta', NL.join([LINES[0].replace(b'"published":"', b'"published":1e999,"x":"', 1), LINES[1].replace(b'"severity":"INFO"', b'"severity":NaN')]) + NL, 0, 2),
    'times that are none': ('okta', NL.join(okta(i, published=value) for i, value in enumerate(
        ['9999-99-99T99:99:99Z', '2026-02-30T00:00:00Z', '', None, {'a': 1}, '-292277-01-01T00:00:00Z'])) + NL, 0, 6),
    'other types than expected': ('okta', NL.join([okta(0, actor=[1, 2]), okta(1, target='x'), okta(2, target=[None, 1, {'type': []}]), okta(3, client={'ipAddress': '999.1.1.1'})]) + NL, None, None),
    # An empty list holds no record.
    'no objects': ('okta', NL.join([b'null', b'1', b'"x"', b'[]', b'{}', b'{"a":1}']) + NL, 0, 5),
    # Objects one behind the other are a way to write JSON; what stands between them is set aside.
    'objects on one line': ('okta', LINES[0] + b' trailing' + NL + LINES[1] + LINES[2] + NL, 3, 1),
    'broken surrogates': ('okta', LINES[0].replace(b'"uuid":"', b'"uuid":"\\ud800', 1) + NL + LINES[1].replace(b'"uuid":"', b'"uuid":"\\udfff', 1) + NL, 0, 2),
    'a byte order mark': ('okta', b'\xef\xbb\xbf' + LINES[0] + NL + LINES[1] + NL, 2, 0),
    'CRLF': ('okta', b'\r\n'.join(LINES[:4]) + b'\r\n', 4, 0),
    'UTF-16': ('okta', b'\xff\xfe' + (NL.join(LINES[:3]) + NL).decode().encode('utf-16-le'), 0, None),
    'random bytes': ('okta', os.urandom(100_000), 0, None),
    'a line of 20 MB': ('okta', LINES[0] + NL + okta(1, displayMessage='A' * 20_000_000) + NL + LINES[2] + NL, 2, 1),
    'a line of 20 MB without an end': ('okta', LINES[0] + NL + b'{"x":"' + b'B' * 20_000_000, 1, 1),
    'CSV, a quote that is not closed': ('hr_csv', HR[0] + NL + HR[1] + NL + b'"open,' + NL.join(HR[2:5]) + NL, None, None),
    'CSV, a BOM and CRLF': ('hr_csv', b'\xef\xbb\xbf' + b'\r\n'.join(HR) + b'\r\n', 7, 0),
    'CSV, only the header': ('hr_csv', HR[0], 0, 0),
    'CSV, another header': ('hr_csv', b'foo,bar\n1,2\n', 0, None),
    'csvlog, cut in the middle': ('postgresql', CSVLOG[:len(CSVLOG) // 2], None, None),
    'a continuation without end': ('postgresql', (QUARTER / 'postgresql/replica-2026-08.log').read_bytes()[:5_000] + b'\tmore\n' * 100_000, None, None),
    'syslog, impossible stamps': ('linux_auth', NL.join([AUTH[0], b'Feb 30 25:61:61 host sshd[1]: Accepted', b' ' * 10_000, b'Jul 99 ', AUTH[1]]) + NL, None, None),
    'sidekiq, NULs in between': ('sidekiq', NL.join([*SIDEKIQ, bytes(5), SIDEKIQ[0]]) + NL, None, None),
    'CloudTrail, no list': ('aws_cloudtrail', b'{"Records":{"a":1}}', 0, 1),
    'CloudTrail, an empty list': ('aws_cloudtrail', b'{"Records":[]}', 0, None),
    'CloudTrail, a list of anything': ('aws_cloudtrail', b'{"Records":[1,null,"x",[],{}]}', 0, 5),
}


def source(name):
    return name.lower().translate({ord(c): '-' for c in ' ,^+'})[:40]


@pytest.fixture(scope='module')
def ingested(call, tmp_path_factory):
    """All cases as sources of one store: the summary, and the ledger read from the outside."""
    folder = tmp_path_factory.mktemp('hostile')
    config = ['version: 1', 'sources:']
    for name, (parser, data, _, _) in CASES.items():
        (folder / f'{source(name)}.log').write_bytes(data)
        config.append(f'  - {{id: {source(name)}, parser: {parser}, paths: ["{source(name)}.log"]}}')
    (folder / 'sources.yaml').write_text('\n'.join(config) + '\n')
    call('init', '--store', folder / 'store', '--origin', 'log.example.org/hostile')
    run = call('ingest', '--store', folder / 'store', '--config', folder / 'sources.yaml', '--format', 'json')
    return folder, run, ledgers.check(folder / 'store')


@pytest.mark.parametrize('name', CASES)
def test_what_becomes_of(call, ingested, name):
    folder, run, counts = ingested
    parser, data, parsed, quarantined = CASES[name]
    found = counts.get(source(name), dict.fromkeys(('received', 'parsed', 'duplicates', 'quarantined', 'skipped'), 0))
    assert parsed is None or found['parsed'] == parsed, found
    assert quarantined is None or found['quarantined'] == quarantined, found
    # Where bytes are not blank, something was received for them, or they are a header.
    assert found['received'] > 0 or not data.strip() or b'{"Records":[]}' in data or data == HR[0]
    # `parse` sees the same records.
    shown = [json.loads(line) for line in call('parse', '--parser', parser, folder / f'{source(name)}.log').stdout.splitlines()]
    assert sum('quarantined' in line for line in shown) == found['quarantined']


def test_the_store_is_whole_and_a_second_run_adds_nothing(call, ingested):
    folder, _, counts = ingested
    assert call('fsck', '--store', folder / 'store').stdout.startswith(b'whole')
    call('ingest', '--store', folder / 'store', '--config', folder / 'sources.yaml')
    assert ledgers.check(folder / 'store') == counts


def test_reasons_quote_nothing_of_the_record(ingested):
    _, run, _ = ingested
    said = run.stdout + run.stderr
    for secret in (b'AAAA', b'BBBB', b'trailing', b'"open', json.loads(LINES[0])['actor']['alternateId'].encode()):
        assert secret not in said


ESCAPES = '\x1b]0;taken over\x07\x1b[31mred\x1b[2J \u202etxt.exe \x9b31m\u2028next \x08\x7f'


@pytest.mark.parametrize('form', ['text', 'jsonl'])
def test_escape_sequences_do_not_reach_the_terminal(call, new_store, tmp_path, form):
    store = new_store()
    event = json.loads(LINES[0])
    actor = {**event['actor'], 'displayName': ESCAPES, 'alternateId': ESCAPES}
    records = [okta(0, displayMessage=ESCAPES, eventType='user.' + ESCAPES, actor=actor),
               okta(1, uuid=ESCAPES, outcome={'result': ESCAPES, 'reason': ESCAPES}), okta(2, target=[{'type': ESCAPES, 'id': ESCAPES, 'displayName': ESCAPES}])]
    (tmp_path / 'a\x1b[31m.jsonl').write_bytes(NL.join(records) + NL)
    run = call('ingest', '--store', store, '--parser', 'okta', tmp_path / 'a\x1b[31m.jsonl')
    said = run.stdout + run.stderr
    said += call('query', '--store', store, '--format', form).stdout
    said += call('parse', '--parser', 'okta', '--format', form, tmp_path / 'a\x1b[31m.jsonl').stdout
    text = said.decode()
    forbidden = '\x1b\x07\x08\x7f\x9b' if form != 'jsonl' else '\x1b\x07\x08'
    if form == 'text':
        forbidden += '\u202e\u2028'
    assert not [hex(ord(sign)) for sign in forbidden if sign in text]


def test_a_path_with_escapes_is_told_without_them(call, new_store, tmp_path):
    store = new_store()
    (tmp_path / 'x\x1b[31m\nfake: line.gz').write_bytes(b'\x1f\x8b\x08' + bytes(7))
    run = call('ingest', '--store', store, '--parser', 'okta', tmp_path, expect=1)
    hits = [line for line in run.stderr.decode().splitlines() if 'fake' in line]
    assert len(hits) == 1 and '\x1b' not in run.stderr.decode() and hits[0].startswith('proofline: ')
