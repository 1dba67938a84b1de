"""Tools for those who write parsers: new, test, explain, guess, list, coverage."""
import gzip
import json
import shutil

import pytest

from conftest import OKTA, ROOT

DOORS = b'''{"at":"2026-07-01T08:00:00Z","event":"door.opened","user":{"email":"zoe.secret@corp.test"},"door":"main","ip":"203.0.113.9"}
{"at":"2026-07-01T08:00:05Z","event":"door.refused","user":{"email":"zoe.secret@corp.test"},"door":"lab","ip":"203.0.113.9"}
{"at":"2026-07-01T08:00:09Z","event":"badge.issued","user":{"email":"adam@corp.test"},"door":"main","note":"call Zoe"}
'''


@pytest.fixture
def doors(tmp_path):
    path = tmp_path / 'doors.log'
    path.write_bytes(DOORS)
    return path


def test_a_new_parser_passes_its_own_test_and_holds_nobodys_data(call, refused, doors, tmp_path):
    made = json.loads(call('parser', 'new', 'doors', '--from', doors, '--into', tmp_path / 'mine', '--format', 'json').stdout)
    assert [f.rsplit('/', 1)[1] for f in made['files']] == ['parser.yaml', 'README.md', 'basic.log', 'basic.expected.jsonl']
    everything = b''.join(p.read_bytes() for p in (tmp_path / 'mine').rglob('*') if p.is_file())
    for personal in (b'zoe', b'Zoe', b'adam', b'203.0.113.9'):
        assert personal not in everything
    assert b'ok, 4' in call('parser', 'test', 'doors', '--parsers', tmp_path / 'mine').stdout
    events = [json.loads(line) for line in call('parse', '--parser', 'doors', '--parsers', tmp_path / 'mine', doors).stdout.splitlines()]
    assert [e['source_action'] for e in events] == ['door.opened', 'door.refused', 'badge.issued']
    assert {e['action'] for e in events} == {'data.activity.other'} and not any('actor' in e or 'outcome' in e for e in events)
    refused(2, 'parser', 'new', 'doors', '--from', doors, '--into', tmp_path / 'mine', says=['doors', 'already'])


def test_a_new_parser_without_a_sample_is_an_example_that_passes(call, tmp_path):
    call('parser', 'new', 'mine', '--into', tmp_path / 'p')
    call('parser', 'test', 'mine', '--parsers', tmp_path / 'p')


@pytest.mark.parametrize('arguments, says', [
    (['new', 'Two Words'], ['Two Words', 'lower-case']),
    (['new', 'a', '--domain', 'iamm'], ['iamm', "did you mean 'iam'"]),
    (['new', 'a', '--from', '/nowhere/a.log'], ['/nowhere/a.log', 'no such file']),
    (['new', 'a', '--from', '/dev/null'], ['/dev/null', 'empty']),
    (['explain', OKTA, '--line', '0', '--parser', 'okta'], ['--line']),
    (['explain', OKTA, '--line', '99999999', '--parser', 'okta'], ['99999999', 'no record']),
    (['explain', OKTA, '--line', '1', '--parser', 'okto'], ['okto', 'okta']),
    (['explain', OKTA, '--parser', 'okta'], ['--line']),
    (['guess', '/nowhere/a.log'], ['/nowhere/a.log', 'no such file']),
    (['list', 'okto'], ['okto', 'okta']),
    (['coverage'], ['--store', '--parser']),
    (['coverage', OKTA], ['--parser', 'guess']),
    (['coverage', OKTA, '--parser', 'okta', '--store', '/tmp'], ['either']),
    (['coverage', '--store', '/nowhere'], ['/nowhere']),
    (['test', 'okta', '--format', 'yaml'], ['yaml']),
    (['tset'], ['tset']),
])
def test_a_wrong_call_is_one_clear_line(refused, tmp_path, arguments, says):
    if arguments[0] == 'new':
        arguments = [*arguments, '--into', tmp_path / 'p']
    refused(2, 'parser', *arguments, says=says)


def test_a_difference_names_line_field_and_both_values(call, tmp_path):
    folder = tmp_path / 'mine' / 'okta'
    shutil.copytree(ROOT / 'parsers' / 'okta', folder)
    expected = folder / 'fixtures' / 'success.expected.jsonl'
    events = [json.loads(line) for line in expected.read_text().splitlines()]
    was = events[0]['outcome']
    events[0]['outcome'] = 'unknown'
    del events[1]['actor']['id']
    expected.write_text(''.join(json.dumps(e) + '\n' for e in events[:-1]))
    shown = call('parser', 'test', 'okta', '--parsers', tmp_path / 'mine', expect=1).stdout.decode()
    assert f'outcome  "unknown" -> "{was}"' in shown and f'line {events[0]["line"]}' in shown
    assert 'actor.id  (nothing) -> ' in shown and 'came out, and is not expected' in shown
    found = json.loads(call('parser', 'test', 'okta', '--parsers', tmp_path / 'mine', '--format', 'json', expect=1).stdout)
    first = next(f for f in found if f['fixture'] == 'success')['differences'][0]
    assert first['line'] == events[0]['line']
    assert first['fields'] == [{'name': 'outcome', 'expected': 'unknown', 'found': was}]
    call('parser', 'test', 'okta', '--record', '--parsers', tmp_path / 'mine')
    call('parser', 'test', 'okta', '--parsers', tmp_path / 'mine')


def test_explain_names_lines_of_the_definition(call, tmp_path):
    shown = json.loads(call('parser', 'explain', OKTA, '--line', '1', '--parser', 'okta', '--format', 'json').stdout)
    yaml = (ROOT / 'parsers' / 'okta' / 'parser.yaml').read_text().splitlines()
    fields = {f['name']: f for f in shown[0]['events'][0]['fields']}
    origin = fields['time']['from'][0]
    assert yaml[origin['line'] - 1].strip() == origin['text'] and origin['text'].startswith('time:')
    assert fields['actor.id']['class'] == 'identity'
    assert shown[0]['events'][0]['answers']['who'] == 'known'
    text = call('parser', 'explain', OKTA, '--line', '1').stdout.decode()
    assert 'by okta' in text and 'known' in text
    (tmp_path / 'broken.log').write_bytes(b'{"uuid": 7}\n')
    text = call('parser', 'explain', tmp_path / 'broken.log', '--line', '1', '--parser', 'okta', expect=1).stdout.decode()
    assert 'quarantined' in text and 'okta:' in text and 'uuid: text' in text


def test_guess_finds_the_parser_also_of_a_compressed_file(call, tmp_path):
    packed = tmp_path / 'unknown.bin'
    packed.write_bytes(gzip.compress(OKTA.read_bytes() * 3))
    found = json.loads(call('parser', 'guess', packed, '--format', 'json').stdout)
    assert found['candidates'][0]['parser'] == 'okta' and found['sampledBytes'] == 1 << 20 and not found['isWhole']
    assert found['tried'] >= 70
    assert b'the first 1048576 bytes' in call('parser', 'guess', packed).stdout
    (tmp_path / 'noise').write_bytes(b'no log at all\n')
    assert b'no parser of' in call('parser', 'guess', tmp_path / 'noise', expect=1).stdout


def test_the_score_counts_what_fixtures_answer(call):
    listed = json.loads(call('parser', 'list', 'okta', '--format', 'json').stdout)[0]
    known = sum(q['known'] for q in listed['questions'].values())
    unknown = sum(q['unknown'] for q in listed['questions'].values())
    assert listed['scorePerMille'] == known * 1000 // (known + unknown)
    for question in listed['questions'].values():
        assert sum(question.values()) == listed['events']
    assert b'score' in call('parser', 'test', 'okta', '--score').stdout


def test_coverage_counts_codes_without_entry_and_shows_nothing_personal(call, new_store, tmp_path):
    call('parser', 'new', 'doors', '--into', tmp_path / 'mine')
    log = tmp_path / 'doors.log'
    log.write_bytes(b''.join(
        json.dumps({'time': f'2026-07-01T08:00:0{n}Z', 'event': event, 'user': 'a@b.test', 'ip': '192.0.2.1'}).encode() + b'\n'
        for n, event in enumerate(['door.opened', 'door.opened', 'mail zoe.secret@corp.test', 'call +49 170 1234567'])))
    mine = ['--parsers', tmp_path / 'mine']
    of_files = json.loads(call('parser', 'coverage', '--parser', 'doors', *mine, '--format', 'json', log).stdout)
    assert of_files['events'] == 4
    opened = of_files['codes'][0]
    assert (opened['code'], opened['events']) == ('door.opened', 2)
    assert (opened['first'], opened['last']) == ('2026-07-01T08:00:00.000000Z', '2026-07-01T08:00:01.000000Z')
    shown = call('parser', 'coverage', '--parser', 'doors', *mine, log).stdout
    assert b'zoe' not in shown and b'1234567' not in shown and b'(not shown)' in shown and b'3 codes in 4 of 4 events' in shown
    store = new_store()
    call('ingest', '--store', store, *mine, '--parser', 'doors', log)
    of_store = json.loads(call('parser', 'coverage', '--store', store, *mine, '--format', 'json').stdout)
    assert of_store['events'] == 4 and of_store['codes'][0] == opened
    # A table that has the code by now is told apart.
    path = tmp_path / 'mine' / 'doors' / 'parser.yaml'
    path.write_text(path.read_text().replace('table: {}', 'table: {door.opened: data.file.read}', 1))
    again = json.loads(call('parser', 'coverage', '--store', store, *mine, '--format', 'json').stdout)
    assert [c['isMappedNow'] for c in again['codes'] if c['code'] == 'door.opened'] == [True]
