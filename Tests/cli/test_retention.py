"""Retention and legal holds by the command line: what goes, what stays provable, what reports say."""
import json
import shutil

import pytest

CONFIG = '''version: 1
sources:
  - id: okta
    parser: okta
    paths: ["okta.jsonl"]
    retention: {keep}
'''


def event(number, day):
    return json.dumps({
        'uuid': f'{number:08d}-0000-4000-8000-000000000000', 'published': f'2026-07-{day:02d}T08:00:00.000Z', 'eventType': 'user.session.start',
        'outcome': {'result': 'SUCCESS'}, 'client': {'ipAddress': '192.0.2.7'},
        'actor': {'id': f'00u{number % 5}', 'type': 'User', 'alternateId': f'user{number % 5}@example.org', 'displayName': f'User {number % 5}'}}) + '\n'


@pytest.fixture
def kept(call, new_store, tmp_path):
    """Twenty events, one a day from 1 July on, that are kept for thirty days."""
    store = new_store()
    (tmp_path / 'okta.jsonl').write_text(''.join(event(n, n + 1) for n in range(20)))
    (tmp_path / 'sources.yaml').write_text(CONFIG.format(keep='30d'))
    call('ingest', '--store', store, '--config', tmp_path / 'sources.yaml')
    return store


def days(call, store):
    shown = call('query', '--store', store, '--format', 'jsonl', 'source:okta').stdout.decode().splitlines()
    return [int(json.loads(line)['time'][8:10]) for line in shown]


def test_old_events_go_and_the_others_stay_provable(call, kept):
    said = call('retention', '--store', kept, '--as-of', '2026-08-10T12:00:00Z', expect=1).stdout.decode()
    assert ' 11 ' in said and '--apply' in said
    assert len(days(call, kept)) == 20
    said = call('retention', '--store', kept, '--as-of', '2026-08-10T12:00:00Z', '--apply').stdout.decode()
    assert '11 events deleted, sealed in log entry' in said
    assert days(call, kept) == list(range(12, 21))
    call('fsck', '--store', kept)
    assert call('retention', '--store', kept, '--as-of', '2026-08-10T12:00:00Z').returncode == 0
    shown = call('coverage', '--store', kept, '--since', '2026-07-01', '--until', '2026-10-01', expect=1).stdout.decode()
    assert 'retention' in shown


def test_a_hold_keeps_events_until_it_ends(call, refused, kept):
    call('hold', 'begin', 'case-1', '--store', kept, '--source', 'okta', '--until', '2026-07-06')
    assert 'case-1' in call('hold', 'list', '--store', kept).stdout.decode()
    refused(2, 'hold', 'begin', 'case-2', '--store', kept, '--source', 'octa', says=['did you mean `okta`'])
    refused(2, 'hold', 'begin', 'case-2', '--store', kept, '--from', 'monday', says=['--from'])
    call('retention', '--store', kept, '--as-of', '2026-08-10T12:00:00Z', '--apply')
    assert days(call, kept) == [1, 2, 3, 4, 5] + list(range(12, 21))
    call('hold', 'end', 'case-1', '--store', kept)
    assert 'no hold' in call('hold', 'list', '--store', kept).stdout.decode()
    call('retention', '--store', kept, '--as-of', '2026-08-10T12:00:00Z', '--apply')
    assert days(call, kept) == list(range(12, 21))
    call('fsck', '--store', kept)


def test_a_pack_over_what_is_left_verifies_and_says_what_is_gone(call, kept, tmp_path):
    call('retention', '--store', kept, '--as-of', '2026-08-10T12:00:00Z', '--apply')
    call('pack', 'build', '--store', kept, '--period', '2026Q3', '--reports', 'EP-01', '--level', 'internal', '--no-pdf', '--out', tmp_path / 'packs')
    pack = next((tmp_path / 'packs').iterdir())
    shown = (pack / 'reports/EP-01/ipe.json').read_text()
    assert '"deletedByRetention": 11' in shown or '"deletedByRetention":11' in shown
    lines = (pack / 'data/events.jsonl').read_text().splitlines()
    assert len([line for line in lines if '"source":"okta"' in line]) == 9
    (tmp_path / 'policy.txt').write_text('log ' + (kept / 'keys/log.vkey').read_text().strip() + '\nquorum none\n')
    call('key', 'ca', '--out', tmp_path, '--name', 'Example CA', '--unencrypted')
    checked = call('verify', pack, '--policy', tmp_path / 'policy.txt', '--root', tmp_path / 'ca.pem', '--allow-draft', '--format', 'json')
    assert 'of these 11 deleted by retention' in checked.stdout.decode()


def test_when_nothing_is_left_the_salts_go_too(call, kept):
    before = json.loads(call('vault', 'status', '--store', kept, '--format', 'json').stdout)['batchSalts']
    call('retention', '--store', kept, '--as-of', '2026-10-01T00:00:00Z', '--apply')
    after = json.loads(call('vault', 'status', '--store', kept, '--format', 'json').stdout)['batchSalts']
    assert days(call, kept) == [] and after < before
    call('fsck', '--store', kept)


def test_what_is_refused(call, refused, kept, small_store, tmp_path):
    copy = shutil.copytree(small_store, tmp_path / 'copy')
    assert 'for ever' in call('retention', '--store', copy).stdout.decode()
    refused(2, 'retention', '--store', kept, '--as-of', '2999-01-01T00:00:00Z', says=['--as-of'])
    (tmp_path / 'sources.yaml').write_text(CONFIG.format(keep='soon'))
    refused(2, 'ingest', '--store', kept, '--config', tmp_path / 'sources.yaml', says=['retention', '400d'])
