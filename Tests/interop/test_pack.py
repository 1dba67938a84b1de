"""A released pack, checked by a reader that was written from docs/formats/pack.md, by openssl, sha256sum, sh and rfc3161-client."""
import base64
import hashlib
import io
import json
import os
import shutil
import subprocess

import jcs
import merkle
import notes
import packs
import pyarrow.parquet
import pytest
import rfc3161_client
import segments
from conftest import NONCE, QUARTER
from cryptography import x509

EXPECTED = json.loads((QUARTER / 'expected.json').read_text())


@pytest.fixture(scope='module')
def pack(released):
    return packs.Pack(released.pack)


@pytest.fixture(scope='module')
def proven(pack, released):
    """Seals and events that lead to the log's signed checkpoint."""
    checkpoint, seals = packs.check_proofs(pack, released.log_verifier)
    return checkpoint, seals, packs.check_events(pack, seals)


def sh(*command, cwd, expect=0):
    run = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True)
    assert run.returncode == expect, f'{command} ended with {run.returncode}\n{run.stdout}\n{run.stderr}'
    return run.stdout + run.stderr


def test_sha256sum_agrees_and_no_file_is_extra(pack):
    sh('sha256sum', '-c', '--strict', '--quiet', 'SHA256SUMS', cwd=pack.folder)
    packs.check_files(pack)


def test_openssl_verifies_both_signatures_of_different_people(pack, released):
    certificates = []
    for who in ('preparer', 'approver'):
        verified, said = packs.cms_verifies(pack, who, released.root)
        assert verified, said
        certificates.append(packs.signer(pack.folder / f'sig/SHA256SUMS.{who}.p7s'))
    preparer, approver = certificates
    assert preparer.subject != approver.subject and preparer.public_key() != approver.public_key()
    for certificate in certificates:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.digital_signature and usage.content_commitment
        with pytest.raises(x509.ExtensionNotFound):
            certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)


def test_the_dsse_envelope_names_the_body_and_is_signed_by_the_same_keys(pack):
    packs.check_dsse(pack)


def test_openssl_and_rfc3161_client_verify_the_timestamp_over_the_approval(pack, released):
    said = sh('openssl', 'ts', '-verify', '-in', 'sig/SHA256SUMS.approver.p7s.tsr', '-data', 'sig/SHA256SUMS.approver.p7s', '-CAfile', released.tsa_root, cwd=pack.folder)
    assert 'Verification: OK' in said
    response = rfc3161_client.decode_timestamp_response(pack.bytes('sig/SHA256SUMS.approver.p7s.tsr'))
    builder = rfc3161_client.VerifierBuilder()
    for certificate in x509.load_pem_x509_certificates(released.tsa_root.read_bytes()):
        builder = builder.add_root_certificate(certificate)
    verifier = builder.build()
    assert verifier.verify_message(response, pack.bytes('sig/SHA256SUMS.approver.p7s'))
    with pytest.raises(rfc3161_client.VerificationError):
        verifier.verify_message(response, pack.bytes('sig/SHA256SUMS.preparer.p7s'))


def test_every_entry_and_every_event_line_leads_to_the_signed_checkpoint(proven):
    checkpoint, seals, events = proven
    assert checkpoint.size > 0 and seals and events


def test_the_seals_of_each_source_are_a_chain_and_the_counts_add_up(pack, proven):
    _, seals, events = proven
    packs.check_coverage(pack, seals, events)


def test_removing_one_seal_from_the_pack_breaks_the_chain(pack, proven):
    _, seals, events = proven
    victim = next(i for i, (_, _, e) in enumerate(seals) if e['type'] == 'batch' and any(
        f['type'] == 'batch' and f['source'] == e['source'] for _, _, f in seals[i + 1:]))
    with pytest.raises(AssertionError, match='missing'):
        packs.check_coverage(pack, seals[:victim] + seals[victim + 1:], events)


def test_a_changed_event_line_leads_elsewhere(pack, proven, released, tmp_path):
    other = shutil.copytree(pack.folder, tmp_path / 'pack')
    lines = pack.lines('data/events.jsonl')
    event = json.loads(lines[0])
    event['outcome'] = 'failure' if event.get('outcome') != 'failure' else 'success'
    (other / 'data/events.jsonl').write_bytes(b'\n'.join([jcs.dumps(event), *lines[1:]]) + b'\n')
    with pytest.raises(AssertionError):
        packs.check_events(packs.Pack(other), proven[1])


def test_the_release_entry_names_the_body_and_every_signature(pack, released):
    entry, proof = pack.bytes('sig/release.json'), notes.TLogProof(pack.bytes('sig/release.tlog-proof'))
    checkpoint = notes.Checkpoint(proof.checkpoint, released.log_verifier)
    assert merkle.root_from_path(proof.index, checkpoint.size, merkle.leaf(entry), proof.path) == checkpoint.root
    release = json.loads(entry)
    assert jcs.is_canonical(entry) and release['type'] == 'release'
    assert release['sha256sums'] == hashlib.sha256(pack.bytes('SHA256SUMS')).hexdigest()
    assert (release['packId'], release['name'], release['revision']) == tuple(pack.manifest[k] for k in ('packId', 'name', 'revision'))
    assert {p if p.startswith('sig/') else f'sig/{p}': h for p, h in release['files'].items()} == {
        f'sig/{p.name}': hashlib.sha256(p.read_bytes()).hexdigest() for p in (pack.folder / 'sig').iterdir() if not p.name.startswith('release.')}


def test_reports_name_their_definition_and_the_same_checkpoint(pack):
    for report in pack.reports:
        ipe = pack.ipe(report)
        definition = pack.bytes(f'definitions/{report}/report.yaml')
        assert ipe['definitionSha256'] == hashlib.sha256(definition).hexdigest()
        assert ipe['checkpoint'] == pack.manifest['checkpointEnd']
        row = next(r for r in pack.manifest['reports'] if r['id'] == report)
        assert (row['outcome'], row['population'], row['exceptions']) == (ipe['outcome'], ipe['population'], ipe['exceptions'])
        assert len(pack.csv(f'reports/{report}/population.csv')) == ipe['population']
        rows = pack.csv(f'reports/{report}/exceptions.csv')
        assert len({row['item'] for row in rows}) == ipe['exceptions']
        assert sorted(row['exception'] for row in rows) == sorted(ipe['exceptionIds'])
        assert pack.bytes(f'reports/{report}/query.txt').decode().strip() == ipe['queryText'].strip()


def test_the_sample_is_what_the_nonce_draws(pack):
    sample = pack.manifest['sample']
    assert sample['seed'] == pack.manifest['checkpointEnd']['root'] + ':' + sample['nonce']
    for report in pack.reports:
        population = [row['item'] for row in pack.csv(f'reports/{report}/population.csv')]
        rows = [row['item'] for row in pack.csv(f'reports/{report}/sample.csv')]
        assert len(set(population)) == len(population)
        assert set(rows) == set(packs.drawn(sample['seed'], population, len(rows)))


def test_the_parquet_copy_holds_the_same_rows(pack, proven):
    """`canonical` is the line; the other columns are its single values, for analysis tools."""
    table = pyarrow.parquet.read_table(io.BytesIO(pack.bytes('data/events.parquet'))).to_pylist()
    lines = pack.lines('data/events.jsonl')
    assert [row.pop('canonical').encode() for row in table] == lines
    for row, (sequence, log_index, index, event) in zip(table, proven[2], strict=True):
        assert (row.pop('seq'), row.pop('log_index'), row.pop('batch_index')) == (sequence, log_index, index)
        flat = segments.nested(row)
        for name, value in flat.items():
            assert value == event[name] if not isinstance(value, dict) else value.items() <= event[name].items(), name


@pytest.fixture(scope='module')
def second(released, proofline, store_folder, tmp_path_factory):
    """An internal pack at the present checkpoint, built upon the released one."""
    out = tmp_path_factory.mktemp('second')
    proofline('pack', 'build', '--store', store_folder, '--period', '2026Q3', '--level', 'internal', '--revision', '2', '--previous', released.pack, '--out', out, '--no-pdf',
              expect=(0, 1))
    folder, = out.iterdir()
    return packs.Pack(folder)


def test_an_internal_pack_leaves_out_no_row(second, released):
    packs.check_files(second)
    _, seals = packs.check_proofs(second, released.log_verifier)
    events = packs.check_events(second, seals)
    packs.check_coverage(second, seals, events)
    assert second.manifest['redaction']['count'] == 0
    for source, expected in EXPECTED['sources'].items():
        assert sum(event['source'] == source for _, _, _, event in events) == expected['events'], source


def test_the_next_pack_is_consistent_with_the_released_one(pack, second, released):
    start, end = (notes.Checkpoint(second.bytes(f'proofs/checkpoint-{name}.txt'), released.log_verifier) for name in ('start', 'end'))
    assert second.bytes('proofs/checkpoint-start.txt') == pack.bytes('proofs/checkpoint-end.txt')
    head, old, new, *proof = second.lines('proofs/consistency.txt')
    assert (head, old, new) == (b'proofline-consistency/1', b'start %d' % start.size, b'end %d' % end.size) and start.size < end.size
    assert merkle.consistent(start.size, start.root, end.size, end.root, [base64.b64decode(line, validate=True) for line in proof])
    assert second.manifest['previousPack'] == {'packId': pack.manifest['packId'], 'sha256sums': hashlib.sha256(pack.bytes('SHA256SUMS')).hexdigest()}


@pytest.fixture
def again(pack, released, proofline, store_folder, tmp_path):
    """Builds the released pack once more, as of its checkpoint, in another folder."""
    def again(name, *options, **surroundings):
        out = tmp_path / name
        out.mkdir()
        proofline('pack', 'build', '--store', store_folder, '--period', '2026Q3', '--nonce', NONCE, '--chain', released.root, '--out', out,
                  '--checkpoint', pack.folder / 'proofs/checkpoint-end.txt', *options, expect=(0, 1), cwd=out, timeout=300, **surroundings)
        built = packs.Pack(out / pack.folder.name)
        packs.check_files(built)
        return built.bytes('SHA256SUMS')
    return again


ELSEWHERE = os.environ | {'TZ': 'Asia/Kathmandu', 'LC_ALL': 'tr_TR.UTF-8', 'LANG': 'tr_TR.UTF-8'}


def test_the_body_with_its_pdfs_is_the_same_built_elsewhere_at_another_time(pack, again):
    assert again('elsewhere', prefix=['faketime', '2031-02-03 04:05:06'], env=ELSEWHERE) == pack.bytes('SHA256SUMS')


def test_verify_sh_accepts_the_pack_with_stock_tools(pack, released):
    said = sh('sh', './verify.sh', released.root, released.tsa_root, cwd=pack.folder)
    assert 'verif' in said.lower()


def test_verify_inclusion_sh_proves_one_event(pack, proven):
    line = pack.lines('data/events.jsonl')[0]
    sh('sh', './verify-inclusion.sh', '1', cwd=pack.folder)
    assert hashlib.sha256(b'\0' + line).digest()


def test_verify_accepts_it_and_opens_no_network_connection(pack, released, proofline, tmp_path):
    trace = tmp_path / 'calls'
    said = subprocess.run(['strace', '-f', '-qq', '-e', 'trace=socket,connect,execve', '-o', trace, proofline.binary, 'verify', pack.folder,
                           '--policy', released.policy, '--root', released.root], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    calls = trace.read_text()
    assert 'execve(' in calls, 'the trace saw nothing'
    assert 'AF_INET' not in calls and 'connect(' not in calls, calls


@pytest.mark.parametrize('path', ['data/events.jsonl', 'proofs/inner.jsonl', 'proofs/seals.jsonl', 'proofs/checkpoint-end.txt', 'manifest.json', 'sig/pack.dsse.json',
                                  'sig/SHA256SUMS.preparer.p7s', 'sig/SHA256SUMS.approver.p7s.tsr', 'sig/release.json'])
def test_one_changed_byte_is_refused(pack, released, proofline, tmp_path, path):
    other = shutil.copytree(pack.folder, tmp_path / 'pack')
    data = bytearray((other / path).read_bytes())
    data[len(data) // 2] ^= 1
    (other / path).write_bytes(bytes(data))
    proofline('verify', other, '--policy', released.policy, '--root', released.root, expect=range(10, 20))


def test_exception_ids_are_derived_from_report_rule_and_item(pack):
    for report in pack.reports:
        for row in pack.csv(f'reports/{report}/exceptions.csv'):
            assert row['exception'] == packs.exception_id(report, row['rule'], row['item'])


def test_no_base64_in_the_pack_is_loose(pack):
    for line in pack.lines('proofs/inner.jsonl')[:50]:
        for text in json.loads(line)['path']:
            assert base64.b64encode(base64.b64decode(text)).decode() == text


def findings(pack, report):
    """Item to the set of rules it fails, and the item's row in the population."""
    out = {}
    for row in pack.csv(f'reports/{report}/exceptions.csv'):
        out.setdefault(row['item'], (row, set()))[1].add(row['rule'])
    return out.values()


def test_customer_data_access_has_exactly_the_exceptions_of_the_story(pack, proven):
    expected = EXPECTED['reports']['EP-17']
    by_place = {(str(log), str(index)): event['event_id'] for _, log, index, event in proven[2] if 'event_id' in event}
    population = pack.csv('reports/EP-17/population.csv')
    assert sorted(by_place[row['log_entry'], row['index']] for row in population) == sorted(expected['populationIds'])
    found = {by_place[row['log_entry'], row['index']]: rules for row, rules in findings(pack, 'EP-17')}
    assert found == {item['event_id']: set(item['reasons']) for item in expected['exceptionItems']}


def test_leavers_have_exactly_the_exceptions_of_the_story(pack):
    expected = EXPECTED['reports']['EP-03']
    systems = {'okta': 'okta', 'github': 'github_audit', 'linux': 'linux_auth'}
    population = pack.csv('reports/EP-03/population.csv')
    assert sorted(row['item'].rpartition('/')[2] for row in population) == sorted(systems[i['system']] for i in expected['items'])
    found = sorted((row['item'].rpartition('/')[2], sorted(rules)) for row, rules in findings(pack, 'EP-03'))
    assert found == sorted((systems[i['system']], sorted(i['reasons'])) for i in expected['items'] if i['reasons'])


def test_coverage_has_exactly_the_silence_of_the_story(pack):
    found = {row['item']: rules for row, rules in findings(pack, 'EP-01')}
    assert found == {f'{i["source"]}/{i["day"]}': set(i['reasons']) for i in EXPECTED['reports']['EP-01']['exceptionItems']}


def test_outcomes_are_those_that_a_person_would_draw(pack):
    """A gap in a source that a report needs makes it incomplete, with the exceptions found; the other two do not need Sidekiq."""
    found = {r['id']: r['outcome'] for r in pack.manifest['reports']}
    assert {name: found[name] for name in EXPECTED['reports']} == {name: r['outcome'] for name, r in EXPECTED['reports'].items()}
