"""A customer's pack: proofs and outcomes, and no row, held against the auditor's pack of the same store."""
import hashlib
import json
import re
import shutil
import subprocess

import notes
import packs
import pytest

RECIPIENT, EXPIRES = 'Kunde <AG> & Co', '2027-09-30'
REPORTS = 'EP-01,EP-03,EP-07,EP-17'


@pytest.fixture(scope='module')
def both(proofline, store_folder, keys, tmp_path_factory):
    out = tmp_path_factory.mktemp('levels')
    common = ('--store', store_folder, '--period', '2026Q3', '--reports', REPORTS, '--no-pdf')
    proofline('pack', 'build', *common, '--out', out / 'a', expect=(0, 1))
    proofline('pack', 'build', *common, '--level', 'customer', '--recipient', RECIPIENT, '--expires', EXPIRES, '--out', out / 'c', expect=(0, 1))
    policy = out / 'policy.txt'
    policy.write_text(f'log {(store_folder / "keys/log.vkey").read_text().strip()}\nquorum none\n')
    (auditor,), (customer,) = (out / 'a').iterdir(), (out / 'c').iterdir()
    return packs.Pack(auditor), packs.Pack(customer), ('--policy', policy, '--root', keys / 'ca.pem', '--allow-draft', '--format', 'json')


def resealed(pack, folder, **files):
    """A copy with other files and the hashes mended."""
    shutil.copytree(pack.folder, folder / 'pack')
    for path, data in files.items():
        (folder / 'pack' / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / 'pack' / path).write_bytes(data)
    copy = packs.Pack(folder / 'pack')
    body = sorted(f for f in copy.files() if f != 'SHA256SUMS' and not f.startswith('sig/'))
    (folder / 'pack/SHA256SUMS').write_text(''.join(f'{hashlib.sha256(copy.bytes(f)).hexdigest()}  {f}\n' for f in body))
    return folder / 'pack'


def test_the_verifier_accepts_it_and_every_entry_is_proven(proofline, both, store_folder):

    _, customer, trust = both
    said = json.loads(proofline('verify', customer.folder, *trust))
    assert said['exitCode'] == 0 and {r['id'] for r in said['reports']} == set(REPORTS.split(','))
    _, seals = packs.check_proofs(customer, notes.Verifier((store_folder / 'keys/log.vkey').read_text()))
    packs.check_places(seals, customer.manifest['checkpointEnd']['size'])
    assert customer.manifest['redaction']['count'] == sum(s['count'] for s in customer.manifest['seals']) > 0


def test_outcomes_are_those_of_the_auditors_pack_and_small_counts_are_suppressed(both):
    auditor, customer, _ = both
    suppressed = 0
    for theirs, ours in zip(auditor.manifest['reports'], customer.manifest['reports'], strict=True):
        assert (theirs['id'], theirs['outcome']) == (ours['id'], ours['outcome'])
        ipe = customer.ipe(ours['id'])
        for name in ('population', 'exceptions', 'undecided'):
            expected = '<5' if 1 <= theirs[name] < 5 else theirs[name]
            assert ours[name] == ipe[name] == expected
            suppressed += expected == '<5'
    assert suppressed > 0, 'no count of the sample quarter is small, so this shows nothing'


def test_no_row_and_nobody_is_in_it_and_every_page_says_for_whom_it_is(both):
    auditor, customer, _ = both
    files = customer.files()
    assert not [f for f in files if f.startswith(('data/', 'oscal/')) or f.endswith(('inner.jsonl', '.xlsx')) or f.startswith('reports/') and f.endswith('.csv')]
    ids = {row['exception'] for report in auditor.reports for row in auditor.csv(f'reports/{report}/exceptions.csv')}
    tokens = {t.decode() for t in re.findall(rb'\busr_[a-z0-9]{13}\b', auditor.bytes('data/events.jsonl'))}
    assert ids and tokens
    told = [f for f in files if not f.startswith('proofs/')]
    for file in told:
        text = customer.bytes(file).decode()
        assert not [needle for needle in ids | tokens if needle in text], file
    pages = [f for f in files if f.endswith('.html')]
    assert len(pages) >= 5
    for page in pages:
        text = customer.bytes(page).decode()
        assert text.count('For Kunde &lt;AG&gt; &amp; Co only · until 2027-09-30') == 2 and 'position: fixed' in text, page


@pytest.mark.parametrize('change, finding', [
    ('table', 'customer-rows-present'), ('events', 'customer-rows-present'), ('ids', 'customer-details-present'), ('page', 'customer-details-present'),
    ('unmarked', 'customer-terms-missing'),
])
def test_rows_put_back_with_mended_hashes_are_refused(proofline, both, tmp_path, change, finding):
    auditor, customer, trust = both
    table, page = 'reports/EP-03/exceptions.csv', 'reports/EP-03/report.html'
    if change == 'table':
        files = {table: auditor.bytes(table)}
    elif change == 'events':
        files = {f: auditor.bytes(f) for f in ('data/events.jsonl', 'proofs/inner.jsonl')}
    elif change == 'ids':
        files = {'reports/EP-03/ipe.json': auditor.bytes('reports/EP-03/ipe.json')}
    elif change == 'page':
        files = {page: customer.bytes(page).replace(b'</main>', b'<p>item seq:17</p></main>')}
    else:
        files = {page: customer.bytes(page).replace(b'until 2027', b'until 2099')}
    said = json.loads(proofline('verify', resealed(customer, tmp_path, **files), *trust, expect=(18, 19)))
    assert finding in [f['id'] for step in said['steps'] for f in step['findings']]
    if change in ('table', 'page', 'unmarked'):
        assert said['exitCode'] == 19


def test_recipient_and_last_day_are_required_and_a_nonce_is_refused(proofline, store_folder, tmp_path):
    call = ('pack', 'build', '--store', store_folder, '--period', '2026Q3', '--reports', 'EP-03', '--no-pdf', '--level', 'customer', '--out', tmp_path)
    proofline(*call, expect=2)
    proofline(*call, '--recipient', 'x', '--expires', 'soon', expect=2)
    proofline(*call, '--recipient', 'x', '--expires', EXPIRES, '--nonce', '7', expect=2)


@pytest.mark.skipif(not (shutil.which('weasyprint') and shutil.which('pdftotext')), reason='needs weasyprint and poppler-utils')
def test_every_sheet_of_the_pdf_carries_the_mark(proofline, store_folder, tmp_path):
    proofline('pack', 'build', '--store', store_folder, '--period', '2026Q3', '--reports', 'EP-03', '--level', 'customer', '--recipient', 'Kunde AG', '--expires', EXPIRES,
              '--out', tmp_path / 'out', expect=(0, 1))
    pack, = (tmp_path / 'out').iterdir()
    text = subprocess.run(['pdftotext', '-raw', pack / 'reports/EP-03/report.pdf', '-'], check=True, capture_output=True).stdout.decode()
    sheets = text.split('\f')[:-1]
    assert len(sheets) > 1, 'one sheet shows nothing about every sheet'
    for sheet in sheets:
        assert 'For Kunde AG only · until 2027-09-30' in sheet
