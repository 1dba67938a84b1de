"""Reads an evidence pack, version 1, by docs/formats/pack.md alone."""
import base64
import csv
import hashlib
import json
import pathlib
import subprocess

import jcs
import merkle
import notes
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNATURE_FILES = {'sig/builder.json', 'sig/SHA256SUMS.preparer.p7s', 'sig/SHA256SUMS.approver.p7s', 'sig/SHA256SUMS.approver.p7s.tsr', 'sig/pack.dsse.json',
                   'sig/release.json', 'sig/release.tlog-proof'}
COUNTS = ('received', 'parsed', 'accepted', 'duplicates', 'quarantined', 'skipped')


class Pack:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.manifest = self.json('manifest.json')

    def bytes(self, path):
        return (self.folder / path).read_bytes()

    def json(self, path):
        return json.loads(self.bytes(path))

    def lines(self, path):
        data = self.bytes(path)
        assert data == b'' or data.endswith(b'\n'), f'{path} ends without a newline'
        return data.split(b'\n')[:-1]

    def csv(self, path):
        return list(csv.DictReader(self.bytes(path).decode().splitlines(keepends=True)))

    def files(self):
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob('*') if not p.is_dir()}

    def sums(self):
        """Path to hash, of SHA256SUMS; refuses a file that is not well formed and sorted."""
        out, last = {}, b''
        for line in self.lines('SHA256SUMS'):
            digest, path = line[:64], line[66:]
            assert line[64:66] == b'  ' and int(digest, 16) >= 0 and digest == digest.lower() and path > last
            last, out[path.decode()] = path, digest.decode()
        return out

    @property
    def reports(self):
        return [r['id'] for r in self.manifest['reports']]

    def ipe(self, report):
        return self.json(f'reports/{report}/ipe.json')

    def seals(self):
        """(log index, exact bytes, parsed entry) of each line of seals.jsonl."""
        indexes = sorted(int(p.stem) for p in (self.folder / 'proofs/seals').iterdir())
        lines = self.lines('proofs/seals.jsonl')
        assert len(indexes) == len(lines)
        return [(n, line, json.loads(line)) for n, line in zip(indexes, lines)]

    def statement(self):
        """The in-toto statement of the DSSE envelope, and what each signature is over."""
        envelope = self.json('sig/pack.dsse.json')
        payload, kind = base64.b64decode(envelope['payload'], validate=True), envelope['payloadType'].encode()
        assert envelope['payloadType'] == 'application/vnd.in-toto+json'
        signed = b'DSSEv1 %d %s %d %s' % (len(kind), kind, len(payload), payload)
        return json.loads(payload), payload, signed, envelope['signatures']


def check_files(pack):
    sums = pack.sums()
    for path, digest in sums.items():
        assert hashlib.sha256(pack.bytes(path)).hexdigest() == digest, path
    extra = pack.files() - set(sums) - {'SHA256SUMS'}
    assert extra <= SIGNATURE_FILES, extra
    assert not any(p.is_symlink() for p in pack.folder.rglob('*'))
    assert not any(p.is_dir() and not any(p.iterdir()) for p in pack.folder.rglob('*')), 'an empty folder'


def signer(p7s):
    """The certificate inside a CMS signature."""
    pem = subprocess.run(['openssl', 'pkcs7', '-inform', 'DER', '-print_certs', '-in', p7s], check=True, capture_output=True).stdout
    certificates = x509.load_pem_x509_certificates(pem[pem.index(b'-----BEGIN'):])
    return certificates[0]


def cms_verifies(pack, who, roots):
    run = subprocess.run(['openssl', 'cms', '-verify', '-binary', '-inform', 'DER', '-in', f'sig/SHA256SUMS.{who}.p7s', '-content', 'SHA256SUMS', '-CAfile', roots,
                          '-purpose', 'any', '-out', '/dev/null'], cwd=pack.folder, capture_output=True, text=True)
    return run.returncode == 0, run.stderr


def check_dsse(pack):
    statement, payload, signed, signatures = pack.statement()
    assert jcs.dumps(statement) == payload
    assert (statement['_type'], statement['predicateType']) == ('https://in-toto.io/Statement/v1', 'urn:proofline:pack:1')
    named = {s['name']: s['digest']['sha256'] for s in statement['subject']}
    assert named == {path: hashlib.sha256(pack.bytes(path)).hexdigest() for path in ('SHA256SUMS', 'sig/builder.json')}
    assert statement['predicate'] == {key: pack.manifest[key] for key in ('name', 'packId', 'revision')}
    assert len(signatures) == 2
    for who, signature in zip(('preparer', 'approver'), signatures):
        key = signer(pack.folder / f'sig/SHA256SUMS.{who}.p7s').public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert signature['keyid'] == hashlib.sha256(spki).hexdigest(), who
        try:
            key.verify(base64.b64decode(signature['sig'], validate=True), signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise AssertionError(f'the DSSE signature of the {who} does not verify') from None


def check_proofs(pack, verifier):
    """Every entry and every event line up to the signed checkpoint; returns the proven batch seals by log index."""
    data = pack.bytes('proofs/checkpoint-end.txt')
    checkpoint = notes.Checkpoint(data, verifier)
    said = pack.manifest['checkpointEnd']
    assert (said['origin'], said['size'], base64.b64decode(said['root'])) == (checkpoint.origin, checkpoint.size, checkpoint.root)
    sources, seals = set(pack.manifest['scope']['sources']), []
    for index, line, entry in pack.seals():
        proof = notes.TLogProof(pack.bytes(f'proofs/seals/{index}.tlog-proof'))
        assert proof.index == index and proof.checkpoint == data
        assert merkle.root_from_path(index, checkpoint.size, merkle.leaf(line), proof.path) == checkpoint.root, index
        assert jcs.is_canonical(line) and len(line) <= 16384
        assert entry['type'] != 'batch' or entry['source'] in sources, entry['source']
        seals.append((index, line, entry))
    return checkpoint, seals


def check_events(pack, seals):
    """Every line of events.jsonl by its inner path; returns the events with their sequence numbers."""
    lines, inner, out, last = pack.lines('data/events.jsonl'), pack.lines('proofs/inner.jsonl'), [], -1
    assert len(lines) == len(inner)
    for line, proof in zip(lines, inner):
        assert jcs.is_canonical(line) and jcs.is_canonical(proof)
        proof = json.loads(proof)
        index, _, seal = seals[proof['seal']]
        assert index == proof['logIndex'] and seal['type'] == 'batch'
        path = [base64.b64decode(p, validate=True) for p in proof['path']]
        assert merkle.root_from_path(proof['index'], seal['count'], merkle.leaf(line), path) == bytes.fromhex(seal['rowsRoot']), line
        event = json.loads(line)
        assert event['source'] == seal['source']
        sequence = seal['firstSeq'] + proof['index']
        assert sequence > last
        last = sequence
        out.append((sequence, index, proof['index'], event))
    return out


def check_coverage(pack, seals, events):
    """Every place of the log, the chain of seals per source, the counts in manifest and ipe.json."""
    check_places(seals, pack.manifest['checkpointEnd']['size'])
    previous, expected_rows = {}, []
    for index, line, entry in seals:
        if entry['type'] != 'batch':
            continue
        source = entry['source']
        assert entry.get('prevSeal') == previous.get(source), f'a seal of {source} before log index {index} is missing'
        previous[source] = hashlib.sha256(line).hexdigest()
        assert entry['received'] == entry['parsed'] + entry['duplicates'] + entry['quarantined'] + entry['skipped']
        inside = sum(1 for _, log_index, _, _ in events if log_index == index)
        expected_rows.append({'logIndex': index, 'source': source, 'count': entry['count'], 'inPack': inside})
    assert pack.manifest['seals'] == expected_rows
    left_out = sum(r['count'] - r['inPack'] for r in expected_rows)
    assert pack.manifest['redaction']['count'] == left_out
    for report in pack.reports:
        for row in pack.ipe(report)['sources']:
            own = [e for _, _, e in seals if e['type'] == 'batch' and e['source'] == row['source']]
            sums = {key: sum(e['events' if key == 'accepted' else key] for e in own) for key in COUNTS}
            assert {key: row[key] for key in COUNTS} == sums, (report, row['source'])
            assert row['received'] == row['parsed'] + row['duplicates'] + row['quarantined'] + row['skipped']
            assert row['accepted'] == row['inReport'] + row['filteredOut']


def check_places(seals, size):
    """Between two heartbeats only seals of other sources may be missing, as many as the heartbeat counts."""
    begin = held = own = 0
    for index, _, entry in seals:
        held += 1
        own += entry['type'] == 'batch'
        if entry['type'] == 'heartbeat':
            assert index + 1 - begin - held == entry['seals'] - own, f'entries before log index {index} are missing'
            begin, held, own = index + 1, 0, 0
    assert size - begin == held, f'entries behind log index {begin} are missing'


def drawn(seed, items, size):
    """The items of a sample: the smallest hashes of seed and item id."""
    return sorted(items, key=lambda item: hashlib.sha256(f'{seed}\n{item}'.encode()).digest())[:size]


def exception_id(report, rule, item):
    return 'X-' + hashlib.sha256(f'{report}\n{rule}\n{item}'.encode()).hexdigest()[:12]
