#!/usr/bin/env python3
"""Reads one log with a peer, on one thread, into a table in memory, and prints the CPU seconds that it took and the rows.

usage: parsing_peer.py duckdb|pyarrow json|csv|syslog FILE
Peers take fields out of records and do nothing else: no events, no actions, no tokens, nothing scrubbed. JSON by explicit types of what our
mapping reads; CSV with all columns as text; a syslog line by a regular expression for time, host, program, process and message.
"""
import csv
import json
import sys
import time

LINE = r'^(\w+ +\d+ [\d:]+) (\S+) ([^\[: ]+)(?:\[(\d+)\])?: +(.*)$'


def duckdb(kind, file):
    import duckdb as engine
    base = engine.connect(config={'threads': 1, 'preserve_insertion_order': True})
    if kind == 'json':
        from peers import duckdb_dialect, mapping
        shape = ', '.join(f"'{column}': '{duckdb_dialect.kind(inner)}'" for column, inner in mapping.SHAPES['okta'].items())
        source = f"select * from read_json('{file}', format = 'newline_delimited', columns = {{{shape}}})"
    elif kind == 'csv':
        source = f"select * from read_csv('{file}', header = {'true' if has_header(file) else 'false'}, all_varchar = true, delim = ',', quote = '\"', escape = '\"', parallel = false)"
    else:
        names = "['time', 'host', 'program', 'pid', 'message']"
        source = (f"select unnest(regexp_extract(line, '{LINE}', {names})) from "
                  f"read_csv('{file}', header = false, columns = {{'line': 'VARCHAR'}}, delim = '\\x01', quote = '', escape = '', auto_detect = false, parallel = false)")
    start = time.process_time()
    base.execute(f'create table records as {source}')
    return time.process_time() - start, base.execute('select count(*) from records').fetchone()[0]


def pyarrow(kind, file):
    import pyarrow as pa
    pa.set_cpu_count(1)
    if kind == 'csv':
        from pyarrow import csv as reader
        with open(file, newline='', encoding='utf-8') as rows:
            first = next(csv.reader(rows))
        names = first if has_header(file) else [f'c{number}' for number in range(len(first))]
        start = time.process_time()
        table = reader.read_csv(file, reader.ReadOptions(use_threads=False, column_names=None if has_header(file) else names), reader.ParseOptions(newlines_in_values=True),
                                reader.ConvertOptions(column_types={name: pa.string() for name in names}))
        return time.process_time() - start, table.num_rows
    if kind == 'json':
        from pyarrow import json as reader
        from peers import mapping
        kinds = {mapping.TEXT: pa.string(), mapping.TIME: pa.timestamp('us', tz='UTC'), mapping.NUMBER: pa.int64(), mapping.REAL: pa.float64(), mapping.TRUTH: pa.bool_(), mapping.TEXTS: pa.list_(pa.string())}

        def kind_of(shape):
            if isinstance(shape, dict):
                return pa.struct([(name, kind_of(inner)) for name, inner in shape.items()])
            return pa.list_(kind_of(shape[0])) if isinstance(shape, list) else kinds[shape]
        schema = pa.schema([(name, kind_of(inner)) for name, inner in mapping.SHAPES['okta'].items()])
        start = time.process_time()
        table = reader.read_json(file, reader.ReadOptions(use_threads=False), reader.ParseOptions(explicit_schema=schema, unexpected_field_behavior='ignore'))
        return time.process_time() - start, table.num_rows
    raise SystemExit('pyarrow reads no syslog')


def has_header(file):
    with open(file, encoding='utf-8') as rows:
        return rows.readline().startswith('"EVENT_TYPE"')


if __name__ == '__main__':
    cpu, rows = {'duckdb': duckdb, 'pyarrow': pyarrow}[sys.argv[1]](sys.argv[2], sys.argv[3])
    print(json.dumps({'cpu': cpu, 'rows': rows}))
