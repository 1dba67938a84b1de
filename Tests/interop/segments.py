"""From a segment's columns back to canonical lines, leaves and roots (docs/formats/event.md, seal.md, store.md)."""
import datetime
import hashlib
import uuid

import jcs

GROUPS = ('actor', 'approval', 'origin', 'policy')
TIMES = ('time', 'observed', 'approval.expires')
SIBLINGS = ('uuid', 'prefix', 'hex', 'number')
REFERRED = ('job', 'session', 'tenant', 'request')
NUMBERS = ('schema', 'time_bound', 'replaces')
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def rfc3339(value):
    """RFC 3339 in UTC with six digits, from Arrow's timestamp or from microseconds."""
    if isinstance(value, int):
        value = EPOCH + datetime.timedelta(microseconds=value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.timezone.utc)
    return value.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


def text_of(row, name):
    """The text of a column or member: in itself, or rendered from a typed sibling (docs/formats/store.md)."""
    if row.get(name) is not None:
        return row[name]
    if (raw := row.get(f'{name}.uuid')) is not None:
        return str(uuid.UUID(bytes=raw) if isinstance(raw, bytes) else raw)
    if (raw := row.get(f'{name}.hex')) is not None:
        prefix = row.get(f'{name}.prefix') or b''
        return (prefix.decode() if isinstance(prefix, bytes) else prefix) + raw.hex()
    number = row.get(f'{name}.number')
    return None if number is None else str(number)


def whole(time, micros):
    """A time of whole milliseconds and what is beyond them, in microseconds; both may be absent."""
    if micros is None:
        return time
    assert time is not None and 0 < micros < 1000
    return time + (micros if isinstance(time, int) else datetime.timedelta(microseconds=micros))


def untyped(row, outer=None):
    """The row without typed siblings and `time.micros`, its texts rendered from them.

    A target's `id.field` names the column of the row, `outer`, that says its id."""
    typed = {name.rpartition('.')[0] for name in row if name.rpartition('.')[2] in SIBLINGS}
    plain = {name: text_of(row, name) if name in typed else value for name, value in row.items() if name.rpartition('.')[2] not in SIBLINGS}
    if (micros := plain.pop('time.micros', None)) is not None:
        plain['time'] = whole(plain['time'], micros)
    if (field := plain.pop('id.field', None)) is not None:
        field = field.decode() if isinstance(field, bytes) else field
        assert plain['id'] is None and field in REFERRED and (told := text_of(outer, field)) is not None
        plain['id'] = told
    return plain


def merged(row):
    """The same with the elements of `targets`."""
    plain = untyped(row)
    return plain | {'targets': [untyped(item, row) for item in plain['targets']]} if plain.get('targets') else plain


def nested(row, salt=None):
    """The event as its canonical object; absent columns and empty lists are left out."""
    event = {}
    for column, value in untyped(row).items():
        if column == 'seq' or value is None:
            continue
        if column in ('targets', 'changes'):
            value = [{k: v for k, v in untyped(item, row).items() if v is not None} for item in value]
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
