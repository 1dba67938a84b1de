"""Sources, their files, and where every record came to lie."""
import gzip
import io
import json
import os

from . import when
from .dice import Dice


class Entry:
    """One record before its place is known.

    kind: `event`, `bad` (must be quarantined), `duplicate` (same id, same bytes, later), `reused` (same id, other bytes).
    """

    def __init__(self, at, data, event_id, kind, tags, reason):
        self.at, self.data, self.event_id, self.kind, self.tags, self.reason = at, data, event_id, kind, tags, reason
        self.file = self.line = self.record = None

    def place(self):
        place = {'file': self.file, 'line': self.line}
        if self.record is not None:
            place['record'] = self.record
        place['time'] = when.iso(self.at)
        if self.event_id:
            place['event_id'] = self.event_id
        return place


class Source:
    """A source of sources.yaml; `route` names the file that a record of a given time belongs to."""

    def __init__(self, identifier, route, shape='lines', header=None, fraction=True):
        self.id, self.route, self.shape, self.header = identifier, route, shape, header
        self.entries = []

    def add(self, at, data, event_id=None, kind='event', tags=(), reason=None):
        if isinstance(data, dict):
            data = json.dumps(data, separators=(',', ':'), ensure_ascii=False)
        if isinstance(data, str):
            data = data.encode()
        entry = Entry(at, data, event_id, kind, list(tags), reason)
        self.entries.append(entry)
        return entry

    def duplicate(self, entry, after_ms):
        """The same record again, as an at-least-once delivery writes it."""
        return self.add(entry.at + after_ms, entry.data, entry.event_id, 'duplicate', [f'duplicate of {entry.event_id}'])

    def bad(self, at, data, reason):
        return self.add(at, data, None, 'bad', [], reason)

    def near(self, at, accept=lambda entry: True):
        """The first ordinary entry at or after a time."""
        return min((e for e in self.entries if e.kind == 'event' and e.at >= at and accept(e)), key=lambda e: e.at)

    def files(self):
        grouped = {}
        for entry in sorted(self.entries, key=lambda e: e.at):
            grouped.setdefault(self.route(entry.at), []).append(entry)
        return grouped

    def render(self, path, entries):
        if self.shape == 'records' and path.endswith('.json.gz'):
            for index, entry in enumerate(entries):
                entry.file, entry.line, entry.record = path, 1, index
            return gzipped(b'{"Records":[' + b','.join(e.data for e in entries) + b']}')
        lines, line = [], 1
        if self.header:
            lines.append(self.header.encode())
            line = 2
        for entry in entries:
            entry.file, entry.line = path, line
            lines.append(entry.data)
            line += entry.data.count(b'\n') + 1
        body = b'\n'.join(lines) + b'\n'
        return gzipped(body) if path.endswith('.gz') else body

    @property
    def records(self):
        return len(self.entries)

    def counts(self):
        """Counts as the ledger has them; a header line is no record."""
        kinds = [e.kind for e in self.entries]
        bad, duplicates = kinds.count('bad'), kinds.count('duplicate')
        parsed = len(kinds) - bad - duplicates
        return {'records': len(kinds), 'parsed': parsed, 'quarantined': bad, 'duplicates': duplicates, 'skipped': 0, 'events': parsed}


def gzipped(body):
    out = io.BytesIO()
    with gzip.GzipFile(filename='', mode='wb', fileobj=out, mtime=0, compresslevel=9) as file:
        file.write(body)
    # The header names the operating system that wrote it: say "unknown", so that every machine writes the same.
    data = bytearray(out.getvalue())
    data[9] = 255
    return bytes(data)


class DaySession:
    def __init__(self, person, day, which=''):
        dice = Dice(f'session/{person.name}/{day}{which}')
        self.person, self.id, self.ip, self.first_use = person, '102' + dice.text(22), person.address(dice), day + when.DAY
        self.lead = dice.between(2 * when.MINUTE, 6 * when.MINUTE) + dice.below(1000)
        self.shown = False  # whether its sign-in is written already


class Quarter:
    """Everything that lies under samples/quarter."""

    def __init__(self, folder):
        self.folder = folder
        self.sources = {}
        self.facts = {}  # what the parts want expected.json to say
        self.planted, self.identities = [], {}
        self.exports = []  # approved exports, seen by several logs
        self.releases = []  # (time, ticket) of the weekly releases
        self.sessions = {}  # (person, day) -> DaySession

    def source(self, identifier, route=None, **options):
        if identifier not in self.sources:
            self.sources[identifier] = Source(identifier, route, **options)
        return self.sources[identifier]

    def day_session(self, person, at):
        """The sign-on session that a person uses on one day, in every log; Okta shows its beginning."""
        day = at // when.DAY * when.DAY
        session = self.sessions.setdefault((person.name, day), DaySession(person, day))
        if session.shown and at < session.first_use:  # its sign-in is written and comes later: they had been signed in before that
            session = self.sessions.setdefault((person.name, f'before {day}'), DaySession(person, day, 'before'))
        session.first_use = min(session.first_use, at)
        return session

    def plant(self, kind, value, entry, forms=()):
        """Notes that `value` stands in the free text of `entry` and must not reach the store."""
        self.planted.append((kind, value, list(forms), entry))

    def identity(self, kind, value):
        self.identities.setdefault(kind, {})[value] = True

    def finish(self):
        for source in self.sources.values():
            for path, entries in source.files().items():
                self.put(path, source.render(path, entries))

    def put(self, path, data):
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'wb') as file:
            file.write(data)

    def tagged(self, tag):
        found = [e for s in self.sources.values() for e in s.entries if tag in e.tags]
        assert len(found) == 1, (tag, len(found))
        return found[0]

    def source_of(self, entry):
        return next(s.id for s in self.sources.values() if any(e is entry for e in s.entries))

    def size_bytes(self):
        return sum(os.path.getsize(os.path.join(root, name)) for root, _, names in os.walk(self.folder) for name in names)
