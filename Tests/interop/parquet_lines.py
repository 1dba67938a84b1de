"""The far side of ParquetInteropTests (Swift): prints what other Parquet programs see in a file, or writes files with one of them.

usage: parquet_lines.py read FILE pyarrow|duckdb     a line per field and row: name, tab, value
       parquet_lines.py write FOLDER                 files of pyarrow in many settings, and lines.txt with what they hold

A value is `-` where absent, a number, `true` or `false`, text and bytes as `<decimal bytes>`; a list `[…, …]`, its structures' members and
a map's keys and values joined by `|`; `absent` where there is no list.
"""
import pathlib
import random
import sys
import uuid


def value(v):
    if v is None:
        return '-'
    if isinstance(v, bool):
        return 'true' if v else 'false'
    if isinstance(v, int):
        return str(v)
    if isinstance(v, str):
        v = v.encode()
    if isinstance(v, uuid.UUID):
        v = v.bytes
    return '<' + ' '.join(map(str, v)) + '>'


def element(e):
    if isinstance(e, dict):
        return '|'.join(value(v) for v in e.values())
    return '|'.join(map(value, e)) if isinstance(e, tuple) else value(e)


def lines(name, rows, is_list):
    for row in rows:
        if not is_list:
            text = value(row)
        elif row is None:
            text = 'absent'
        else:
            text = '[' + ', '.join(map(element, row.items() if isinstance(row, dict) else row)) + ']'
        yield f'{name}\t{text}'


def read_pyarrow(path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    table = pq.ParquetFile(path, page_checksum_verification=True).read()
    for name, column in zip(table.column_names, table.columns):
        if pa.types.is_timestamp(column.type):
            assert column.type in (pa.timestamp('us', tz='UTC'), pa.timestamp('ms', tz='UTC')), column.type
            column = column.cast(pa.int64())
        yield from lines(name, column.to_pylist(), pa.types.is_nested(column.type))


def read_duckdb(path):
    import duckdb
    source = f"read_parquet('{path}')"
    for name, kind in duckdb.sql(f'select column_name, column_type from (describe select * from {source})').fetchall():
        # DuckDB holds every time in microseconds; `at` is the column of milliseconds.
        epoch = 'epoch_ms' if name == 'at' else 'epoch_us'
        expression = f'{epoch}("{name}")' if kind == 'TIMESTAMP WITH TIME ZONE' else f'"{name}"'
        rows = [row[0] for row in duckdb.sql(f'select {expression} from {source}').fetchall()]
        yield from lines(name, rows, kind.endswith('[]') or kind.startswith('MAP'))


def table(row_count=300):
    import pyarrow as pa
    draw = random.Random(5)
    words = ['', 'a', 'héllo', '日本', 'x' * 50, 'login']
    rare = lambda v: None if draw.random() < .2 else v
    must = lambda name, kind: pa.field(name, kind, nullable=False)
    schema = pa.schema([
        must('seq', pa.int64()), ('time', pa.timestamp('us', tz='UTC')), ('number', pa.int64()), ('few', pa.int64()),
        ('flag', pa.bool_()), must('sure', pa.bool_()), ('plain', pa.string()), ('repeating', pa.string()), ('lengths', pa.string()),
        ('fixed', pa.binary(5)), ('raw', pa.binary()), ('nothing', pa.string()),
        ('roles', pa.list_(must('element', pa.string()))), must('marks', pa.list_(must('element', pa.int64()))),
        ('targets', pa.list_(must('element', pa.struct([must('type', pa.string()), ('id', pa.string()), ('size', pa.int64())])))),
        ('attributes', pa.map_(pa.string(), must('value', pa.string()))),
    ])
    some = lambda most, make: [make() for _ in range(draw.randrange(most))]
    word = lambda: draw.choice(words)
    rows = [{
        'seq': i, 'time': rare(1_780_000_000_000_000 + i * draw.randrange(10**6)), 'number': rare(draw.randrange(-2**63, 2**63)),
        'few': rare(draw.randrange(5)), 'flag': rare(draw.random() < .5), 'sure': draw.random() < .5, 'plain': rare(word() + str(i)),
        'repeating': rare(word()), 'lengths': rare(word() + str(i)), 'fixed': rare(draw.randbytes(5)),
        'raw': rare(draw.randbytes(draw.randrange(6))), 'nothing': None, 'roles': rare(some(4, word)),
        'marks': some(3, lambda: draw.randrange(100)),
        'targets': rare(some(3, lambda: {'type': word(), 'id': rare(word()), 'size': rare(draw.randrange(9))})),
        'attributes': rare([(f'k{k}', word()) for k in range(draw.randrange(3))]),
    } for i in range(row_count)]
    return pa.Table.from_pylist(rows, schema=schema), rows


def write(folder):
    import pyarrow as pa
    import pyarrow.parquet as pq
    made, rows = table()
    for version in ('1.0', '2.0'):
        for codec in ('none', 'zstd', 'gzip'):
            pq.write_table(
                made, folder / f'{version}-{codec}.parquet', compression=codec, data_page_version=version, row_group_size=170,
                data_page_size=400, write_batch_size=40, write_page_index=version == '2.0', write_page_checksum=codec == 'zstd',
                use_dictionary=['repeating', 'few', 'roles.list.element', 'targets.list.element.type'],
                column_encoding={
                    'seq': 'DELTA_BINARY_PACKED', 'time': 'PLAIN', 'number': 'DELTA_BINARY_PACKED', 'plain': 'PLAIN',
                    'lengths': 'DELTA_LENGTH_BYTE_ARRAY', 'fixed': 'PLAIN', 'raw': 'PLAIN', 'sure': 'RLE' if version == '2.0' else 'PLAIN'})
    with open(folder / 'lines.txt', 'w') as out:
        for field in made.schema:
            for line in lines(field.name, [row[field.name] for row in rows], pa.types.is_nested(field.type)):
                print(line, file=out)


if __name__ == '__main__':
    verb, place = sys.argv[1], pathlib.Path(sys.argv[2])
    if verb == 'write':
        write(place)
    else:
        for line in {'pyarrow': read_pyarrow, 'duckdb': read_duckdb}[sys.argv[3]](place):
            print(line)
