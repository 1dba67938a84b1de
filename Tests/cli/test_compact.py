"""Merging segments by hand: the same answers, the same proofs, fewer files."""
import json


def lines(call, store):
    return call('query', '--store', store, '--format', 'jsonl').stdout


def test_merged_segments_answer_as_before(call, new_store, tmp_path):
    store = new_store()
    for number in range(9):
        log = tmp_path / f'{number}.jsonl'
        with log.open('w') as out:
            for event in range(20):
                out.write(json.dumps({
                    'uuid': f'{number:08d}-0000-4000-8000-{event:012d}', 'published': f'2026-07-{20 - number:02d}T08:{event:02d}:00.000Z',
                    'eventType': 'user.session.start', 'outcome': {'result': 'SUCCESS'},
                    'actor': {'id': f'00u{event % 5}', 'type': 'User', 'alternateId': f'user{event % 5}@example.org', 'displayName': f'User {event % 5}'},
                    'client': {'ipAddress': '192.0.2.7'}}) + '\n')
        call('ingest', '--store', store, '--parser', 'okta', log)
    before = lines(call, store)
    said = call('compact', '--store', store).stdout.decode()
    assert said.startswith('merged 9 segments into 1: 180 rows')
    assert lines(call, store) == before
    call('fsck', '--store', store)
    assert call('compact', '--store', store).stdout.decode().startswith('merged 0 segments')
    shown = call('query', '--store', store, '--format', 'jsonl', 'actor:user3@example.org').stdout.decode().splitlines()
    assert len(shown) == 36
    times = [json.loads(line)['time'] for line in shown]
    assert times == sorted(times)


def test_what_is_refused(refused, tmp_path):
    refused(2, 'compact', '--store', tmp_path, says=['no proofline store'])
    refused(2, 'compact', says=['--store'])
