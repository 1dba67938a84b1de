"""`proofline parse` on every sample file: nothing lost, the damaged records named, the links of the story there."""
import json
import subprocess

import pytest
from conftest import QUARTER

EXPECTED = json.loads((QUARTER / 'expected.json').read_text())
FILES = [(source, path) for source, expected in EXPECTED['sources'].items() for path in expected['files']]


@pytest.fixture(scope='module')
def parse(proofline):
    """Events of one file as `parse` prints them. What it shows is not minimized, so it must not count as printed by the store's verbs."""
    def parse(source, path):
        command = [proofline.binary, 'parse', '--parser', EXPECTED['sources'][source]['parser'], '--format', 'jsonl', QUARTER / path]
        run = subprocess.run(command, capture_output=True, check=False)
        assert run.returncode in (0, 1), run.stderr.decode()
        return [json.loads(line) for line in run.stdout.decode().splitlines()]
    return parse


@pytest.mark.parametrize('source, path', FILES)
def test_records_are_parsed_or_named(parse, source, path):
    expected = EXPECTED['sources'][source]
    found = parse(source, path)
    bad = [e['line'] for e in found if 'quarantined' in e]
    assert bad == [q['line'] for q in expected['quarantine'] if q['file'] == path]
    events = [e for e in found if 'quarantined' not in e and 'skipped' not in e]
    assert all(e.get('time') and e.get('action') for e in events)
    lines = [e['line'] for e in events]
    assert lines == sorted(lines)
    if len(expected['files']) == 1:
        assert len(events) == expected['parsed'] + expected['duplicates']


def test_links_of_the_incident_survive_parsing(parse):
    ids = EXPECTED['incident']['ids']
    wanted = {'sidekiq': {'job': ids['job_id'], 'request': ids['request_id'], 'trace': ids['trace_id'], 'correlation': ids['correlation_id']},
              'product_audit': {'session': ids['session']}, 'okta': {'session': ids['session']}}
    for step in EXPECTED['incident']['steps']:
        if step['source'] not in wanted or step['what'].startswith(('two days later', 'the product notes')):
            continue
        at_line = [e for e in parse(step['source'], step['file']) if e['line'] == step['line']]
        assert len(at_line) == 1
        for field, value in wanted[step['source']].items():
            assert at_line[0].get(field) == value, (step, field, at_line[0])
