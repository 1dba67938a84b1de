"""RFC 8785 for what our lines hold: objects, arrays, strings, integers."""
import json


def dumps(value):
    return write(value).encode()


def write(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode('utf-16-be'))
        return '{' + ','.join(f'{write(k)}:{write(value[k])}' for k in keys) + '}'
    if isinstance(value, list):
        return '[' + ','.join(map(write, value)) + ']'
    if isinstance(value, bool) or value is None:
        return {True: 'true', False: 'false', None: 'null'}[value]
    if isinstance(value, int):
        assert abs(value) < 2**53
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f'{value!r} has no place in a canonical line')


def is_canonical(data):
    return dumps(json.loads(data)) == data
