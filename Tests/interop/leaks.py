"""Looks for planted strings in any file: plain, base64 at every alignment, hex; in the bytes and in whatever is compressed inside.

Parquet columns, SQLite cells, gzip, zlib and zstd streams are opened, so that compression hides nothing.
"""
import base64
import io
import json
import pathlib
import sqlite3
import zlib

import pyarrow
import pyarrow.parquet

ZSTD, GZIP = b'\x28\xb5\x2f\xfd', b'\x1f\x8b\x08'
MAX_BYTES = 256 << 20


def base64_forms(value):
    """The characters that stay the same whatever stands before and after `value`, for each alignment."""
    for offset in range(3):
        bits = 8 * (offset + len(value))
        whole = base64.b64encode(bytes(offset) + value).decode()
        core = whole[(8 * offset + 5) // 6:bits // 6]
        yield core
        if '+' in core or '/' in core:
            yield core.replace('+', '-').replace('/', '_')


class Needles:
    """All forms of all values. Plain text and hex are sought without regard to case, base64 exactly."""

    def __init__(self, values):
        self.folded, self.exact = {}, {}
        for value in values:
            data = value.encode()
            for form in (data.lower(), data.hex().encode(), data.decode('latin-1').encode('utf-16-le').lower() if value.isascii() else data.lower()):
                self.folded[form] = value
            for form in base64_forms(data):
                if len(form) >= 8:
                    self.exact[form.encode()] = value

    def found_in(self, data):
        folded = data.lower()
        hits = {value for form, value in self.folded.items() if form in folded}
        return sorted(hits | {value for form, value in self.exact.items() if form in data})


def planted_values(quarter):
    planted = json.loads((pathlib.Path(quarter) / 'planted.json').read_text())
    for item in planted['strings']:
        yield from [item['value'], *item['also']]
    for values in planted['identities'].values():
        yield from values


def unzstd(data):
    """As much as the frame at the beginning of `data` holds."""
    out = bytearray()
    try:
        stream = pyarrow.CompressedInputStream(pyarrow.BufferReader(data), 'zstd')
        while len(out) < MAX_BYTES and (piece := stream.read(1 << 16)):
            out += piece
    except (OSError, pyarrow.ArrowException):
        pass
    return bytes(out)


def inflate(data, window):
    try:
        return zlib.decompressobj(window).decompress(data, MAX_BYTES)
    except zlib.error:
        return b''


def places(data, magic):
    at = data.find(magic)
    while at >= 0:
        yield at
        at = data.find(magic, at + 1)


def streams(data):
    """Every compressed stream that begins anywhere in `data`."""
    for at in places(data, ZSTD):
        yield unzstd(data[at:])
    for at in places(data, GZIP):
        yield inflate(data[at:], 31)
    for marker in (b'stream\n', b'stream\r\n'):  # PDF
        for at in places(data, marker):
            yield inflate(data[at + len(marker):], 15)


def parquet_values(data):
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    yield '\n'.join(table.schema.names).encode()
    for name, column in zip(table.schema.names, table.columns):
        seen = {json.dumps(v, ensure_ascii=False, default=str) if not isinstance(v, str) else v for v in column.to_pylist() if v is not None}
        yield '\n'.join(sorted(seen)).encode()


def sqlite_values(path):
    with sqlite3.connect(f'file:{path}?mode=ro&immutable=1', uri=True) as base:
        tables = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in base.execute(f'SELECT * FROM "{table}"'):
                yield b'\n'.join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row if cell is not None)


def readings(path):
    """Everything that can be read out of a file, as (how, bytes)."""
    data = path.read_bytes()
    yield 'bytes', data
    for inner in streams(data):
        if inner:
            yield 'compressed stream', inner
    if data[:4] == b'PAR1':
        yield 'Parquet values', b'\n'.join(parquet_values(data))
    if data[:15] == b'SQLite format 3':
        cells = b'\n'.join(sqlite_values(path))
        yield 'SQLite cells', cells
        yield from (('compressed SQLite cell', inner) for inner in streams(cells) if inner)


def scan(folders, needles):
    """Findings as (file, how, value); the files that were read come with them."""
    findings, read = [], []
    for folder in folders:
        folder = pathlib.Path(folder)
        for path in sorted(p for p in ([folder] if folder.is_file() else folder.rglob('*')) if p.is_file()):
            read.append(path)
            for how, data in readings(path):
                findings += [(str(path), how, value) for value in needles.found_in(data)]
    return findings, read
