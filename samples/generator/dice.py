"""Repeatable randomness and the identifiers that products make of it."""
import base64
import random
import uuid

CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'


class Dice:
    """One stream of randomness per name, so that a change in one log does not shift the others.

    Only `random()` and `getrandbits()` are used: their sequences are the same in every Python version.
    """

    def __init__(self, name):
        self.source = random.Random(f'tallyharbor/{name}')

    def below(self, count):
        return int(self.source.random() * count)

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def chance(self, share):
        return self.source.random() < share

    def pick(self, items):
        return items[self.below(len(items))]

    def text(self, length, alphabet=LETTERS):
        return ''.join(alphabet[self.below(len(alphabet))] for _ in range(length))

    def digits(self, length):
        return self.text(1, '123456789') + self.text(length - 1, '0123456789')

    def hex(self, length):
        return self.text(length, '0123456789abcdef')

    def uuid(self):
        return str(uuid.UUID(int=self.source.getrandbits(128), version=4))

    def ulid(self, at_ms):
        time_part = ''.join(CROCKFORD[at_ms >> shift & 31] for shift in range(45, -1, -5))
        return time_part + self.text(16, CROCKFORD)

    def base64(self, size):
        return base64.b64encode(bytes(self.source.getrandbits(8) for _ in range(size))).decode()
