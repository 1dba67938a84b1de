"""Opens a vault with its master key, by docs/formats/vault.md."""
import base64
import hashlib
import hmac
import pathlib
import sqlite3

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def master_key(folder):
    magic, version, kind, *rest = (pathlib.Path(folder) / 'master.key').read_text().split()
    assert (magic, version, kind) == ('proofline-vault-key', 'v1', 'plain'), 'a key under a passphrase is not read here'
    return bytes.fromhex(rest[0])


def derived(master, purpose):
    """HKDF-Expand (RFC 5869), 32 bytes."""
    return hmac.digest(master, f'proofline vault v1 {purpose}'.encode() + b'\x01', 'sha256')


def u64(number):
    return (number & (1 << 64) - 1).to_bytes(8, 'big')


def opened(key, box, additional):
    """AES-256-GCM: nonce, ciphertext, tag."""
    return AESGCM(key).decrypt(box[:12], box[12:], additional)


def rows(path, query):
    with sqlite3.connect(f'file:{path}?mode=ro', uri=True) as base:
        return base.execute(query).fetchall()


def batch_salts(folder):
    """First sequence number to salt, of every batch whose salt is kept."""
    key = derived(master_key(folder), 'batch-salts')
    found = {name: opened(key, box, name) for name, box in rows(f'{folder}/vault.sqlite', 'SELECT key, box FROM batch_salt')}
    return {int.from_bytes(name[1:], 'big'): salt for name, salt in found.items() if name[0] == 1}


PREFIXES = {1: 'usr', 2: 'ip', 3: 'dev', 4: 'mbx', 5: 'hst'}


def number(data):
    return int.from_bytes(data, 'big')


TABLES = {'heap': 1, 'subject_keys': 2, 'by_lookup': 3, 'by_bits': 4, 'by_subject': 5}


class Pages:
    """The pages of a vault, each led to its authentication code; `root` says which there must be."""

    def __init__(self, folder):
        self.base = f'{folder}/vault.sqlite'
        self.codes = AESGCM(derived(master_key(folder), 'pages'))
        (root,), = rows(self.base, "SELECT value FROM meta WHERE key = 'root'")
        root = self.checked(0, 0, root)
        self.heap_pages, self.next_subject = number(root[:8]), number(root[8:16])
        self.runs = [(run[0], run[1], number(run[2:10]), number(run[10:])) for run in (root[at:at + 18] for at in range(24, len(root), 18))]

    def checked(self, table, page, body):
        """AES-256-GMAC over table, number and bytes: the seal is nonce and tag."""
        data, nonce, tag = body[:-28], body[-28:-16], body[-16:]
        assert self.codes.encrypt(nonce, b'', bytes([table]) + u64(page) + data) == tag, f'page {page} of table {table}'
        return data

    def table(self, name):
        return {page: self.checked(TABLES[name], page, body) for page, body in rows(self.base, f'SELECT id, body FROM {name}')}

    def entries(self, name):
        """Key to places of an index, from all leaves of all its runs."""
        found, pages, seen = {}, self.table(name), set()
        for table, bits, run, count in self.runs:
            if table != TABLES[name]:
                continue
            held = 0
            for leaf in range(1 << bits):
                page = pages[run << 24 | leaf]
                seen.add(run << 24 | leaf)
                keys = [number(page[at:at + 8]) for at in range(0, len(page), 16)]
                assert keys == sorted(keys) and all(key >> (64 - bits) == leaf for key in keys)
                for at, key in zip(range(0, len(page), 16), keys):
                    found.setdefault(key, set()).add(number(page[at + 8:at + 16]))
                held += len(keys)
            assert held == count
        assert seen == set(pages)
        return found

    def chunks(self):
        """(place, subject, descriptors, additional data, box) of every chunk that was not erased."""
        pages = self.table('heap')
        assert set(pages) == set(range(1, self.heap_pages + 1))
        for page, data in pages.items():
            at = 0
            while at < len(data):
                size, count = number(data[at:at + 4]), number(data[at + 4:at + 6])
                chunk, start = data[at:at + size], 16 + 34 * count
                if count:
                    described = [chunk[16 + 34 * slot:50 + 34 * slot] for slot in range(count)]
                    yield page << 20 | at << 8, number(chunk[8:16]), described, chunk[4:start], chunk[start:]
                at += size
            assert at == len(data)


class Token:
    """A token with what stands behind it; refuses a look-up that is not of this value."""

    def __init__(self, described, subject, plain, lookup_key, names):
        lookup, bits, kind, self.role = described[:16], described[16:24], described[24], described[25]
        scope = number(described[28:30])
        self.text = f'{PREFIXES[kind]}_{base64.b32encode(bits).decode().lower().rstrip("=")}'
        self.subject, self.salt, self.value = subject, plain[:32], plain[32:]
        self.commitment = hashlib.sha256(plain).digest()
        ending = b'\0' + names[scope].encode() if scope else b''
        assert lookup == hmac.digest(lookup_key, bytes([kind]) + self.value + ending, 'sha256')[:16], self.text


def spread(subject):
    """The key of a subject in `by_subject`: the finalizer of splitmix64."""
    mask = (1 << 64) - 1
    value = subject + 0x9e3779b97f4a7c15 & mask
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9 & mask
    value = (value ^ value >> 27) * 0x94d049bb133111eb & mask
    return value ^ value >> 31


def tokens(folder):
    """Every token of the vault by its text; every index must lead to it and hold nothing else."""
    master, pages = master_key(folder), Pages(folder)
    wrap, lookup_key = derived(master, 'subject-keys'), derived(master, 'lookup')
    names, keys = dict(rows(pages.base, 'SELECT id, name FROM namespace')), pages.table('subject_keys')
    found, by_lookup, by_bits, by_subject = {}, {}, {}, {}
    for place, subject, described, additional, box in pages.chunks():
        assert 0 < subject < pages.next_subject
        slot = keys[subject // 56][subject % 56 * 68:][:68]
        plain = opened(opened(wrap, slot[8:], u64(subject)), box, additional)
        if number(slot[:8]) != place:
            by_subject.setdefault(spread(subject), set()).add(place)
        for number_of, token in enumerate(described):
            size = 32 + number(token[30:34])
            by_lookup.setdefault(number(token[:8]), set()).add(place | number_of)
            by_bits.setdefault(number(token[16:24]), set()).add(place | number_of)
            made = Token(token, subject, plain[:size], lookup_key, names)
            found[made.text], plain = made, plain[size:]
        assert not plain
    assert (by_lookup, by_bits, by_subject) == tuple(pages.entries(name) for name in ('by_lookup', 'by_bits', 'by_subject'))
    return found


def quarantined(folder):
    """(source, line, reason, record bytes) of every record that could not be parsed."""
    key, out = derived(master_key(folder), 'quarantine'), []
    for source, content, offset, line, box in rows(f'{folder}/quarantine.sqlite', 'SELECT source, content, "offset", line, box FROM record'):
        content = content if isinstance(content, bytes) else content.encode()
        plain = opened(key, box, source.encode() + b'\0' + content + b'\0' + u64(offset))
        size = int.from_bytes(plain[:8], 'big')
        out.append((source, line, plain[8:8 + size].decode(), plain[8 + size:]))
    return out
