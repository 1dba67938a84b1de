"""DuckDB's words for the mapping. Explicit column types let its JSON reader pass over what is not asked for."""
from peers import mapping
from workload import ACTIONS, KEY, SOURCES

KINDS = {mapping.TEXT: 'VARCHAR', mapping.TIME: 'TIMESTAMP', mapping.NUMBER: 'INTEGER', mapping.REAL: 'DOUBLE', mapping.TRUTH: 'BOOLEAN', mapping.TEXTS: 'VARCHAR[]'}


def kind(shape):
    if isinstance(shape, dict):
        return 'STRUCT(' + ', '.join(f'"{name}" {kind(inner)}' for name, inner in shape.items()) + ')'
    return kind(shape[0]) + '[]' if isinstance(shape, list) else KINDS[shape]


def path(*steps):
    out = 'e'
    for step in steps:
        out += f'[{step}]' if isinstance(step, int) else f'."{step}"'
    return out


def token(value):
    return f"substr(sha256('{KEY}' || {value}), 1, 16)"


def net(ip):
    return f"case when contains({ip}, ':') then regexp_extract({ip}, '^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+') || '::/48' else rtrim({ip}, '0123456789') || '0/24' end"


def scrub(text):
    return (f"case when contains({text}, '@') then regexp_replace(regexp_replace({text}, '{mapping.MAIL}', '[email]', 'g'), '{mapping.ADDRESS}', '[ip]', 'g') "
            f"when contains({text}, ' from ') then regexp_replace({text}, '{mapping.ADDRESS}', '[ip]', 'g') else {text} end")


def contains(text, word):
    return f"contains({text}, '{word}')"


def action(column):
    return f'a.{column}'


def time(value):
    return value


def quoted(name):
    return f'"{name}"'


def value(expression, column_kind):
    return f'null::{KINDS[column_kind]}' if expression is None else expression


def source(name, folder):
    shape = ', '.join(f"'{column}': '{kind(inner)}'" for column, inner in mapping.SHAPES[name].items())
    table = f"read_json('{folder}/{name}.jsonl', format = 'newline_delimited', columns = {{{shape}}}) e"
    word = {'okta': '"eventType"', 'product': '"action"'}.get(name)
    return table if word is None else f"{table} left join actions a on a.word = e.{word} and a.source = '{SOURCES[name]}'"


def prepare(db, threads):
    db.execute(f'set threads = {threads}')
    db.execute('create temp table actions (source varchar, word varchar, action varchar, category varchar)')
    db.executemany('insert into actions values (?, ?, ?, ?)', ACTIONS)
