"""A Parquet reader for the part of the format that docs/formats/segment-parquet.md describes, written from that page.

Only zstd itself is borrowed (from pyarrow). It exists to show that the page is enough; it is not fast.
"""
import struct
import zlib

import pyarrow

BOOLEAN, INT64, BYTE_ARRAY, FIXED = 0, 2, 6, 7
PLAIN, DELTA_BINARY_PACKED, DELTA_LENGTH, RLE_DICTIONARY = 0, 5, 6, 8
MASK = (1 << 64) - 1


class Thrift:
    """Compact protocol: structures become dictionaries from field number to value."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            b = self.byte()
            value |= (b & 127) << shift
            if b < 128:
                return value
            shift += 7

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def value(self, kind):
        if kind in (4, 5, 6):
            return self.zigzag()
        if kind == 8:
            length = self.varint()
            self.at += length
            return self.data[self.at - length:self.at]
        if kind == 9:
            head = self.byte()
            count = head >> 4 if head >> 4 < 15 else self.varint()
            if head & 15 in (1, 2):
                return [self.byte() == 1 for _ in range(count)]
            return [self.value(head & 15) for _ in range(count)]
        if kind == 12:
            return self.structure()
        raise ValueError(f'Thrift type {kind} is not in the part that the page describes')

    def structure(self):
        fields, number = {}, 0
        while head := self.byte():
            number = number + (head >> 4) if head >> 4 else self.zigzag()
            kind = head & 15
            fields[number] = kind == 1 if kind in (1, 2) else self.value(kind)
        return fields


def hybrid(data, at, width, count):
    """The RLE / bit-packing hybrid."""
    out, size = [], (width + 7) // 8
    reader = Thrift(data, at)
    while len(out) < count:
        head = reader.varint()
        if head & 1:
            groups = head >> 1
            packed = int.from_bytes(data[reader.at:reader.at + groups * width], 'little')
            reader.at += groups * width
            out += [packed >> i * width & (1 << width) - 1 for i in range(groups * 8)]
        else:
            value = int.from_bytes(data[reader.at:reader.at + size], 'little')
            reader.at += size
            out += [value] * (head >> 1)
    return out[:count], reader.at


def deltas(data, at):
    """DELTA_BINARY_PACKED; returns the values and where they end."""
    reader = Thrift(data, at)
    block, minis, total, value = reader.varint(), reader.varint(), reader.varint(), reader.zigzag()
    assert (block, minis) == (128, 4), (block, minis, total)
    out = [value] if total else []
    while len(out) < total:
        smallest = reader.zigzag()
        widths = [reader.byte() for _ in range(minis)]
        for width in widths:
            if len(out) >= total:
                assert width == 0
                continue
            packed = int.from_bytes(data[reader.at:reader.at + 4 * width], 'little')
            reader.at += 4 * width
            for i in range(min(32, total - len(out))):
                value = value + smallest + (packed >> i * width & (1 << width) - 1) & MASK
                out.append(value - (1 << 64) if value >> 63 else value)
    return out, reader.at


def plain(data, at, kind, count, length):
    if kind == BOOLEAN:
        return [bool(data[at + i // 8] >> i % 8 & 1) for i in range(count)]
    out = []
    for _ in range(count):
        size = length
        if kind == BYTE_ARRAY:
            size, at = struct.unpack_from('<I', data, at)[0], at + 4
        elif kind == INT64:
            size = 8
        raw, at = data[at:at + size], at + size
        out.append(int.from_bytes(raw, 'little', signed=True) if kind == INT64 else raw)
    return out


class Leaf:
    def __init__(self, path, element, maximum_definition, maximum_repetition, is_outer_optional):
        self.path, self.kind, self.length = path, element[1], element.get(2, 0)
        self.is_text = element.get(6) == 0
        self.definition, self.repetition, self.o = maximum_definition, maximum_repetition, int(is_outer_optional)


class File:
    def __init__(self, data):
        assert data[:4] == data[-4:] == b'PAR1'
        length = struct.unpack('<I', data[-8:-4])[0]
        self.data, self.meta = data, Thrift(data, len(data) - 8 - length).structure()
        self.rows, self.groups = self.meta[3], self.meta.get(4, [])
        self.metadata = {kv[1].decode(): kv[2].decode() for kv in self.meta.get(5, [])}
        self.fields = list(self._fields())

    def _fields(self):
        """(name, kind of field, leaves) in file order."""
        elements = iter(self.meta[2])
        for _ in range(next(elements)[5]):
            top = next(elements)
            optional, name = top[3] == 1, top[4].decode()
            if 5 not in top:
                yield name, 'scalar', [Leaf([name], top, int(optional), 0, optional)]
                continue
            repeated = next(elements)
            assert repeated[3] == 2
            leaves = []
            if repeated[4] == b'key_value':
                for _ in range(2):
                    leaves.append(Leaf([], next(elements), optional + 1, 1, optional))
                yield name, 'map', leaves
                continue
            element = next(elements)
            if 5 not in element:
                yield name, 'list', [Leaf([], element, optional + 1, 1, optional)]
                continue
            members = [next(elements) for _ in range(element[5])]
            leaves = [Leaf([m[4].decode()], m, optional + 1 + (m[3] == 1), 1, optional) for m in members]
            yield name, 'structures', leaves

    def page(self, at):
        """Header and decompressed body of the page at a place, its checksum verified, and where it ends."""
        reader = Thrift(self.data, at)
        header = reader.structure()
        body = self.data[reader.at:reader.at + header[3]]
        assert zlib.crc32(body) == header[4] & 0xFFFFFFFF, f'page at {at} has another checksum'
        return header, pyarrow.Codec('zstd').decompress(body, header[2], asbytes=True), reader.at + header[3]

    def column(self, group, index, leaf):
        """Definition levels, repetition levels and values of one chunk."""
        meta = self.groups[group][1][index][3]
        assert meta[4] == 6, 'the codec is not zstd'
        at, dictionary, levels, repeats, values = meta.get(11, meta[9]), None, [], [], []
        if 11 in meta:
            header, body, at = self.page(at)
            assert header[7][2] == PLAIN
            dictionary = plain(body, 0, leaf.kind, header[7][1], leaf.length)
            assert len(set(dictionary)) == len(dictionary)
        while len(levels) < meta[5]:
            header, body, at = self.page(at)
            count, encoding = header[5][1], header[5][2]
            start = 0
            page_repeats, page_levels = [0] * count, [leaf.definition] * count
            if leaf.repetition:
                size = struct.unpack_from('<I', body, 0)[0]
                page_repeats, start = hybrid(body, 4, 1, count)[0], 4 + size
            if leaf.definition:
                size = struct.unpack_from('<I', body, start)[0]
                page_levels, start = hybrid(body, start + 4, 1 if leaf.definition == 1 else 2, count)[0], start + 4 + size
            there = sum(level == leaf.definition for level in page_levels)
            values += self._values(body, start, leaf, encoding, there, dictionary)
            levels += page_levels
            repeats += page_repeats
        assert len(levels) == meta[5]
        return levels, repeats, values

    @staticmethod
    def _values(body, start, leaf, encoding, count, dictionary):
        if encoding == RLE_DICTIONARY:
            if not count:
                return []
            codes, end = hybrid(body, start + 1, body[start], count)
            return [dictionary[code] for code in codes]
        if encoding == DELTA_BINARY_PACKED:
            return deltas(body, start)[0]
        if encoding == DELTA_LENGTH:
            lengths, at = deltas(body, start)
            out = []
            for length in lengths:
                out.append(body[at:at + length])
                at += length
            return out
        assert encoding == PLAIN
        return plain(body, start, leaf.kind, count, leaf.length)

    def read(self):
        """All rows, as one dictionary each."""
        rows = []
        for group, described in enumerate(self.groups):
            columns, index = [], 0
            for name, shape, leaves in self.fields:
                lists = []
                for leaf in leaves:
                    lists.append(assembled(leaf, *self.column(group, index, leaf)))
                    index += 1
                columns.append((name, combined(shape, leaves, lists)))
            assert all(len(values) == described[3] for _, values in columns)
            rows += [dict(zip((n for n, _ in columns), cells)) for cells in zip(*(v for _, v in columns))]
        assert len(rows) == self.rows
        return rows


def assembled(leaf, levels, repeats, values):
    """One entry per row: a value or None, or a list of them, or None for an absent list."""
    values, out = iter(values), []
    for level, repeat in zip(levels, repeats):
        value = next(values) if level == leaf.definition else None
        if leaf.is_text and value is not None:
            value = value.decode()
        if not leaf.repetition:
            out.append(value)
        elif level < leaf.o:
            out.append(None)
        elif level == leaf.o:
            out.append([])
        elif repeat == 0:
            out.append([value])
        else:
            out[-1].append(value)
    return out


def combined(shape, leaves, lists):
    if shape in ('scalar', 'list'):
        return lists[0]
    if shape == 'map':
        return [None if keys is None else list(zip(keys, values)) for keys, values in zip(*lists)]
    names = [leaf.path[0] for leaf in leaves]
    return [None if row[0] is None else [dict(zip(names, cells)) for cells in zip(*row)] for row in zip(*lists)]
