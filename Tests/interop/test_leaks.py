"""Planted personal data and secrets, and every identity: zero hits in store, pack and everything the program printed."""
import json
import pathlib
import subprocess

import leaks
import pytest
import stores
from conftest import QUARTER


@pytest.fixture(scope='module')
def needles():
    return leaks.Needles(leaks.planted_values(QUARTER))


def report(findings):
    return '\n'.join(f'{value!r} in {pathlib.Path(path).name} ({how})' for path, how, value in findings[:40])


def test_the_scanner_finds_every_planted_value_in_the_input(needles):
    """The canary: the same scan over the sample files sees each one of them."""
    findings, _ = leaks.scan([QUARTER], needles)
    found = {value for _, _, value in findings}
    planted = json.loads((QUARTER / 'planted.json').read_text())
    assert found >= {item['value'] for item in planted['strings']}


def test_what_a_reader_asked_for_is_not_kept_as_he_wrote_it(needles, store_folder, quarter, proofline):
    """Queries are noted in the store. They name people, addresses, and words that only the reader knows."""
    planted = json.loads((QUARTER / 'planted.json').read_text())
    emails, addresses, names, logins = (planted['identities'][kind] for kind in ('email', 'ip', 'name', 'linux_login'))
    words = [f'actor:{emails[0]}', f'ip:{addresses[0]}', f'actor:"{names[0]}"', f'target:{logins[0]}', emails[1], f'"{names[1]}"', f'NOT actor:{emails[2]} ip:{addresses[1]}']
    words += [f'"{item["value"]}"' for item in planted['strings'] if '"' not in item['value']][:12]
    for word in words:
        # What it prints goes to the one who asked; it is no log of the program.
        run = subprocess.run([proofline.binary, 'query', '--store', store_folder, '--limit', '1', '--', word], capture_output=True, text=True)
        assert run.returncode in (0, 1), run.stderr
    spooled, _ = leaks.scan([store_folder / 'spool'], needles)
    assert not spooled, report(spooled)
    proofline('ingest', '--store', store_folder, '--config', quarter / 'sources.yaml', expect=(0, 1))
    acts = [row for row in stores.Store(store_folder).rows.values() if row['source'] == 'proofline']
    assert len(acts) >= 6, 'queries that name somebody are events'
    findings, _ = leaks.scan([store_folder], needles)
    assert not findings, report(findings)


def test_nothing_planted_is_in_the_store(needles, store_folder):
    findings, read = leaks.scan([store_folder], needles)
    names = {path.name for path in read}
    assert {'catalogue.sqlite', 'checkpoint'} <= names and any(n.endswith('.parquet') for n in names) and any(n.endswith('.idx') for n in names)
    assert not findings, report(findings)


def test_nothing_planted_is_in_the_pack(needles, released):
    findings, read = leaks.scan([released.pack], needles)
    assert {'.html', '.pdf', '.csv', '.json', '.parquet'} <= {path.suffix for path in read}
    assert not findings, report(findings)


def test_the_program_printed_nothing_planted(needles, released, proofline):
    findings, read = leaks.scan([proofline.printed], needles)
    assert read and not findings, report(findings)
