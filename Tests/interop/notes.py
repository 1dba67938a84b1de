"""C2SP signed notes, checkpoints and tlog-proofs."""
import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Verifier:
    """A `name+hex+base64` verifier key of type 0x01 (Ed25519)."""

    def __init__(self, vkey):
        self.name, key_id, encoded = vkey.strip().split('+', 2)
        material = base64.b64decode(encoded, validate=True)
        assert material[0] == 1 and len(material) == 33, 'not an Ed25519 verifier key'
        self.key_id = hashlib.sha256(self.name.encode() + b'\n' + material).digest()[:4]
        assert self.key_id.hex() == key_id, 'key id does not belong to the key'
        self.raw = material[1:]

    def verifies(self, text, signature):
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text)
            return True
        except InvalidSignature:
            return False


def open_note(data, verifier):
    """The note's text if the verifier's signature is on it, else an AssertionError."""
    text, separator, signatures = data.rpartition(b'\n\n')
    assert separator, 'no blank line before the signatures'
    text += b'\n'
    found = False
    for line in signatures.decode().splitlines():
        dash, name, encoded = line.split(' ')
        assert dash == '—'
        blob = base64.b64decode(encoded, validate=True)
        if name == verifier.name and blob[:4] == verifier.key_id:
            assert verifier.verifies(text, blob[4:]), 'signature does not verify'
            found = True
    assert found, 'not signed by the log'
    return text


class Checkpoint:
    def __init__(self, data, verifier):
        self.text = open_note(data, verifier)
        lines = self.text.decode().split('\n')
        assert len(lines) == 4 and lines[3] == '', 'a checkpoint has three lines'
        self.origin, self.size, self.root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
        assert str(self.size) == lines[1] and len(self.root) == 32


class TLogProof:
    """`c2sp.org/tlog-proof@v1`."""

    def __init__(self, data):
        head, _, self.checkpoint = data.partition(b'\n\n')
        lines = head.decode().split('\n')
        assert lines[0] == 'c2sp.org/tlog-proof@v1'
        rest = lines[1:]
        if rest[0].startswith('extra '):
            rest = rest[1:]
        assert rest[0].startswith('index ')
        self.index = int(rest[0][6:])
        self.path = [base64.b64decode(line, validate=True) for line in rest[1:]]
