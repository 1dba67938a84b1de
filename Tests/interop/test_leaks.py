"""Planted personal data and secrets, and every identity: zero hits in store, pack and everything the program printed."""
import json
import pathlib

import leaks
import pytest
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
