"""RFC 6962 trees, RFC 9162 proofs, and the folder of C2SP tiles, written from those texts."""
import hashlib
import pathlib


def leaf(data):
    return hashlib.sha256(b'\x00' + data).digest()


def node(left, right):
    return hashlib.sha256(b'\x01' + left + right).digest()


def root(leaves):
    """Root over leaf hashes (RFC 6962 section 2.1)."""
    if not leaves:
        return hashlib.sha256(b'').digest()
    level = list(leaves)
    # Pairing neighbours and carrying the odd one up is the same tree as splitting at the largest power of two.
    while len(level) > 1:
        pairs = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def root_from_path(index, size, hashed, path):
    """The root that an inclusion path leads to (RFC 9162 section 2.1.3.2), or None when its length cannot be right."""
    if index >= size:
        return None
    fn, sn, result = index, size - 1, hashed
    for sibling in path:
        if sn == 0:
            return None
        if fn % 2 or fn == sn:
            result = node(sibling, result)
            while not fn % 2 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node(result, sibling)
        fn, sn = fn >> 1, sn >> 1
    return result if sn == 0 else None


def consistent(old_size, old_root, new_size, new_root, proof):
    """RFC 9162 section 2.1.4.2."""
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0 or old_size > new_size or not proof:
        return False
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    fn, sn = old_size - 1, new_size - 1
    while fn % 2:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            first, second = node(sibling, first), node(sibling, second)
            while not fn % 2 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node(second, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == new_root


def tile_path(level, index, width=256):
    """`tile/L/xNNN/NNN`, with `.p/W` for a partial tile (c2sp.org/tlog-tiles); level may be `entries`."""
    parts = [f'{index % 1000:03d}']
    while index >= 1000:
        index //= 1000
        parts.insert(0, f'x{index % 1000:03d}')
    return f'tile/{level}/' + '/'.join(parts) + (f'.p/{width}' if width < 256 else '')


class Log:
    """A folder of tiles, read at one tree size."""

    def __init__(self, folder, size):
        self.folder, self.size = pathlib.Path(folder), size

    def tile(self, level, index, count):
        """A full tile may stand in for a partial one of the same index."""
        width = min(256, count - index * 256)
        for found in (tile_path(level, index, width), tile_path(level, index)):
            path = self.folder / found
            if path.exists():
                return path.read_bytes(), width
        raise FileNotFoundError(self.folder / tile_path(level, index, width))

    def hashes(self, level=0):
        """All hashes of a tile level up to the tree size."""
        count, out = self.size >> (8 * level), []
        for index in range((count + 255) // 256):
            data, width = self.tile(level, index, count)
            assert len(data) % 32 == 0 and len(data) >= width * 32
            out += [data[i * 32:i * 32 + 32] for i in range(width)]
        return out

    def entries(self):
        """The entries' bytes in order, from the bundles."""
        out = []
        for index in range((self.size + 255) // 256):
            data, width = self.tile('entries', index, self.size)
            at = 0
            for _ in range(width):
                length = int.from_bytes(data[at:at + 2], 'big')
                entry = data[at + 2:at + 2 + length]
                assert len(entry) == length, 'entry bundle ends in the middle'
                out.append(entry)
                at += 2 + length
        return out
