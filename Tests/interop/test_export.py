"""Events of every parser's fixtures, exported: OCSF against its published schema, ECS and CloudEvents against their rules."""
import collections
import json
import re

import jsonschema
import pytest
from conftest import ORIGIN, ROOT
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

VERSION = '1.6.0'


class Schema:
    """The published schema, a validator for each class."""

    def __init__(self):
        self.schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(VERSION))
        self.validators = {}

    def faults(self, event):
        uid = event['class_uid']
        if uid not in self.validators:
            name = self.schema.lookup_class_name_from_uid(uid)
            self.validators[uid] = jsonschema.Draft202012Validator(self.schema.get_class_schema(name))
        return [f'{uid} {"/".join(map(str, e.absolute_path))}: {e.message[:160]}' for e in self.validators[uid].iter_errors(event)]


@pytest.fixture(scope='module')
def schema():
    return Schema()


@pytest.fixture(scope='module')
def fixtures_store(proofline, tmp_path_factory):
    """A store of all fixtures, each parser a source."""
    folder = tmp_path_factory.mktemp('export')
    lines = ['version: 1', 'sources:']
    # Generic parsers read what a source's mapping says.
    parsers = sorted(
        path.parent.name for path in (ROOT / 'parsers').glob('*/parser.yaml') if '\nmapping:' not in path.read_text())
    assert len(parsers) > 40
    for parser in parsers:
        lines += [f'  - id: {parser}', f'    parser: {parser}', f'    paths: ["{ROOT}/parsers/{parser}/fixtures/*.log"]', '    timezone: UTC']
    (folder / 'sources.yaml').write_text('\n'.join(lines) + '\n')
    store = folder / 'store'
    proofline('init', '--store', store, '--origin', ORIGIN)
    proofline('ingest', '--store', store, '--config', folder / 'sources.yaml', expect=(0, 1))
    return store


def exported(proofline, store, schema, query=''):
    return [json.loads(line) for line in proofline('export', '--store', store, '--as', schema, query).splitlines()]


def test_every_event_is_valid_ocsf(proofline, fixtures_store, schema):
    own = proofline('query', '--store', fixtures_store, '--format', 'jsonl', '').splitlines()
    events = exported(proofline, fixtures_store, 'ocsf')
    assert len(events) == len(own) > 300
    faults = collections.Counter(fault for event in events for fault in schema.faults(event))
    assert not faults, faults.most_common(20)
    assert {event['metadata']['version'] for event in events} == {VERSION}
    assert len({event['class_uid'] for event in events}) >= 10
    assert sorted(event['metadata']['sequence'] for event in events) == sorted(json.loads(line)['seq'] for line in own)


@pytest.mark.parametrize('damage', [
    lambda e: e.pop('metadata'), lambda e: e.update(time='yesterday'), lambda e: e.update(activity_id=77), lambda e: e['metadata'].pop('product'),
    lambda e: e.update(unknown_member=1),
])
def test_the_validator_refuses_what_is_wrong(proofline, fixtures_store, schema, damage):
    event = exported(proofline, fixtures_store, 'ocsf', 'source:okta')[0]
    assert not schema.faults(event)
    damage(event)
    assert schema.faults(event)


def test_ecs_has_its_kinds_and_loses_no_field(proofline, fixtures_store):
    own = {json.loads(line)['seq']: json.loads(line) for line in proofline('query', '--store', fixtures_store, '--format', 'jsonl', '').splitlines()}
    events = exported(proofline, fixtures_store, 'ecs')
    assert len(events) == len(own)
    for event in events:
        about, mine = event['event'], own[event['event']['sequence']]
        assert event['ecs']['version'].startswith('8.') and about['outcome'] in ('success', 'failure', 'unknown') and about['kind'] in ('event', 'alert')
        assert 'ip' not in event.get('source', {})
        assert about.get('action') == mine.get('action') and event.get('message') == mine.get('message')
        for name in ('approval', 'policy', 'targets', 'changes', 'attributes', 'session', 'correlation'):
            assert event['proofline'].get(name) == mine.get(name), name


def test_cloudevents_have_an_envelope(proofline, fixtures_store):
    events = exported(proofline, fixtures_store, 'cloudevents')
    seen = set()
    for event in events:
        assert event['specversion'] == '1.0' and event['type'].startswith('proofline.') and event['datacontenttype'] == 'application/json'
        assert re.fullmatch(r'//[\w.-]+(/[\w.~%-]+)+', event['source']), event['source']
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z', event['time'])
        seen.add((event['source'], event['id']))
    assert len(seen) == len(events)


def test_wrong_calls_say_what_to_do(proofline, fixtures_store):
    proofline('export', '--store', fixtures_store, '--as', 'ocsf', '| count', expect=2)
    proofline('export', '--store', fixtures_store, '--as', 'stix', expect=2)
    proofline('export', '--store', fixtures_store, expect=2)
