"""Reads the index file beside a segment (docs/formats/index.md), written from that page."""
import struct

MAGIC, BLOCK, MASK = b'PLINDEX2', 4096, (1 << 64) - 1
PAGE_TERMS, GROUP_TERMS, PAGE_GRAMS, SUBTREES, SEGMENT_BLOCKS, FIRST_USES = 1, 2, 3, 4, 5, 6
COUNTED = 'actor.id', 'actor.name', 'actor.email', 'actor.on_behalf_of', 'approval.by', 'origin.ip', 'tenant', 'targets.name'
FAMILIES = {
    0: ('session', 'request', 'trace', 'job', 'correlation', 'event_id', 'approval.ref'),
    1: ('actor.id', 'actor.name', 'actor.email', 'actor.on_behalf_of', 'approval.by'),
    2: ('targets.id', 'targets.name', 'tenant'),
    3: ('origin.ip',),
}
SALTS = (0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31)


def xxh64(data):
    """XXH64 with seed 0."""
    p1, p2, p3, p4, p5 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5

    def rotate(value, bits):
        return (value << bits | value >> (64 - bits)) & MASK

    def step(lane, word):
        return rotate((lane + word * p2) & MASK, 31) * p1 & MASK

    at, size = 0, len(data)
    if size >= 32:
        lanes = [(p1 + p2) & MASK, p2, 0, -p1 & MASK]
        words = struct.unpack_from(f'<{size // 32 * 4}Q', data)
        for i in range(0, len(words), 4):
            lanes = [step(lane, word) for lane, word in zip(lanes, words[i:i + 4])]
        at = size // 32 * 32
        value = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            value = ((value ^ step(0, lane)) * p1 + p4) & MASK
    else:
        value = p5
    value = (value + size) & MASK
    while at + 8 <= size:
        value = (rotate(value ^ step(0, int.from_bytes(data[at:at + 8], 'little')), 27) * p1 + p4) & MASK
        at += 8
    if at + 4 <= size:
        value = (rotate(value ^ int.from_bytes(data[at:at + 4], 'little') * p1 & MASK, 23) * p2 + p3) & MASK
        at += 4
    for byte in data[at:]:
        value = rotate(value ^ byte * p5 & MASK, 11) * p1 & MASK
    value = (value ^ value >> 33) * p2 & MASK
    value = (value ^ value >> 29) * p3 & MASK
    return value ^ value >> 32


def folded(text):
    """The bytes of a text with ASCII letters in lower case."""
    return text.encode().lower() if text.isascii() else bytes(b | 32 if 65 <= b <= 90 else b for b in text.encode())


def grams(text):
    """The 4-grams of a text: four bytes in a row without an ASCII digit."""
    data = folded(text)
    found = (data[i:i + 4] for i in range(len(data) - 3))
    return {int.from_bytes(gram, 'big') for gram in found if not any(48 <= byte <= 57 for byte in gram)}


class Index:
    def __init__(self, data):
        blocks, check, magic, own = struct.unpack('<QQ8sQ', data[-32:])
        assert magic == MAGIC and own == xxh64(data[-32:-8])
        table = data[BLOCK * blocks:-32]
        assert len(table) == 8 * blocks and xxh64(table) == check
        for i, expected in enumerate(struct.unpack(f'<{blocks}Q', table)):
            assert xxh64(data[BLOCK * i:BLOCK * i + BLOCK]) == expected, f'block {i}'
        magic, version, page_rows, self.row_count, self.first_seq, self.segment_size, self.row_groups, areas = struct.unpack_from('<8sIIQqQII', data)
        assert (magic, version, page_rows) == (MAGIC, 2, 4096)
        self.check, self.areas = check, {}
        for i in range(areas):
            kind, family, group, offset, size, width, depth = struct.unpack_from('<HHIQQII', data, 64 + 32 * i)
            assert offset % 64 == 0
            self.areas[kind, family, group] = (data[offset:offset + size], width, depth)

    def pages(self, term, family, group):
        """The pages of a row group that may hold a term; None for all of them where there is no filter by page."""
        value = xxh64(folded(term))
        for kind in GROUP_TERMS, PAGE_TERMS:
            if (kind, family, group) not in self.areas:
                if kind == PAGE_TERMS:
                    return set()
                continue
            data, width, depth = self.areas[kind, family, group]
            assert len(data) == 32 * width * depth
            at = ((value >> 32) * depth >> 32) * width * 32
            bits = [1 << ((value & 0xffffffff) * salt % (1 << 32) >> 27) for salt in SALTS]
            found = set()
            for page in range(width):
                block = struct.unpack_from('<8I', data, at + 32 * page)
                if all(word & bit for word, bit in zip(block, bits)):
                    found.add(page)
            if kind == PAGE_TERMS or not found:
                return found

    def first_uses(self, column, group):
        """For each page how many different values of a column are used up to its end; None where the file does not say."""
        area = self.areas.get((FIRST_USES, COUNTED.index(column), group))
        if area is None:
            return None
        data, width, depth = area
        assert len(data) == 4 * width and depth == 1
        return list(struct.unpack(f'<{width}I', data))

    def pages_with(self, part, group):
        """The pages of a row group whose message may hold a part that has a gram."""
        if (PAGE_GRAMS, 0, group) not in self.areas:
            return set()
        data, width, depth = self.areas[PAGE_GRAMS, 0, group]
        assert len(data) == 8 * width * depth and depth & depth - 1 == 0
        found = set(range(width))
        for gram in grams(part):
            value = gram * 0x9E3779B97F4A7C15 & MASK
            word = value >> 64 - (depth.bit_length() - 1)
            bits = 1 << (value >> 20 & 63) | 1 << (value >> 26 & 63)
            found = {page for page in found if int.from_bytes(data[8 * (word * width + page):8 * (word * width + page) + 8], 'little') & bits == bits}
        return found

    @property
    def batches(self):
        """{first position: (events, subtree roots)}"""
        data, width, depth = self.areas[SUBTREES, 0, 0xffffffff]
        assert len(data) == 16 * width + 32 * depth
        roots = [data[16 * width + 32 * i:16 * width + 32 * i + 32] for i in range(depth)]
        table = [struct.unpack_from('<qII', data, 16 * i) for i in range(width)]
        return {first: (count, roots[place:place + -(-count // 256)]) for first, count, place in table}

    def check_segment(self, data):
        """Every block of the segment is the one that the index was made for."""
        checks, width, _ = self.areas[SEGMENT_BLOCKS, 0, 0xffffffff]
        assert self.segment_size == len(data) and width == -(-len(data) // BLOCK)
        for i, expected in enumerate(struct.unpack(f'<{width}Q', checks)):
            assert xxh64(data[BLOCK * i:BLOCK * i + BLOCK]) == expected, f'block {i}'
