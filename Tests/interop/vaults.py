"""Batch salts out of the vault, by docs/formats/vault.md."""
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


def batch_salts(folder):
    """First sequence number to salt, of every batch whose salt is kept."""
    key = AESGCM(derived(master_key(folder), 'batch-salts'))
    salts = {}
    with sqlite3.connect(f'file:{folder}/vault.sqlite?mode=ro', uri=True) as base:
        for name, box in base.execute('SELECT key, box FROM batch_salt'):
            salt = key.decrypt(box[:12], box[12:], name)
            if name[0] == 1:
                salts[int.from_bytes(name[1:], 'big')] = salt
    return salts
