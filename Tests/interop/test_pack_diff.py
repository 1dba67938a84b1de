"""Two packs of one store, compared: what `pack diff` says is held against what csv and json modules read in the packs."""
import collections
import html.parser
import json
import shutil
import subprocess

import packs
import pytest
from conftest import ORIGIN, QUARTER

REPORTS = 'EP-01,EP-03,EP-07'


class Grown:
    """A store that took in September after the first pack was built, and the packs of both times."""

    def __init__(self, proofline, folder):
        self.quarter, self.store, self.out = folder / 'quarter', folder / 'store', folder / 'packs'
        quarter = self.quarter
        # Two goes before the first pack: the log's first kept head is then another than that pack's end.
        for months in (('08', '09'), ('09',)):
            later = [pattern for month in months for pattern in (f'*2026-{month}*', f'*_2026{month}*')]
            shutil.copytree(QUARTER, quarter, ignore=shutil.ignore_patterns(*later, 'auth.log', 'export.csv'), dirs_exist_ok=True)
            if not self.store.exists():
                proofline('init', '--store', self.store, '--origin', ORIGIN)
            proofline('ingest', '--store', self.store, '--config', quarter / 'sources.yaml', expect=(0, 1))
        self.old = self.build(proofline, '2026-07-01', '2026-08-01', 1)
        shutil.copytree(QUARTER, quarter, dirs_exist_ok=True)
        proofline('ingest', '--store', self.store, '--config', quarter / 'sources.yaml', expect=(0, 1))
        self.new = self.build(proofline, '2026-08-01', '2026-10-01', 2, '--previous', self.old)
        self.alone = self.build(proofline, '2026-08-01', '2026-10-01', 3)
        self.late = self.build(proofline, '2026-09-01', '2026-10-01', 4)

    def build(self, proofline, since, until, revision, *more):
        out = self.out / str(revision)
        proofline('pack', 'build', '--store', self.store, '--since', since, '--until', until, '--reports', REPORTS, '--no-pdf', '--revision', revision,
                  '--out', out, *more, expect=(0, 1))
        pack, = out.iterdir()
        return pack


@pytest.fixture(scope='module')
def grown(proofline, tmp_path_factory):
    return Grown(proofline, tmp_path_factory.mktemp('diff'))


def compared(proofline, *arguments, expect=(0, 1)):
    return json.loads(proofline('pack', 'diff', *arguments, '--as', 'json', expect=expect))


def rules(pack, report):
    return collections.Counter(row['rule'] for row in packs.Pack(pack).csv(f'reports/{report}/exceptions.csv'))


def test_counts_and_exceptions_are_those_of_the_two_packs(proofline, grown):
    said = compared(proofline, grown.old, grown.new)
    old, new = packs.Pack(grown.old), packs.Pack(grown.new)
    assert (said['old']['packId'], said['new']['packId']) == (old.manifest['packId'], new.manifest['packId'])
    assert [r['id'] for r in said['reports']] == sorted(new.reports)
    seen = 0
    for report in said['reports']:
        before, after = (next(r for r in p.manifest['reports'] if r['id'] == report['id']) for p in (old, new))
        assert report['population'] == {'old': before['population'], 'new': after['population'], 'change': after['population'] - before['population']}
        assert (report['outcome']['old'], report['outcome']['new']) == (before['outcome'], after['outcome'])
        count = lambda *kinds: sum((collections.Counter(e['rule'] for e in report[k]) for k in kinds), collections.Counter())
        assert count('exceptionsNew', 'exceptionsRepeated') == rules(grown.new, report['id'])
        assert sum(count('exceptionsClosed', 'exceptionsRepeated').values()) == sum(rules(grown.old, report['id']).values())
        seen += sum(rules(grown.new, report['id']).values())
    assert seen > 0, 'the sample quarter has exceptions, or this test shows nothing'
    assert said['periods'] == {'state': 'contiguous'}


def test_new_exceptions_end_with_1_and_a_pack_against_itself_with_0(proofline, grown):
    assert compared(proofline, grown.old, grown.new, expect=1)['worse']
    said = compared(proofline, grown.new, grown.new, expect=0)
    assert said['worse'] == [] and said['periods']['state'] == 'same' and said['growth']['state'] == 'same'
    for report in said['reports']:
        assert report['exceptionsNew'] == report['exceptionsClosed'] == [] and not report['definition']['changed']


def test_growth_is_shown_by_the_newer_pack_or_by_the_store_and_never_claimed_without_proof(proofline, grown):
    assert {k: compared(proofline, grown.old, grown.new)['growth'][k] for k in ('state', 'by')} == {'state': 'proven', 'by': 'pack'}
    alone = compared(proofline, grown.old, grown.alone)['growth']
    assert alone['state'] == 'unproven' and '--store' in alone['text']
    stored = compared(proofline, grown.old, grown.alone, '--store', grown.store)['growth']
    assert (stored['state'], stored['by']) == ('proven', 'store')


def test_a_gap_between_the_periods_is_told(proofline, grown):
    said = compared(proofline, grown.old, grown.late, expect=1)
    assert said['periods']['state'] == 'gap' and any('No pack covers' in line for line in said['worse'])


@pytest.mark.parametrize('change, code', [('flip', 10), ('add', 11), ('remove', 10)])
@pytest.mark.parametrize('side', [0, 1])
def test_a_tampered_pack_is_refused_with_the_verifiers_code(proofline, grown, tmp_path, change, code, side):
    pair = [grown.old, grown.new]
    shutil.copytree(pair[side], tmp_path / 'pack')
    pair[side], table = tmp_path / 'pack', tmp_path / 'pack/reports/EP-03/exceptions.csv'
    if change == 'flip':
        table.write_bytes(table.read_bytes() + b'x')
    elif change == 'add':
        (tmp_path / 'pack/extra.txt').write_text('more')
    else:
        table.unlink()
    assert proofline('pack', 'diff', *pair, expect=code) == ''


def test_the_wrong_order_and_what_is_no_pack_are_told(proofline, grown, tmp_path):
    proofline('pack', 'diff', grown.new, grown.old, expect=2)
    proofline('pack', 'diff', grown.old, expect=2)
    proofline('pack', 'diff', grown.old, tmp_path / 'nothing', expect=3)
    proofline('pack', 'diff', grown.old, grown.new, '--out', tmp_path / 'no/such/folder', expect=3)


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.open = set(), []

    def handle_starttag(self, tag, attributes):
        self.seen |= {tag} | {name for name, _ in attributes}
        if tag != 'meta':
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(proofline, grown, tmp_path):
    page = tmp_path / 'changes.html'
    assert proofline('pack', 'diff', grown.old, grown.new, '--as', 'html', '--out', page, expect=(0, 1)) == ''
    text = page.read_text()
    tags = Tags()
    tags.feed(text)
    assert tags.open == [] and not tags.seen & {'script', 'link', 'img', 'src', 'href', 'onload', 'iframe'}
    assert 'prefers-color-scheme: dark' in text and 'EP-03' in text
    assert proofline('pack', 'diff', grown.old, grown.new, '--as', 'html', expect=(0, 1)) == text


def test_an_explanation_is_printed_beside_its_exception_and_counts_stay(proofline, grown, keys, tmp_path):
    """Last in the file: it grows the log."""
    plain = packs.Pack(grown.new)
    row = plain.csv('reports/EP-03/exceptions.csv')[0]
    call = ('report', 'explain', row['exception'], '--store', grown.store, '--ticket', 'SEC-118', '--owner', 'Olga Owner', '--expires', '2099-12-31')
    proofline(*call, '--reason', 'agreed with ann@example.org', '--approved-by', 'anton')
    proofline(*call[:2], 'X-1', *call[3:], '--reason', 'r', '--approved-by', 'anton', expect=2)
    proofline(*call, '--reason', 'r', '--approved-by', subprocess.run(['id', '-un'], capture_output=True, text=True).stdout.strip(), expect=2)
    proofline('ingest', '--store', grown.store, '--config', grown.quarter / 'sources.yaml', expect=(0, 1))
    pack = packs.Pack(grown.build(proofline, '2026-08-01', '2026-10-01', 5))
    for report in pack.reports:
        a, b = plain.ipe(report), pack.ipe(report)
        assert [a[k] for k in ('outcome', 'population', 'exceptions', 'exceptionIds')] == [b[k] for k in ('outcome', 'population', 'exceptions', 'exceptionIds')]
    said, = pack.ipe('EP-03')['explanations']
    assert (said['exception'], said['ticket'], said['holds']) == (row['exception'], 'SEC-118', True)
    explained = {r['exception']: r['explanation'] for r in pack.csv('reports/EP-03/exceptions.csv')}
    assert 'under SEC-118' in explained[row['exception']] and sum(map(bool, explained.values())) == 1
    page = pack.bytes('reports/EP-03/report.html').decode()
    assert 'under SEC-118' in page
    everything = page + json.dumps(said) + pack.bytes('data/events.jsonl').decode()
    assert 'Olga' not in everything and 'ann@example.org' not in everything
    events = packs.check_events(pack, pack.seals())
    assert any((log_index, index) == (said['logIndex'], said['index']) and event['action'] == 'proofline.exception.explain' for _, log_index, index, event in events)
    policy = tmp_path / 'policy.txt'
    policy.write_text(f'log {(grown.store / "keys/log.vkey").read_text().strip()}\nquorum none\n')
    assert 'DRAFT' in proofline('verify', pack.folder, '--policy', policy, '--root', keys / 'ca.pem', '--allow-draft')
