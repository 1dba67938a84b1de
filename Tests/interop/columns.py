"""Sums over every column of a store, as other programs read its segments, and as `proofline query --format jsonl` prints its events.

A column's sum adds up a 64-bit hash of (seq, value) for each row that has a value, so the order of rows does not matter, and a value in the wrong row does.
"""
import hashlib
import json

import segments

class Sums:
    def __init__(self):
        self.counts, self.totals = {}, {}

    def add(self, column, seq, value):
        digest = hashlib.blake2b(f'{seq}\0{value!r}'.encode(), digest_size=8).digest()
        self.counts[column] = self.counts.get(column, 0) + 1
        self.totals[column] = (self.totals.get(column, 0) + int.from_bytes(digest, 'little')) % (1 << 64)

    def plain(self):
        """{column: (values, sum)}"""
        return {column: (self.counts[column], self.totals[column]) for column in sorted(self.counts)}


def differences(ours, theirs):
    return [column for column in sorted({*ours, *theirs}) if ours.get(column) != theirs.get(column)]


def of_lines(lines):
    """Sums of events as `proofline query --format jsonl` prints them."""
    sums = Sums()
    for line in lines:
        event = json.loads(line)
        seq = event.pop('seq')
        for name, value in event.items():
            if name in segments.GROUPS:
                for member, inner in value.items():
                    sums.add(f'{name}.{member}', seq, plain(f'{name}.{member}', inner))
            else:
                sums.add(name, seq, plain(name, value))
    return sums.plain()


def plain(column, value):
    """A value in one Python shape, whoever read it."""
    if column == 'attributes':
        return sorted(segments.attributes_of({'attributes': value}))
    if isinstance(value, list):
        return [sorted((k, text(v)) for k, v in item.items() if v is not None) if isinstance(item, dict) else text(item) for item in value]
    return text(value)


def text(value):
    """ClickHouse gives texts as bytes."""
    return value.decode() if isinstance(value, bytes) else value


def of_table(table):
    """Sums of an Arrow table with the columns of segments."""
    import pyarrow as pa
    sums, names = Sums(), table.column_names
    listed = {}

    def values(name):
        if name not in listed:
            column = table.column(name)
            if name in segments.TIMES:
                column = column.cast(pa.timestamp('us', tz='UTC')).cast(pa.int64())
            listed[name] = column.to_pylist()
            if name == 'time':
                listed[name] = list(map(segments.whole, listed[name], table.column('time.micros').to_pylist()))
        return listed[name]

    def texts(name):
        forms = [name, *(f'{name}.{suffix}' for suffix in segments.SIBLINGS if f'{name}.{suffix}' in names)]
        return (segments.text_of(dict(zip(forms, row)), name) for row in zip(*(table.column(form).to_pylist() for form in forms)))

    seqs = values('seq')
    for name in names:
        if name in ('seq', 'time.micros', 'correlation.field') or name.startswith(('targets.id.', 'attributes.')) or name.rpartition('.')[2] in segments.SIBLINGS:
            continue
        siblings = [f'{name}.{suffix}' for suffix in segments.SIBLINGS if f'{name}.{suffix}' in names]
        rows = zip(*map(values, [name, *siblings])) if siblings else values(name)
        # What targets and correlations may refer to, and where they say so.
        told = {field: list(texts(field)) for field in {'targets': segments.REFERRED, 'correlation': segments.CORRELATED}.get(name, ())}
        lists = {f'targets.id.{form}': values(f'targets.id.{form}') for form in segments.FORMS} if name == 'targets' else {}
        if name == 'attributes':
            lists = {f'attributes.{place}.{part}': values(f'attributes.{place}.{part}') for place in range(segments.ATTRIBUTES) for part in ('name', 'value')}
        fields = values('correlation.field') if name == 'correlation' else None
        for place, (seq, value) in enumerate(zip(seqs, rows)):
            if siblings:
                value = segments.text_of(dict(zip([name, *siblings], value)), name)
            row = {field: found[place] for field, found in told.items()}
            if fields is not None:
                value = segments.told(row, value, fields[place], segments.CORRELATED)
            if name == 'attributes':
                value = segments.attributes_of({'attributes': value} | {column: found[place] for column, found in lists.items()})
            if value is None or value == [] or value == {}:
                continue
            if name == 'targets':
                value = segments.targets_of(row | {'targets': value} | {form: found[place] or None for form, found in lists.items()})
            sums.add(name, seq, plain(name, segments.rfc3339(value) if name in segments.TIMES else value))
        for used in [name, *siblings, *lists]:
            listed.pop(used, None)
    return sums.plain()


def read_pyarrow(path):
    import pyarrow.parquet
    return pyarrow.parquet.read_table(path)


def read_duckdb(path):
    import duckdb
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection.sql(f"select * from read_parquet('{path}')").to_arrow_table()


def read_polars(path):
    import polars
    return polars.read_parquet(path).to_arrow()


def read_clickhouse(path):
    import chdb
    import pyarrow.ipc
    made = chdb.query(f"select * from file('{path}', 'Parquet') settings output_format_arrow_string_as_string = 0", 'ArrowStream')
    return pyarrow.ipc.open_stream(made.bytes()).read_all()


READERS = {'pyarrow': read_pyarrow, 'duckdb': read_duckdb, 'polars': read_polars, 'clickhouse': read_clickhouse}


def of_segments(reader, paths):
    """Sums over several segments, one in memory at a time."""
    counts, totals = {}, {}
    for path in paths:
        for column, (count, total) in of_table(READERS[reader](path)).items():
            counts[column] = counts.get(column, 0) + count
            totals[column] = (totals.get(column, 0) + total) % (1 << 64)
    return {column: (counts[column], totals[column]) for column in sorted(counts)}
