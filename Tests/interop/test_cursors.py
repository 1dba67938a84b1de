"""Cursors, raw records and duplicate keys, recomputed from the sources' files by docs/formats and the vault's keys."""
import gzip
import hashlib
import hmac
import json
import pathlib

import merkle
import pytest
import stores
import vaults
from conftest import QUARTER
from cryptography.hazmat.primitives.poly1305 import Poly1305

BLOCK = 4096


class RunningHash:
    """docs/formats/cursor.md: hash, then PRF, block by block."""

    def __init__(self, key):
        self.key = key
        self.block_key = self.digest(b'proofline content blocks 1')

    def digest(self, data):
        return hmac.digest(self.key, data, 'sha256')

    def extended(self, chain, data):
        return self.digest(chain + Poly1305.generate_tag(self.block_key, data))

    def chain(self, content, blocks):
        value = self.digest(b'proofline content 2')
        for i in range(blocks):
            value = self.extended(value, content[BLOCK * i:BLOCK * (i + 1)])
        return value

    def value(self, content, length):
        value = self.chain(content, length // BLOCK)
        return self.extended(value, content[length // BLOCK * BLOCK:length]) if length % BLOCK else value

    def content_id(self, content):
        first = content[:1024].split(b'\n', 1)
        line = first[0] + (b'\n' if len(first) == 2 else b'')
        return self.digest(b'proofline content identity 1' + line).hex()[:32]


@pytest.fixture(scope='module')
def store(store_folder):
    return stores.Store(store_folder)


@pytest.fixture(scope='module')
def master(store_folder):
    return vaults.master_key(store_folder / 'vault')


@pytest.fixture(scope='module')
def running(master):
    return RunningHash(vaults.derived(master, 'content-fingerprints'))


@pytest.fixture(scope='module')
def contents(running):
    """Contents of the sample files by content id; those that share a first line under one id."""
    found = {}
    for path in sorted(pathlib.Path(QUARTER).rglob('*')):
        if path.is_file():
            data = path.read_bytes()
            data = gzip.decompress(data) if path.suffix == '.gz' else data
            found.setdefault(running.content_id(data), []).append(data)
    return found


def test_the_worked_example_of_a_running_hash_is_the_pages():
    page = (pathlib.Path(__file__).parents[2] / 'docs/formats/cursor.md').read_text()
    content = bytes(13 * i % 256 for i in range(5000))
    example = RunningHash(bytes(range(32)))
    assert example.block_key.hex() in page
    assert example.chain(content, 1).hex() in page
    assert example.value(content, 5000).hex() in page


def test_every_cursor_is_the_keyed_hash_of_a_file_that_was_read(store, running, contents):
    compared = 0
    for content_id, offset, text in store.catalogue('SELECT content_id, offset, state FROM cursor'):
        candidates = contents.get(content_id.split('~')[0])
        if candidates is None:
            continue
        state = json.loads(text)
        data = [data for data in candidates if running.value(data, offset).hex() == state['hash']]
        assert data, f'no file has the hash of {content_id} at {offset}'
        assert state['anchor'] == running.chain(data[0], (offset - 1) // BLOCK if offset else 0).hex()
        assert state['prefixHash'] == running.value(data[0], state['prefixLength']).hex()
        points = bytes.fromhex(state.get('waypoints', ''))
        for k in range(len(points) // 8):
            assert points[8 * k:8 * k + 8] == running.value(data[0], (k + 1) * state['spacing'])[:8]
        compared += 1
    assert compared >= 20


def raw_salts(folder, master):
    key = vaults.derived(master, 'batch-salts')
    rows = vaults.rows(f'{folder}/vault.sqlite', 'SELECT key, box FROM batch_salt')
    return {name[1:]: vaults.opened(key, box, name) for name, box in rows if name[0] == 2}


def test_raw_roots_are_those_of_the_lines_in_the_files(store, store_folder, master, running, contents):
    salts = raw_salts(store_folder / 'vault', master)
    compared = 0
    for _, _, seal in store.seals:
        cursor = seal.get('cursor', {})
        if seal['source'] not in ('okta', 'product_audit', 'sidekiq') or len(cursor.get('to', {})) != 1:
            continue
        (content_id, end), = cursor['to'].items()
        start = cursor.get('from', {}).get(content_id, 0)
        root = bytes.fromhex(seal['rawRoot'])
        roots = []
        for data in contents[content_id.split('~')[0]]:
            records = [line for line in data[start:end].split(b'\n')[:-1] if line.strip()]
            leaves = []
            for i, record in enumerate(records):
                salt = hashlib.sha256(salts[root] + i.to_bytes(8, 'big')).digest()[:16]
                leaves.append(hashlib.sha256(b'\0' + salt + hashlib.sha256(record).digest()).digest())
            roots.append(merkle.root(leaves) if len(records) == seal['received'] else None)
        assert root in roots, seal
        compared += 1
    assert compared >= 3
