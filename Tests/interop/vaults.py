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


class Token:
    """A token with what stands behind it; refuses a look-up or a commitment that is not of this value."""

    def __init__(self, bits, kind, subject, namespace, lookup, box, commitment, subject_key, lookup_key, namespaces):
        self.text = f'{PREFIXES[kind]}_{base64.b32encode(u64(bits)).decode().lower().rstrip("=")}'
        self.subject = subject
        plain = opened(subject_key, box, bytes([kind]) + u64(bits))
        self.salt, self.value = plain[:32], plain[32:]
        self.commitment = commitment
        assert hashlib.sha256(self.salt + self.value).digest() == commitment, self.text
        endings = [b'\0' + name.encode() for name in ([namespace] if namespace else namespaces)] if self.value.isdigit() else [b'']
        assert lookup in [hmac.digest(lookup_key, bytes([kind]) + self.value + ending, 'sha256') for ending in endings], self.text


def tokens(folder):
    """Every token of the vault by its text."""
    master, base = master_key(folder), f'{folder}/vault.sqlite'
    wrap, lookup_key = derived(master, 'subject-keys'), derived(master, 'lookup')
    keys = {subject: opened(wrap, wrapped, u64(subject)) for subject, wrapped in rows(base, 'SELECT id, wrapped_key FROM subject')}
    names = [name for name, in rows(base, 'SELECT name FROM namespace')]
    found = [Token(*row, subject_key=keys[row[2]], lookup_key=lookup_key, namespaces=names)
             for row in rows(base, 'SELECT bits, kind, subject, namespace, lookup, box, commitment FROM token')]
    return {token.text: token for token in found}


def quarantined(folder):
    """(source, line, reason, record bytes) of every record that could not be parsed."""
    key, out = derived(master_key(folder), 'quarantine'), []
    for source, content, offset, line, box in rows(f'{folder}/quarantine.sqlite', 'SELECT source, content, "offset", line, box FROM record'):
        content = content if isinstance(content, bytes) else content.encode()
        plain = opened(key, box, source.encode() + b'\0' + content + b'\0' + u64(offset))
        size = int.from_bytes(plain[:8], 'big')
        out.append((source, line, plain[8:8 + size].decode(), plain[8 + size:]))
    return out
