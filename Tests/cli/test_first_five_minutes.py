"""The README's first commands, run as they are written, say what samples/README.md promises."""
import json
import re
import shlex
import subprocess

import pytest

import ledgers
from conftest import QUARTER, ROOT

EXPECTED = json.loads((QUARTER / 'expected.json').read_text())
PLANTED = json.loads((QUARTER / 'planted.json').read_text())


def written_commands():
    """The commands of the README's section, without the alias."""
    section = (ROOT / 'README.md').read_text().split('## The first five minutes', 1)[1]
    lines = section.split('```')[1].strip().splitlines()
    assert lines[0] == 'alias proofline=.build/release/proofline'
    return [shlex.split(line) for line in lines[1:]]


@pytest.fixture(scope='module')
def told(binary, tmp_path_factory):
    """What each verb printed, and with which code it ended."""
    store = str(tmp_path_factory.mktemp('five') / 'acme')
    told = {}
    for words in written_commands():
        assert words[0] == 'proofline'
        words = [binary, *(word.replace('/tmp/acme', store) for word in words[1:])]
        run = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, timeout=300)
        told[words[1]] = run
    told['store'] = store
    return told


def test_the_section_shows_the_verbs_it_should(told):
    assert list(told) == ['init', 'ingest', 'query', 'coverage', 'report', 'store']


def test_every_command_ends_as_promised(told):
    codes = {verb: run.returncode for verb, run in told.items() if verb != 'store'}
    # The quarter has late leavers: that is the report's finding.
    assert codes == {'init': 0, 'ingest': 0, 'query': 0, 'coverage': codes['coverage'], 'report': 1}, {verb: told[verb].stderr for verb in codes}
    assert codes['coverage'] in (0, 1), told['coverage'].stderr


def test_init_names_the_log_and_its_key(told):
    out = told['init'].stdout
    assert 'log.example.org/acme' in out and re.search(r'log\.example\.org/acme\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}', out)


def test_ingest_counts_every_record(told):
    rows = {line.split()[0]: line.split() for line in told['ingest'].stdout.splitlines() if line.strip()}
    for source, counts in {**EXPECTED['sources'], 'all': EXPECTED['totals']}.items():
        shown = [int(cell.replace(',', '')) for cell in rows[source][1:7]]
        assert shown == [counts[name] for name in ('records', 'parsed', 'quarantined', 'duplicates', 'skipped', 'events')], source
    assert sum(counts['received'] for counts in ledgers.check(told['store']).values()) == EXPECTED['totals']['records']


def test_query_shows_rows_in_time_order_and_the_gaps(told):
    lines = told['query'].stdout.splitlines()
    times = [line.split()[1] for line in lines[1:lines.index('')]]
    assert times and times == sorted(times) and times[0] >= '2026-09-01'
    assert all(' support.' in line and ' success' in line for line in lines[1:lines.index('')])
    assert f'{len(times)} events' in lines


def test_coverage_names_the_silence(told):
    silence, = EXPECTED['silence']
    hit = [line for line in told['coverage'].stdout.splitlines() if silence['from'][:19] in line]
    assert len(hit) == 1 and silence['source'] in hit[0] and silence['to'][:19] in hit[0]
    assert len([line for line in told['coverage'].stdout.splitlines() if re.match(rf'({"|".join(EXPECTED["sources"])}) +[\d,]+ ', line)]) == len(EXPECTED['sources'])


def test_the_report_finds_the_two_leavers(told):
    expected = EXPECTED['reports']['EP-03']
    out = told['report'].stdout
    assert f'{len(expected["items"])} tested, {sum(1 for item in expected["items"] if item["reasons"])} with exceptions' in out
    assert out.count('\n  ! ') == sum(len(item['reasons']) for item in expected['items'])


def test_nothing_planted_and_no_identity_is_printed(told):
    said = ''.join(run.stdout + run.stderr for verb, run in told.items() if verb != 'store')
    for string in PLANTED['strings']:
        for value in (string['value'], *string['also']):
            assert value not in said, string['kind']
    for identity in PLANTED['identities']:
        value = identity if isinstance(identity, str) else identity['value']
        assert len(value) < 6 or value not in said, value


def test_a_second_ingest_adds_nothing(binary, told):
    again = subprocess.run([binary, 'ingest', '--store', told['store'], '--config', QUARTER / 'sources.yaml'], capture_output=True, text=True)
    assert again.returncode == 0 and again.stdout.splitlines()[-1] == 'nothing new', again.stdout + again.stderr
    assert subprocess.run([binary, 'fsck', '--store', told['store']], capture_output=True).returncode == 0
