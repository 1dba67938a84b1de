"""From a segment's columns back to canonical lines, leaves and roots (docs/formats/event.md, seal.md, store.md)."""
import datetime
import hashlib
import uuid

import jcs

GROUPS = ('actor', 'approval', 'origin', 'policy')
TIMES = ('time', 'observed', 'approval.expires')
SIBLINGS = ('uuid', 'prefix', 'hex', 'number')
FORMS = (*SIBLINGS, 'field')
ATTRIBUTES = 10
REFERRED = ('job', 'session', 'tenant', 'request')
CORRELATED = ('request', 'trace', 'job')
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


def told(row, own, field, allowed):
    """The value itself, or that of the column of the row which `field` names."""
    if field is None:
        return own
    field = field.decode() if isinstance(field, bytes) else field
    assert own is None and field in allowed and (found := text_of(row, field)) is not None
    return found


def targets_of(row):
    """The elements of `targets` with their ids, which may stand in the lists `targets.id.*` of the row; these have the same elements."""
    lists = {form: row.get(f'targets.id.{form}') for form in FORMS}
    items = []
    for place, item in enumerate(row['targets']):
        forms = {'id': item['id']}
        for form, values in lists.items():
            if values is not None:
                assert len(values) == len(row['targets'])
                forms[f'id.{form}'] = values[place]['value']
        field = forms.pop('id.field', None)
        items.append({**item, 'id': told(row, text_of(forms, 'id'), field, REFERRED)})
    return items


def attributes_of(row):
    """All attributes as pairs: those of the map, and those that have columns of their own."""
    given = row.get('attributes') or ()  # a dictionary, or a list of pairs or of {key, value}
    pairs = list(given.items() if isinstance(given, dict) else (tuple(e.values()) if isinstance(e, dict) else tuple(e) for e in given))
    for place in range(ATTRIBUTES):
        if (value := row.get(f'attributes.{place}.value')) is not None:
            pairs.append((row[f'attributes.{place}.name'], value))
    pairs = [tuple(text.decode() if isinstance(text, bytes) else text for text in pair) for pair in pairs]
    assert len(dict(pairs)) == len(pairs), 'an attribute stands in a row twice'
    return pairs


def untyped(row):
    """The row without typed siblings, references, `time.micros` and columns of attributes, its texts rendered from them."""
    beside = lambda name: (name.rpartition('.')[2] in SIBLINGS or name in ('targets.id.field', 'correlation.field')
                           or name.startswith('attributes.'))
    typed = {name.rpartition('.')[0] for name in row if name.rpartition('.')[2] in SIBLINGS}
    plain = {name: text_of(row, name) if name in typed else value for name, value in row.items() if not beside(name)}
    if (micros := plain.pop('time.micros', None)) is not None:
        plain['time'] = whole(plain['time'], micros)
    if 'correlation' in plain:
        plain['correlation'] = told(row, plain['correlation'], row.get('correlation.field'), CORRELATED)
    if 'attributes' in plain:
        plain['attributes'] = attributes_of(row) or None
    if plain.get('targets'):
        plain['targets'] = targets_of(row)
    return plain


def nested(row, salt=None):
    """The event as its canonical object; absent columns and empty lists are left out."""
    event = {}
    for column, value in untyped(row).items():
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
