"""The worked examples of docs/formats, recomputed by our readers."""
import hashlib
import json
import pathlib
import re

import jcs
import merkle
import segments

FORMATS = pathlib.Path(__file__).resolve().parents[2] / 'docs' / 'formats'


def blocks(page):
    return [block.encode() for block in re.findall(r'```json\n(.*?)\n```', (FORMATS / page).read_text(), re.S)]


def test_the_lines_of_the_event_page_have_the_leaves_and_the_root_that_it_states():
    page = (FORMATS / 'event.md').read_text()
    lines = blocks('event.md')
    leaves = [merkle.leaf(line) for line in lines]
    assert len(lines) == 3 and all(map(jcs.is_canonical, lines))
    for leaf in leaves:
        assert leaf.hex() in page
    assert merkle.root(leaves).hex() in page
    salt = bytes(range(32))
    assert [json.loads(line)['salt'] for line in lines] == [segments.line_salt(salt, i) for i in range(3)]


def test_the_seal_page_states_the_right_hashes():
    page = (FORMATS / 'seal.md').read_text()
    seal, binding = (block for block in blocks('seal.md') if block.startswith(b'{"'))
    assert jcs.is_canonical(seal) and jcs.is_canonical(binding)
    assert hashlib.sha256(seal).hexdigest() in page and merkle.leaf(seal).hex() in page
    assert json.loads(seal)['rowsRoot'] == merkle.root([merkle.leaf(line) for line in blocks('event.md')]).hex()
    assert json.loads(seal)['bindingsRoot'] == merkle.leaf(binding).hex()


def test_a_row_of_columns_becomes_the_line_of_the_page():
    row = {'seq': 1, 'schema': 1, 'time': -1, 'time_bound': None, 'observed': 1790933400250000, 'approval.expires': None, 'replaces': 7, 'source': 'okta',
           'action': 'auth.session.end', 'outcome': 'success', 'actor.roles': None, 'targets': None, 'changes': [], 'attributes': None, 'flags': None, 'reason': None}
    assert segments.canonical(row, segments.line_salt(bytes(range(32)), 2)) == blocks('event.md')[2]
