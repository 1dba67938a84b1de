"""The workbook of a pack as openpyxl reads it: the same figures as the CSV files, and no cell that a spreadsheet would run."""
import hashlib
import io
import zipfile

import openpyxl
import packs
import pytest


@pytest.fixture(scope='module')
def pack(released):
    return packs.Pack(released.pack)


@pytest.fixture(scope='module')
def book(pack):
    return openpyxl.load_workbook(io.BytesIO(pack.bytes('workbook.xlsx')))


def rows(sheet):
    heading, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, line)) for line in lines]


def test_the_summary_has_the_figures_of_the_manifest(pack, book):
    found = {row['Report']: row for row in rows(book['Summary'])}
    for report in pack.manifest['reports']:
        row = found[report['id']]
        assert (row['Items tested'], row['With exceptions'], row['Not decided']) == (report['population'], report['exceptions'], report['undecided'])
        assert row['Outcome'].lower().replace(' ', '_') == report['outcome']


def test_every_report_has_its_population_in_the_order_of_the_csv(pack, book):
    for report in pack.reports:
        table = pack.csv(f'reports/{report}/population.csv')
        sheet = rows(book[report])
        assert [row['Item'] for row in sheet] == [row['item'] for row in table]
        assert [row['Exceptions'] or '' for row in sheet] == [row['exceptions'] for row in table]


def test_the_exceptions_are_those_of_the_csv_files(pack, book):
    expected = [(report, row['exception'], row['item'], row['what'].lstrip("'")) for report in pack.reports for row in pack.csv(f'reports/{report}/exceptions.csv')]
    assert [(row['Report'], row['Exception'], row['Item'], row['What']) for row in rows(book['Exceptions'])] == expected


def test_the_sample_leaves_room_for_the_auditor(pack, book):
    sheet = rows(book['Sample'])
    expected = [(report, row['item']) for report in pack.reports for row in pack.csv(f'reports/{report}/sample.csv')]
    assert [(row['Report'], row['Item']) for row in sheet] == expected
    assert all(row["Auditor's result"] is None and row["Auditor's remarks"] is None for row in sheet)


def test_no_cell_is_a_formula_and_nothing_is_linked(pack, book):
    kinds = {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line}
    assert 'f' not in kinds and kinds <= {'s', 'n', 'd', 'inlineStr'}
    with zipfile.ZipFile(io.BytesIO(pack.bytes('workbook.xlsx'))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if 'externalLink' in name or 'vba' in name.lower()]
        assert b'<f>' not in b''.join(archive.read(name) for name in archive.namelist() if name.startswith('xl/worksheets/'))


def test_the_workbook_is_in_the_sums(pack):
    assert pack.sums()['workbook.xlsx'] == hashlib.sha256(pack.bytes('workbook.xlsx')).hexdigest()
