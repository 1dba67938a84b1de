"""What the generated logs hold, for everybody who reads them: the table of actions, the peers' key, the quarter."""
import hashlib
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
KEY = 'benchmark-key-0123456789abcdef'
SOURCES = {'okta': 'okta', 'product': 'product_audit', 'jobs': 'sidekiq'}
SINCE, UNTIL = '2026-07-01', '2026-10-01'

#: (source, the source's word, our action, our category)
ACTIONS = [tuple(line.split('\t')[:4]) for line in (HERE / 'actions.tsv').read_text().splitlines() if not line.startswith('#')]


def token(value):
    """What the peers keep in place of an identity: a keyed hash, 64 bits in hex."""
    return hashlib.sha256((KEY + value).encode()).hexdigest()[:16]
