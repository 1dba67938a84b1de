"""The story of the sample quarter is found by asking the timeline, as samples/README.md states it."""
import json

import pytest
import stores
from conftest import PERIOD, QUARTER

EXPECTED = json.loads((QUARTER / 'expected.json').read_text())
IDS = EXPECTED['incident']['ids']
STEPS = EXPECTED['incident']['steps']


@pytest.fixture(scope='module')
def ask(proofline, store_folder):
    def ask(query):
        printed = proofline('query', '--store', store_folder, '--format', 'jsonl', query, expect=(0, 1))
        return [json.loads(line) for line in printed.splitlines()]
    return ask


def test_every_step_of_the_incident_is_one_event_at_its_time(ask):
    for step in (s for s in STEPS if 'event_id' in s):
        found = ask(f'event_id:{step["event_id"]}')
        assert [e['source'] for e in found] == [step['source']], step
        assert found[0]['time'] == step['time'].replace('Z', '000Z'), step


def test_one_session_joins_identity_system_and_product(ask):
    found = ask(f'session:{IDS["session"]}')
    assert {e['source'] for e in found} == {'okta', 'product_audit'}
    assert len({e['origin']['ip'] for e in found if 'ip' in e.get('origin', {})}) == 2


def test_the_request_joins_product_and_worker_and_the_job_joins_worker_and_database(ask):
    assert {e['source'] for e in ask(f'request:{IDS["request_id"]}')} >= {'product_audit', 'sidekiq'}
    assert {e['source'] for e in ask(f'job:{IDS["job_id"]}')} >= {'product_audit', 'sidekiq'}
    assert {e['source'] for e in ask(IDS['job_id'])} >= {'product_audit', 'sidekiq', 'postgresql', 'aws_cloudtrail'}


def test_the_intruders_address_is_found_by_its_value_and_shown_as_a_token(ask):
    found = ask(f'ip:{IDS["intruder_ip"]}')
    ids = {s['event_id'] for s in STEPS if 'event_id' in s and '13:06:05' in s['time'] or s['source'] == 'okta' and 'T12:47' in s['time']}
    assert ids <= {e['event_id'] for e in found}
    assert {e['source'] for e in found} == {'okta', 'product_audit', 'aws_cloudtrail'}
    assert all(e['origin']['ip'].startswith('ip_') for e in found)


def test_a_real_address_finds_the_person_without_revealing_her(ask):
    found = ask(f'actor:{IDS["actor_email"]} since:2026-08-18 until:2026-08-19')
    assert {s['event_id'] for s in STEPS if s['source'] in ('okta', 'product_audit') and s['time'].startswith('2026-08-18') and 'job' not in s['what'] and 'rows' not in s['what']} \
        <= {e['event_id'] for e in found}
    assert IDS['actor_email'] not in json.dumps(found)
    acted_for = ask(f'on_behalf_of:{IDS["impersonated_email"]} since:2026-08-18 until:2026-08-19')
    assert len(acted_for) == 7


def test_the_self_approved_grant_shows_one_token_as_actor_and_approver(ask):
    event, = ask(f'event_id:{EXPECTED["findings"]["selfApprovedRoleGrant"]["event_id"]}')
    assert event['approval']['by'] == event['actor']['email']


def test_the_last_sign_in_of_the_leaver_lies_after_his_end(ask):
    after = EXPECTED['findings']['signInAfterLeaving']
    found = ask('actor:tobias.lindqvist@tallyharbor.example.com since:2026-07-31T16:00:00Z source:okta outcome:success')
    assert after['event_id'] in {e['event_id'] for e in found}


def test_a_reused_event_id_is_kept_and_flagged(ask):
    place, = EXPECTED['sources']['product_audit']['reused_ids']
    found = ask(f'event_id:{place["event_id"]}')
    assert len(found) == 2 and sum(bool(e.get('flags')) for e in found) == 1


def test_identical_lines_at_different_places_are_two_events(ask):
    found = ask('source:linux_auth since:2026-08-20T04:11:09Z until:2026-08-20T04:11:10Z')
    assert len(found) == EXPECTED['identicalLines']['count']


def test_the_silence_is_named_by_coverage_and_no_other_is(proofline, store_folder):
    printed = proofline('coverage', '--store', store_folder, '--format', 'json', *PERIOD, expect=(0, 1))
    for silence in EXPECTED['silence']:
        assert silence['source'] in printed
        assert silence['from'][:19] in printed and silence['to'][:19] in printed


def test_another_ingest_adds_nothing(proofline, store_folder, quarter):
    def state():
        # What the program notes about its own readers goes on growing; the sources must not.
        store = stores.Store(store_folder)
        return (sum(s['received'] for _, _, s in store.seals if s['source'] in EXPECTED['sources']), sum(row['source'] in EXPECTED['sources'] for row in store.rows.values()))

    before = state()
    proofline('ingest', '--store', store_folder, '--config', quarter / 'sources.yaml', expect=(0, 1))
    assert state() == before == (EXPECTED['totals']['records'], EXPECTED['totals']['events'])
