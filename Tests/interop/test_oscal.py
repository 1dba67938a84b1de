"""The OSCAL documents of a pack as two tools read them that share no code, and against the schema of one of them."""
import hashlib
import json
import subprocess
import sys

import packs
import pytest
from oscal import OSCAL
from trestle.oscal import assessment_plan, assessment_results

DOCUMENTS = {'assessment-plan': assessment_plan, 'assessment-results': assessment_results}


@pytest.fixture(scope='module')
def pack(released):
    return packs.Pack(released.pack)


@pytest.fixture(scope='module')
def results(pack):
    return pack.json('oscal/assessment-results.json')['assessment-results']


def resources(document):
    return {resource['uuid']: resource for resource in document['back-matter']['resources']}


def test_trestle_reads_both(pack):
    plan = assessment_plan.AssessmentPlan.oscal_read(pack.folder / 'oscal/assessment-plan.json')
    read = assessment_results.AssessmentResults.oscal_read(pack.folder / 'oscal/assessment-results.json')
    assert len(plan.local_definitions.activities) == len(read.results[0].observations) == len(pack.reports)


@pytest.mark.parametrize('name', DOCUMENTS)
def test_another_library_finds_them_valid(pack, name):
    assert OSCAL.open(str(pack.folder / f'oscal/{name}.json')).is_valid


def test_that_library_would_have_found_a_fault(pack, tmp_path):
    document = pack.json('oscal/assessment-results.json')
    del document['assessment-results']['results'][0]['observations'][0]['methods']
    (tmp_path / 'assessment-results.json').write_text(json.dumps(document))
    assert not OSCAL.open(str(tmp_path / 'assessment-results.json')).is_valid


@pytest.mark.parametrize('name', DOCUMENTS)
def test_they_are_as_the_schema_says(pack, name, tmp_path):
    schema = tmp_path / 'schema.json'
    schema.write_text(json.dumps(DOCUMENTS[name].Model.model_json_schema(by_alias=True)))
    run = subprocess.run([sys.executable, '-m', 'check_jsonschema', '--schemafile', schema, pack.folder / f'oscal/{name}.json'], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (tmp_path / 'other.json').write_text('{"assessment-nothing": {}}')
    assert subprocess.run([sys.executable, '-m', 'check_jsonschema', '--schemafile', schema, tmp_path / 'other.json'], capture_output=True).returncode == 1


def test_observations_say_what_the_manifest_says_and_judge_nothing(pack, results):
    (result,) = results['results']
    assert 'findings' not in result and 'risks' not in result
    said = {}
    for observation in result['observations']:
        assert observation['methods'] == ['TEST']
        props = {p['name']: p['value'] for p in observation['props'] if p['name'] != 'control'}
        said[props['report']] = (props['outcome'], props['population'], props['exceptions'], props['undecided'])
    assert said == {r['id']: (r['outcome'], str(r['population']), str(r['exceptions']), str(r['undecided'])) for r in pack.manifest['reports']}


def test_evidence_leads_to_files_of_the_pack_with_their_hashes(pack, results):
    known = resources(results)
    for observation in results['results'][0]['observations']:
        assert len(observation['relevant-evidence']) >= 4
        for evidence in observation['relevant-evidence']:
            digest = hashlib.sha256((pack.folder / 'oscal' / evidence['href']).read_bytes()).hexdigest()
            assert [p['value'] for p in evidence['props'] if p['name'] == 'sha256'] == [digest]
            (link,) = evidence['rlinks'] if 'rlinks' in evidence else known[evidence['links'][0]['href'][1:]]['rlinks']
            assert (link['href'], link['hashes'][0]['value']) == (evidence['href'], digest)


def test_identifiers_are_names_not_chance_and_no_two_are_the_same(pack):
    for name in DOCUMENTS:
        found = []

        def walk(value):
            if isinstance(value, dict):
                if 'uuid' in value:
                    found.append(value['uuid'])
                for inner in value.values():
                    walk(inner)
            elif isinstance(value, list):
                for inner in value:
                    walk(inner)
        walk(pack.json(f'oscal/{name}.json'))
        assert len(found) == len(set(found)) and all(uuid[14] == '5' for uuid in found)


def test_no_clock_enters(pack, results):
    sealed = max(pack.ipe(report)['custody']['sealedTo'] for report in pack.reports if 'custody' in pack.ipe(report))
    assert results['metadata']['last-modified'] == sealed
    assert {o['collected'] for o in results['results'][0]['observations']} == {sealed}
