"""From a segment's columns back to canonical lines, leaves and roots (docs/formats/event.md, seal.md, store.md)."""
import datetime
import hashlib

import jcs

GROUPS = ('actor', 'approval', 'origin', 'policy')
TIMES = ('time', 'observed', 'approval.expires')
NUMBERS = ('schema', 'time_bound', 'replaces')
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def rfc3339(value):
    """RFC 3339 in UTC with six digits, from Arrow's timestamp or from microseconds."""
    if isinstance(value, int):
        value = EPOCH + datetime.timedelta(microseconds=value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.timezone.utc)
    return value.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


def nested(row, salt=None):
    """The event as its canonical object; absent columns and empty lists are left out."""
    event = {}
    for column, value in row.items():
        if column == 'seq' or value is None:
            continue
        if column in ('targets', 'changes'):
            value = [{k: v for k, v in item.items() if v is not None} for item in value]
        elif column == 'attributes':
            value = dict(value)
        elif column in TIMES:
            value = rfc3339(value)
        if value == [] or value == {}:
            continue
        group, _, member = column.partition('.')
        if member and group in GROUPS:
            event.setdefault(group, {})[member] = value
        else:
            event[column] = value
    if salt is not None:
        event['salt'] = salt
    return event


def canonical(row, salt=None):
    """The canonical line without its newline."""
    return jcs.dumps(nested(row, salt))


def line_salt(batch_salt, index):
    """16 bytes, in hex, that belong to one line of a batch."""
    return hashlib.sha256(batch_salt + index.to_bytes(8, 'big')).digest()[:16].hex()
