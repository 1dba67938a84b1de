"""pyarrow, DuckDB and Polars read every column of every segment as `proofline query` prints it (ClickHouse too: `make bench ONLY=readers`)."""
import pathlib
import subprocess
import sys

import columns
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVENTS = 20_000


@pytest.fixture(scope='module')
def generated(proofline, tmp_path_factory):
    """A store of the benchmark's three logs, and the sums over what a query of everything prints."""
    folder = tmp_path_factory.mktemp('generated')
    sys.path.insert(0, str(ROOT / 'Benchmarks'))
    import generate
    program, _ = generate.built()
    subprocess.run([program, folder, str(EVENTS), '1', ROOT / 'Benchmarks' / 'actions.tsv'], check=True)
    store = folder / 'store'
    proofline('init', '--store', store, '--origin', 'log.example.org/columns')
    for parser, file in (('okta', 'okta'), ('product_audit', 'product'), ('sidekiq', 'jobs')):
        proofline('ingest', '--store', store, '--parser', parser, folder / f'{file}.jsonl')
    ours = columns.of_lines(proofline('query', '--store', store, '--format', 'jsonl', '').splitlines())
    return sorted((store / 'segments').glob('*.parquet')), ours


def test_the_logs_fill_most_columns(generated):
    _, ours = generated
    assert ours['schema'][0] == EVENTS and len(ours) >= 38, sorted(ours)


@pytest.mark.parametrize('reader', ['pyarrow', 'duckdb', 'polars'])
def test_another_program_reads_the_same_values_in_every_column(generated, reader):
    paths, ours = generated
    assert columns.differences(ours, columns.of_segments(reader, paths)) == []


def test_a_changed_value_is_noticed():
    lines = [b'{"seq":0,"action":"a","actor":{"id":"x"}}', b'{"seq":1,"action":"b"}']
    swapped = [b'{"seq":0,"action":"b","actor":{"id":"x"}}', b'{"seq":1,"action":"a"}']
    assert columns.differences(columns.of_lines(lines), columns.of_lines(swapped)) == ['action']
    assert columns.differences(columns.of_lines(lines), columns.of_lines(lines[::-1])) == []
