"""What a store holds, read from the outside: events with identities in place of tokens, and the ledger."""
import hmac
import json
import pathlib
import re
import sqlite3

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = re.compile(r'\b(?:usr|ip|dev|mbx|hst)_([a-z2-7]{13})\b')
ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'


def identities(store):
    """The value behind each token's 64 bits, by docs/formats/vault.md."""
    folder = pathlib.Path(store) / 'vault'
    master = bytes.fromhex((folder / 'master.key').read_text().split()[3])
    wrap = AESGCM(hmac.digest(master, b'proofline vault v1 subject-keys\x01', 'sha256'))
    found = {}

    def number(data):
        return int.from_bytes(data, 'big')
    with sqlite3.connect(f'file:{folder}/vault.sqlite?mode=ro', uri=True) as base:
        slots = dict(base.execute('SELECT id, body FROM subject_keys'))
        pages = [body[:-28] for body, in base.execute('SELECT body FROM heap')]
    for page in pages:
        while page:
            chunk, count = page[:number(page[:4])], number(page[4:6])
            page = page[len(chunk):]
            if not count:
                continue
            subject, start = number(chunk[8:16]), 16 + 34 * count
            slot = slots[subject // 56][subject % 56 * 68 + 8:][:60]
            box = chunk[start:]
            plain = AESGCM(wrap.decrypt(slot[:12], slot[12:], chunk[8:16])).decrypt(box[:12], box[12:], chunk[4:start])
            for token in (chunk[at:at + 34] for at in range(16, start, 34)):
                size = 32 + number(token[30:])
                found[number(token[16:24])] = f'<{token[24]}:{plain[32:size].decode()}>'
                plain = plain[size:]
    return found


def bits_of(letters):
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    return number >> 1


def events(call, store):
    """All events, source by source in its own order, with identities in place of tokens and without what depends on the hour of the run.

    How sources lie between one another depends on threads and on when a run was killed."""
    known = identities(store)
    rows = [json.loads(line) for line in call('query', '--store', store, '--format', 'jsonl', timeout=900).stdout.splitlines()]
    plain = []
    for row in sorted(rows, key=lambda row: (row['source'], row['seq'])):
        row.pop('observed', None)
        row.pop('seq')
        if 'time_observed' in row.get('flags', []):
            row.pop('time')
        text = json.dumps(row, sort_keys=True, ensure_ascii=False)
        plain.append(TOKEN.sub(lambda hit: known[bits_of(hit[1])], text))
    return plain


def ledger(store):
    """Rows of the ledger: source, content, from, to, received, parsed, duplicates, quarantined, skipped."""
    with sqlite3.connect(f'file:{store}/catalogue.sqlite?mode=ro', uri=True) as base:
        return base.execute(
            'SELECT source, content_id, from_byte, to_byte, received, parsed, duplicates, quarantined, skipped FROM ledger '
            'ORDER BY source, content_id, from_byte, to_byte').fetchall()


def check_ledger(store):
    """Every byte of each content is accounted for once, from its first on. Returns bytes by source and sums of the counts."""
    sizes, ends, sums = {}, {}, [0] * 5
    for source, content, start, end, *counts in ledger(store):
        assert start == ends.get((source, content), 0), f'{source} {content}: a hole or an overlap at byte {start}'
        assert counts[0] == sum(counts[1:]), f'{source} {content}: records do not add up at byte {start}'
        ends[source, content] = end
        sizes[source] = sizes.get(source, 0) + end - start
        sums = [a + b for a, b in zip(sums, counts)]
    return sizes, dict(zip(('received', 'parsed', 'duplicates', 'quarantined', 'skipped'), sums))


def quarantined(store):
    with sqlite3.connect(f'file:{store}/vault/quarantine.sqlite?mode=ro', uri=True) as base:
        return base.execute('SELECT count(*) FROM record').fetchone()[0]
