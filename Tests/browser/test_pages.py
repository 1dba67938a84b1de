"""The pages of a pack in Chromium: they read in light and dark, wide and narrow, without a script and without the network."""
import json
import subprocess

import pytest

REPORTS = ['EP-01', 'EP-03', 'EP-17']
PAGES = ['index.html'] + [f'reports/{report}/report.html' for report in REPORTS]

# WCAG 2 contrast of every text against what lies behind it; returns those below `limit`.
CONTRAST = r'''(limit) => {
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return {r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1}; };
  const light = c => { const f = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b); };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c; } return {r: 255, g: 255, b: 255}; };
  const low = [];
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg') || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < limit) low.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)} ${e.textContent.trim().slice(0, 40)}`);
  }
  return low;
}'''


@pytest.mark.parametrize('path', PAGES)
def test_a_page_says_nothing_and_fetches_nothing(visit, path):
    page = visit(path)
    assert page.said == []
    assert len(page.fetched) == 1


@pytest.mark.parametrize('path', PAGES)
def test_a_page_is_the_same_without_scripts(visit, path):
    assert visit(path).inner_text('main') == visit(path, java_script_enabled=False).locator('main').inner_text()


@pytest.mark.parametrize('scheme', ['light', 'dark'])
@pytest.mark.parametrize('path', PAGES)
def test_every_text_can_be_read_in_light_and_dark(visit, path, scheme):
    assert visit(path, scheme=scheme).evaluate(CONTRAST, 4.5) == []


@pytest.mark.parametrize('width', [390, 820, 1280])
@pytest.mark.parametrize('path', PAGES)
def test_a_page_never_scrolls_sideways(visit, path, width):
    page = visit(path, width=width)
    assert page.evaluate('document.documentElement.scrollWidth') <= width


@pytest.mark.parametrize('path', PAGES)
def test_a_page_has_the_landmarks_that_a_screen_reader_needs(visit, path):
    page = visit(path)
    assert page.get_attribute('html', 'lang') == 'en'
    assert page.title()
    assert [page.locator(tag).count() for tag in ('h1', 'main', 'header', 'footer')][0:2] == [1, 1]
    for chart in page.locator('svg[role=img]').all():
        assert chart.evaluate('e => e.getAttribute("aria-labelledby").split(" ").every(id => document.getElementById(id).textContent.trim())')
    for table in page.locator('table').all():
        assert table.locator('th[scope=col]').count() > 0
    ids = page.evaluate('[...document.querySelectorAll("[id]")].map(e => e.id)')
    assert len(ids) == len(set(ids))


def test_links_of_the_index_lead_to_files_of_the_pack(visit, pack):
    links = visit('index.html').evaluate('[...document.querySelectorAll("a")].map(a => a.getAttribute("href"))')
    assert len(links) > len(REPORTS)
    for link in links:
        assert (pack / link).is_file(), link


@pytest.mark.parametrize('report', REPORTS)
def test_a_report_shows_outcome_exceptions_and_gaps_of_its_ipe(visit, pack, report):
    ipe = json.loads((pack / f'reports/{report}/ipe.json').read_text())
    text = visit(f'reports/{report}/report.html').inner_text('main')
    for expected in ipe['outcomeReasons'] + ipe['exceptionIds'] + [ipe['checkpoint']['root'], ipe['definitionSha256']]:
        assert expected in text
    for gap in ipe['gaps']:
        assert gap['source'] in text and gap['explanation'] in text


def test_the_heat_map_has_a_cell_per_source_and_day_and_marks_the_silence(visit):
    page = visit('reports/EP-01/report.html')
    titles = page.evaluate('[...document.querySelectorAll("figure svg rect title")].map(t => t.textContent)')
    assert len(titles) == 15 * 92
    assert [t for t in titles if 'exception' in t] == ['sidekiq, 2026-08-26: 12 events, 1 exception']


@pytest.mark.parametrize('report', REPORTS)
def test_the_pdf_holds_the_same_findings_with_its_fonts(pack, report):
    path = pack / f'reports/{report}/report.pdf'
    text = subprocess.run(['pdftotext', '-layout', path, '-'], capture_output=True, text=True, check=True).stdout
    ipe = json.loads((pack / f'reports/{report}/ipe.json').read_text())
    for exception in ipe['exceptionIds']:
        assert exception in text
    fonts = subprocess.run(['pdffonts', path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all(line.split()[-5] == 'yes' for line in fonts)
