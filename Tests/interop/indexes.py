"""Reads the index file beside a segment (docs/formats/store.md)."""
import hashlib
import struct
import zlib


class Index:
    def __init__(self, data):
        assert data[:8] == b'PLINDEX\0' and hashlib.sha256(data[:-32]).digest() == data[-32:]
        version, columns, self.row_count, batches = struct.unpack_from('<IIQI', data, 8)
        assert version == 1
        at, self.columns, self.batches = 28, {}, {}
        for _ in range(columns):
            name_size = data[at]
            name = data[at + 1:at + 1 + name_size].decode()
            size, = struct.unpack_from('<Q', data, at + 1 + name_size)
            at += 9 + name_size
            self.columns[name] = section(data[at:at + size])
            at += size
        for _ in range(batches):
            first, count = struct.unpack_from('<QI', data, at)
            at += 12
            roots = -(-count // 256)
            self.batches[first] = (count, [data[at + 32 * i:at + 32 * i + 32] for i in range(roots)])
            at += 32 * roots
        assert at == len(data) - 32


def section(data):
    """One column, by the kind of its section."""
    return {0: Terms, 1: Hashes}[data[0]](data[1:])


class Terms:
    """Rows by term: exact."""

    def __init__(self, data):
        self.rows_of = terms(data)

    def check(self, expected):
        assert self.rows_of == expected


class Hashes:
    """Rows by the hash of their term: candidates."""

    def __init__(self, data):
        self.count, self.bits = struct.unpack_from('<IB', data)
        self.ends = (0,) + struct.unpack_from(f'<{1 << self.bits}I', data, 5)
        at = 5 + (4 << self.bits)
        self.entries = [struct.unpack_from('<HI', data, at + 6 * i) for i in range(self.count)]
        assert at + 6 * self.count == len(data) and self.ends[-1] == self.count

    def candidates(self, term):
        crc = zlib.crc32(term.encode())
        bucket = crc >> (32 - self.bits)
        return [row for mark, row in self.entries[self.ends[bucket]:self.ends[bucket + 1]] if mark == crc & 0xffff]

    def check(self, expected):
        assert self.count == sum(map(len, expected.values()))
        for term, rows in expected.items():
            assert set(rows) <= set(self.candidates(term))


def terms(data):
    """{term: [rows]} of one column."""
    count, term_size, row_size = struct.unpack_from('<III', data)
    ends = struct.unpack_from(f'<{2 * count}I', data, 12)
    at = 12 + 8 * count
    terms, rows = data[at:at + term_size], data[at + term_size:]
    assert len(rows) == row_size
    found, term_start, row_start = {}, 0, 0
    for term_end, row_end in zip(ends[:count], ends[count:]):
        found[terms[term_start:term_end].decode()] = deltas(rows[row_start:row_end])
        term_start, row_start = term_end, row_end
    assert list(found) == sorted(found, key=str.encode)
    return found


def deltas(data):
    rows, value, shift, last = [], 0, 0, 0
    for byte in data:
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            last += value
            rows.append(last)
            value, shift = 0, 0
    return rows
