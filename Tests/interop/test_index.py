"""The index files of a store, against the columns that they stand for."""
import collections

import indexes
import merkle
import pyarrow.parquet
import pytest
import stores


@pytest.fixture(scope='module')
def store(store_folder):
    return stores.Store(store_folder)


def terms_of(rows, column):
    expected = collections.defaultdict(list)
    for number, row in enumerate(rows):
        if column.startswith('targets.'):
            values = {target[column.removeprefix('targets.')] for target in row['targets'] or []}
        else:
            values = {row[column]}
        for value in values - {None}:
            expected[value].append(number)
    return dict(expected)


def test_every_index_holds_the_rows_of_every_term(store):
    for path in store.segment_files:
        index = indexes.Index(path.with_suffix('.idx').read_bytes())
        rows = pyarrow.parquet.read_table(path).to_pylist()
        assert index.row_count == len(rows)
        for column, found in index.columns.items():
            found.check(terms_of(rows, column))


def test_subtree_roots_lead_to_every_seals_root(store):
    roots = {}
    for path in store.segment_files:
        roots |= indexes.Index(path.with_suffix('.idx').read_bytes()).batches
    for _, _, seal in store.seals:
        if seal['count']:
            count, subtrees = roots[seal['firstSeq']]
            assert count == seal['count']
            leaves = [merkle.leaf(line) for line in store.lines(seal)]
            assert subtrees == [merkle.root(leaves[i:i + 256]) for i in range(0, count, 256)]
