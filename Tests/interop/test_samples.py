"""The sample quarter is what its generator writes, and its answer agrees with a second, simpler reading of the files."""
import csv
import filecmp
import gzip
import io
import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUARTER = ROOT / 'samples' / 'quarter'
EXPECTED = json.loads((QUARTER / 'expected.json').read_text())
PLANTED = json.loads((QUARTER / 'planted.json').read_text())


def text_of(path):
    data = (QUARTER / path).read_bytes()
    return gzip.decompress(data) if path.endswith('.gz') else data


def records(path, parser):
    """Splits a file into records the simplest way that is right for it."""
    data = text_of(path)
    if path.endswith('.json.gz'):
        return [json.dumps(r).encode() for r in json.loads(data)['Records']]
    if path.endswith('.csv'):
        rows = list(csv.reader(io.StringIO(data.decode())))
        return rows[1:] if parser == 'hr_csv' else rows
    lines = data.split(b'\n')
    assert lines.pop() == b''
    if parser == 'postgresql':
        return [line for line in lines if not line.startswith(b'\t')]
    return lines


def readable(record, parser):
    if isinstance(record, list):
        return len(record) == (13 if parser == 'hr_csv' else 26)
    try:
        text = record.decode()
    except UnicodeDecodeError:
        return False
    if text.startswith('{'):
        try:
            json.loads(text)
        except ValueError:
            return False
    return True


def test_a_fresh_run_of_the_generator_writes_the_committed_bytes(tmp_path):
    subprocess.run([sys.executable, ROOT / 'samples' / 'generate.py', tmp_path / 'quarter'], check=True, capture_output=True, env={'TZ': 'Asia/Kathmandu', 'LC_ALL': 'C'})
    ours = sorted(p.relative_to(QUARTER) for p in QUARTER.rglob('*') if p.is_file())
    assert ours == sorted(p.relative_to(tmp_path / 'quarter') for p in (tmp_path / 'quarter').rglob('*') if p.is_file())
    same, different, unreadable = filecmp.cmpfiles(QUARTER, tmp_path / 'quarter', map(str, ours), shallow=False)
    assert (different, unreadable) == ([], [])


@pytest.mark.parametrize('source', EXPECTED['sources'])
def test_counts_agree_with_a_second_reading(source):
    expected = EXPECTED['sources'][source]
    found = [r for path in expected['files'] for r in records(path, expected['parser'])]
    assert len(found) == expected['records'] - expected['skipped']
    assert sum(not readable(r, expected['parser']) for r in found) == expected['quarantined']


def test_every_file_belongs_to_exactly_one_source():
    listed = sorted(f for s in EXPECTED['sources'].values() for f in s['files'])
    own = ('expected.json', 'planted.json', 'sources.yaml')
    assert listed == sorted(str(p.relative_to(QUARTER)) for p in QUARTER.rglob('*') if p.is_file() and p.name not in own)


def steps():
    for step in EXPECTED['incident']['steps']:
        yield step
    yield EXPECTED['findings']['selfApprovedRoleGrant']
    yield EXPECTED['findings']['signInAfterLeaving']
    yield from EXPECTED['reports']['EP-17']['exceptionItems']


def test_every_named_place_holds_the_event_it_names():
    for step in steps():
        data = text_of(step['file'])
        record = json.dumps(json.loads(data)['Records'][step['record']]) if 'record' in step else data.split(b'\n')[step['line'] - 1].decode()
        if 'event_id' in step:
            assert step['event_id'] in record, step


def luhn(digits):
    return sum(int(d) if i % 2 == 0 else sum(divmod(int(d) * 2, 10)) for i, d in enumerate(reversed(digits))) % 10 == 0


def mod97(iban):
    return int(''.join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def test_planted_strings_stand_where_they_are_said_to_and_pass_their_own_checks():
    kinds = {item['kind'] for item in PLANTED['strings']}
    assert kinds >= {'email', 'phone', 'card', 'iban', 'ssn', 'jwt', 'aws_key', 'github_token', 'private_key', 'url_credentials', 'ipv4', 'ipv6'}
    for item in PLANTED['strings']:
        text = text_of(item['file']).decode(errors='replace').replace('\\u0040', '@').replace('\\n', '\n')
        assert item['value'] in text, item
        packed = item['value'].replace(' ', '')
        if item['kind'] == 'card':
            assert luhn(packed), item
        if item['kind'] == 'iban':
            assert mod97(packed), item
        if item['kind'] == 'aws_key':
            assert re.fullmatch('AKIA[A-Z2-7]{16}', packed), item


def test_only_addresses_and_domains_for_documentation_are_used():
    allowed = re.compile(r'^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$')
    for source in EXPECTED['sources'].values():
        for path in source['files']:
            whole = [r for r in records(path, source['parser']) if readable(r, source['parser'])]
            text = '\n'.join(','.join(r) if isinstance(r, list) else r.decode() for r in whole)
            for mail in re.findall(r'[\w.+-]+@([\w-]+(?:\.[\w-]+)*\.[a-z]+)', text):
                assert mail.endswith(('example.com', 'example.org')), (path, mail)
            for address in re.findall(r'"(?:ip|ipAddress|actor_ip|sourceIPAddress)":"(\d+\.\d+\.\d+\.\d+)"', text):
                assert allowed.match(address), (path, address)


def lines_of(source):
    expected = EXPECTED['sources'][source]
    for path in expected['files']:
        yield from (json.loads(r) for r in records(path, expected['parser']) if readable(r, expected['parser']))


def test_exactly_one_session_is_seen_from_two_networks_and_every_session_begins_with_a_sign_in():
    addresses, begun = {}, {}
    for event in lines_of('okta'):
        session = event['authenticationContext']['externalSessionId']
        addresses.setdefault(session, set()).add(event['client']['ipAddress'])
        if event['eventType'] == 'user.session.start' and event['outcome']['result'] == 'SUCCESS':
            begun.setdefault(session, event['published'])
    for event in lines_of('product_audit'):
        session = event.get('session', '')
        if session.startswith('102'):
            addresses[session].add(event['origin']['ip'])
            assert begun[session] <= event['time'], event['id']
    addresses.pop('unknown')
    ids = EXPECTED['incident']['ids']
    assert {s: a for s, a in addresses.items() if len(a) > 1} == {ids['session']: {ids['office_ip'], ids['intruder_ip']}}
