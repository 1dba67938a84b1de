"""The index files of a store, against the columns that they stand for."""
import indexes
import merkle
import pyarrow.parquet
import pytest
import segments
import stores


@pytest.fixture(scope='module')
def store(store_folder):
    return stores.Store(store_folder)


def texts(row, column):
    if column.startswith('targets.'):
        return [target.get(column.removeprefix('targets.')) for target in row['targets'] or []]
    return [row[column]]


def groups(path):
    """The rows of each row group."""
    file = pyarrow.parquet.ParquetFile(path)
    return [[segments.untyped(row) for row in file.read_row_group(i).to_pylist()] for i in range(file.num_row_groups)]


def test_the_known_answer_of_the_page():
    value = indexes.xxh64(b'usr_kq3vz5hwm2t4a')
    assert value == 0xf3126ae3a7bcaaa8 and (value >> 32) * 5 >> 32 == 4
    assert [(value & 0xffffffff) * salt % (1 << 32) >> 27 for salt in indexes.SALTS] == [16, 1, 11, 20, 22, 31, 31, 25]
    assert len(indexes.grams('Mail 12ab Cdef')) == 6


def test_no_filter_hides_a_term(store):
    asked = excluded = 0
    for path in store.segment_files:
        index = indexes.Index(path.with_suffix('.idx').read_bytes())
        for number, rows in enumerate(groups(path)):
            for family, columns in indexes.FAMILIES.items():
                held = {}
                for at, row in enumerate(rows):
                    for column in columns:
                        for text in texts(row, column):
                            if text is not None:
                                held.setdefault(text, set()).add(at // 4096)
                for term, pages in list(held.items())[:200]:
                    assert pages <= index.pages(term, family, number), (path, term)
                for absent in (f'absent {i}' for i in range(50)):
                    asked, excluded = asked + 1, excluded + (not index.pages(absent, family, number))
    assert excluded > 0.9 * asked


def test_no_filter_hides_a_piece_of_a_message(store):
    for path in store.segment_files:
        index = indexes.Index(path.with_suffix('.idx').read_bytes())
        for number, rows in enumerate(groups(path)):
            for at, row in list(enumerate(rows))[:300]:
                message = row['message']
                if message is not None and indexes.grams(message[2:12]):
                    assert at // 4096 in index.pages_with(message[2:12], number)


def test_first_uses_are_counted_page_by_page(store):
    for path in store.segment_files:
        index = indexes.Index(path.with_suffix('.idx').read_bytes())
        for number, rows in enumerate(groups(path)):
            for column in indexes.COUNTED:
                seen, ends = set(), []
                for start in range(0, len(rows), 4096):
                    for row in rows[start:start + 4096]:
                        seen.update(text for text in texts(row, column) if text is not None)
                    ends.append(len(seen))
                told = index.first_uses(column, number)
                assert told == (ends if len(ends) > 1 and len(seen) >= 512 else None), (path, column)


def test_checksums_cover_every_block_of_the_segment(store):
    kept = {number: check for number, check in store.catalogue('SELECT id, index_check FROM segment')}
    for path in store.segment_files:
        index = indexes.Index(path.with_suffix('.idx').read_bytes())
        index.check_segment(path.read_bytes())
        assert index.check == kept[int(path.stem)] % (1 << 64)
        assert index.row_count == pyarrow.parquet.read_metadata(path).num_rows


def test_the_catalogue_knows_the_tail_of_every_segment(store):
    for number, size, check in store.catalogue('SELECT id, tail_bytes, tail_check FROM segment'):
        data = (store.folder / f'segments/{number:08d}.parquet').read_bytes()
        assert indexes.xxh64(data[-size:]) == check % (1 << 64)


def test_a_flipped_byte_is_noticed(store):
    data = bytearray(store.segment_files[0].with_suffix('.idx').read_bytes())
    for at in range(0, len(data), 1 + len(data) // 50):
        data[at] ^= 1
        with pytest.raises(AssertionError):
            indexes.Index(bytes(data))
        data[at] ^= 1


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
