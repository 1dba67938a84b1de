"""A pack of the sample quarter, opened in Chromium as a person would. PROOFLINE names the binary."""
import os
import pathlib
import subprocess

import pytest
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]


def proofline(*arguments):
    run = subprocess.run([os.environ['PROOFLINE'], *map(str, arguments)], capture_output=True, text=True, timeout=900)
    assert run.returncode in (0, 1), f'{arguments} ended with {run.returncode}\n{run.stderr[-2000:]}'
    return run.stdout


@pytest.fixture(scope='session')
def pack(tmp_path_factory):
    """The body of a pack; signatures do not show in its pages."""
    binary = os.environ.get('PROOFLINE')
    if not binary or not os.access(binary, os.X_OK):
        pytest.fail('PROOFLINE must name the built program, for example: PROOFLINE=.build/release/proofline')
    folder = tmp_path_factory.mktemp('browser')
    proofline('init', '--store', folder / 'store', '--origin', 'log.example.org/browser')
    proofline('ingest', '--store', folder / 'store', '--config', ROOT / 'samples/quarter/sources.yaml')
    proofline('pack', 'build', '--store', folder / 'store', '--period', '2026Q3', '--nonce', 'auditor-1', '--out', folder / 'packs')
    return folder / 'packs/EP-2026Q3-soc2-r1'


@pytest.fixture(scope='session')
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path='/usr/bin/chromium', args=['--no-sandbox'])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, pack):
    """Opens a page of the pack and keeps what it said and what it fetched."""
    contexts = []

    def open_page(path, width=1280, scheme='light', **options):
        context = browser.new_context(viewport={'width': width, 'height': 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.said, page.fetched = [], []
        page.on('console', lambda message: page.said.append(message.text))
        page.on('pageerror', lambda error: page.said.append(str(error)))
        page.on('request', lambda request: page.fetched.append(request.url))
        page.goto((pack / path).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
