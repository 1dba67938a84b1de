"""The readers themselves: known answers, so that a reader that accepts everything is noticed."""
import base64
import hashlib

import jcs
import merkle
import notes
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def naive_root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b'').digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return merkle.node(naive_root(leaves[:split]), naive_root(leaves[split:]))


def naive_path(index, leaves):
    if len(leaves) < 2:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return naive_path(index, leaves[:split]) + [naive_root(leaves[split:])]
    return naive_path(index - split, leaves[split:]) + [naive_root(leaves[:split])]


def naive_consistency(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= split:
        return naive_consistency(old, leaves[:split], whole) + [naive_root(leaves[split:])]
    return naive_consistency(old - split, leaves[split:], False) + [naive_root(leaves[:split])]


LEAVES = [merkle.leaf(bytes([i])) for i in range(40)]


@pytest.mark.parametrize('size', range(1, 40))
def test_trees_and_paths_agree_with_the_recursive_definition(size):
    leaves, top = LEAVES[:size], naive_root(LEAVES[:size])
    assert merkle.root(leaves) == top
    for index in range(size):
        path = naive_path(index, leaves)
        assert merkle.root_from_path(index, size, leaves[index], path) == top
        assert merkle.root_from_path(index, size, leaves[index], path + [top]) != top
        if path:
            assert merkle.root_from_path(index, size, leaves[index], path[:-1]) != top
    for old in range(1, size + 1):
        proof = naive_consistency(old, leaves)
        assert merkle.consistent(old, naive_root(LEAVES[:old]), size, top, proof)
        assert not merkle.consistent(old, naive_root(LEAVES[:old]), size, LEAVES[0] if size > 1 else LEAVES[1], proof)


def test_the_empty_tree_has_the_hash_of_nothing():
    assert merkle.root([]).hex() == 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'


def test_tiles_are_named_as_c2sp_says():
    assert merkle.tile_path(0, 1234067) == 'tile/0/x001/x234/067'
    assert merkle.tile_path(1, 0, 112) == 'tile/1/000.p/112'


def test_a_note_opens_only_with_its_own_signature():
    key = Ed25519PrivateKey.generate()
    material = b'\x01' + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = hashlib.sha256(b'example.org/log\n' + material).digest()[:4]
    verifier = notes.Verifier(f'example.org/log+{key_id.hex()}+{base64.b64encode(material).decode()}')
    text = b'example.org/log\n7\n' + base64.b64encode(bytes(32)) + b'\n'
    line = '— example.org/log '.encode() + base64.b64encode(key_id + key.sign(text)) + b'\n'
    assert notes.Checkpoint(text + b'\n' + line, verifier).size == 7
    with pytest.raises(AssertionError, match='does not verify'):
        notes.Checkpoint(text.replace(b'\n7\n', b'\n8\n') + b'\n' + line, verifier)
    with pytest.raises(AssertionError, match='not signed'):
        notes.Checkpoint(text + b'\n' + line.replace(b'example.org/log ', b'example.org/los '), verifier)


def test_canonical_json_sorts_by_utf16_and_escapes_as_rfc_8785():
    assert jcs.dumps({'\ufb33': 1, '\U0001f600': 2, 'a': '\u0007\n"\\/€\u007f'}) == '{"a":"\\u0007\\n\\"\\\\/€\u007f","\U0001f600":2,"\ufb33":1}'.encode()
    assert jcs.is_canonical(b'{"a":1,"b":[]}') and not jcs.is_canonical(b'{"b":1,"a":2}')
