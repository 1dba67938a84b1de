"""A scanner that finds nothing proves nothing: each hiding place must be found."""
import base64
import gzip
import sqlite3
import zlib

import leaks
import pyarrow
import pyarrow.parquet
import pytest

SECRET = 'h.novotna@mailplanted.example.org'
NEEDLES = leaks.Needles([SECRET])


def hidden():
    raw = SECRET.encode()
    yield 'plain', b'x' + raw + b'y'
    yield 'upper case', SECRET.upper().encode()
    for n in range(3):
        yield f'base64 at {n}', base64.b64encode(b'q' * n + raw + b'tail')
    yield 'base64 without more', base64.b64encode(raw)
    yield 'base64 for addresses', base64.urlsafe_b64encode(b'{' + raw + b'}')
    yield 'hex', raw.hex().encode()
    yield 'hex in capitals', raw.hex().upper().encode()
    yield 'gzip', b'head' + gzip.compress(raw)
    yield 'zstd', b'head' + pyarrow.compress(b'z' * 99 + raw, 'zstd', asbytes=True) + b'tail'
    yield 'pdf stream', b'<< /Length 9 >>\nstream\n' + zlib.compress(raw) + b'\nendstream'


@pytest.mark.parametrize('name, data', list(hidden()), ids=[name for name, _ in hidden()])
def test_a_hidden_value_is_found(name, data, tmp_path):
    (tmp_path / 'file').write_bytes(data)
    findings, read = leaks.scan([tmp_path], NEEDLES)
    assert {value for _, _, value in findings} == {SECRET} and len(read) == 1


def test_a_value_in_a_compressed_parquet_column_is_found(tmp_path):
    table = pyarrow.table({'list': [[{'name': 'a'}, {'name': SECRET}]], 'n': [1]})
    pyarrow.parquet.write_table(table, tmp_path / 'x.parquet', compression='zstd', write_statistics=False)
    assert 'Parquet values' in {how for _, how, _ in leaks.scan([tmp_path], NEEDLES)[0]}


def test_a_value_in_a_database_cell_is_found(tmp_path):
    with sqlite3.connect(tmp_path / 'x.sqlite') as base:
        base.execute('CREATE TABLE t (a BLOB)')
        base.execute('INSERT INTO t VALUES (?)', [SECRET.encode()])
    base.close()
    assert 'SQLite cells' in {how for _, how, _ in leaks.scan([tmp_path], NEEDLES)[0]}


def test_other_text_is_not_a_finding(tmp_path):
    (tmp_path / 'file').write_bytes(b'usr_7K2M9QABCDEFG wrote to nobody')
    assert leaks.scan([tmp_path], NEEDLES)[0] == []
