"""ClickHouse by chdb: a MergeTree sorted by time, with bloom filters for needles and an n-gram filter for messages.

Identities are keyed SipHash, ClickHouse's own function for the purpose. Absent texts are empty ones: nullable columns would cost it more.
"""
import pathlib

from peers import mapping
from peers.engine import Engine
from workload import ACTIONS, SOURCES

LOW = {'source', 'parser', 'parser_version', 'actor_type', 'action', 'source_action', 'category', 'tenant', 'surface', 'user_agent', 'host', 'approval_state', 'policy_id', 'policy_version', 'outcome',
       'reason', 'severity', 'target_type', 'target2_type', 'change_field', 'change_before', 'change_after', 'event_type_legacy', 'device', 'country', 'credential_type', 'threat_suspected', 'request_uri', 'queue',
       'thread', 'tags', 'actor_roles'}
FILTERED = ('actor_email', 'ip', 'correlation', 'event_id')


def kind(shape):
    if isinstance(shape, dict):
        return 'Tuple(' + ', '.join(f'{name} {kind(inner)}' for name, inner in shape.items()) + ')'
    if isinstance(shape, list):
        return f'Array({kind(shape[0])})'
    return {mapping.TEXT: 'String', mapping.TIME: 'String', mapping.NUMBER: 'Int32', mapping.REAL: 'Float64', mapping.TRUTH: 'Bool'}[shape]


class Dialect:
    def path(self, *steps):
        out = f'`{steps[0]}`'
        for step in steps[1:]:
            out = f'{out}[{step}]' if isinstance(step, int) else f"tupleElement({out}, '{step}')"
        return out

    def token(self, value):
        return f"if({value} = '', '', lower(hex(sipHash64Keyed((toUInt64(72623859790382856), toUInt64(651345242494996240)), {value}))))"

    def net(self, ip):
        return f"multiIf({ip} = '', '', position({ip}, ':') > 0, concat(extract({ip}, '^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+'), '::/48'), concat(trimRight({ip}, '0123456789'), '0/24'))"

    def scrub(self, text):
        mail, address = mapping.MAIL, mapping.ADDRESS
        return (f"multiIf(position({text}, '@') > 0, replaceRegexpAll(replaceRegexpAll({text}, '{mail}', '[email]'), '{address}', '[ip]'), "
                f"position({text}, ' from ') > 0, replaceRegexpAll({text}, '{address}', '[ip]'), {text})")

    def contains(self, text, word):
        return f"position({text}, '{word}') > 0"

    def action(self, column):
        return column  # replaced in `value` where the log is known

    def time(self, value):
        return f"parseDateTime64BestEffortOrZero({value}, 3, 'UTC')"

    def quoted(self, name):
        return f'`{name}`'

    def value(self, expression, column_kind):
        if column_kind == mapping.TEXTS:
            return f"arrayStringConcat({expression}, ',')" if expression else "''"
        if expression is None:
            return {mapping.TEXT: "''", mapping.TIME: "toDateTime64(0, 3, 'UTC')", mapping.NUMBER: 'toInt32(0)', mapping.REAL: 'toFloat64(0)', mapping.TRUTH: 'false'}[column_kind]
        if column_kind == mapping.TEXT and expression.startswith('case'):
            return f"ifNull({expression}, '')"
        return expression

    def source(self, name, folder):
        shape = ', '.join(f'`{column}` {kind(inner)}' for column, inner in mapping.SHAPES[name].items())
        return f"file('{folder}/{name}.jsonl', 'JSONEachRow', '{shape}')"


def looked_up(select, name):
    """Our action and category of a log's word, by a table in the expression: faster for ClickHouse than a join."""
    word = {'okta': '`eventType`', 'product': '`action`'}.get(name)
    if word is None:
        return select
    rows = [row for row in ACTIONS if row[0] == SOURCES[name]]
    words, listed = [row[1] for row in rows], lambda items: '[' + ', '.join(f"'{item}'" for item in items) + ']'
    for column, place in (('action', 2), ('category', 3)):
        select = select.replace(f'{column} as `{column}`', f"transform({word}, {listed(words)}, {listed([row[place] for row in rows])}, '') as `{column}`", 1)
    return select


class ClickHouse(Engine):
    name, title = 'clickhouse', 'ClickHouse (chdb), MergeTree'

    def session(self, out, threads):
        from chdb import session
        opened = session.Session(str(pathlib.Path(out) / 'clickhouse'))
        opened.query(f'set max_threads = {threads}')
        opened.query(f'set max_insert_threads = {threads}')
        opened.query('set prefer_column_name_to_alias = 1')
        return opened

    def ingest(self, data, out, threads):
        opened = self.session(out, threads)
        types = {mapping.TEXT: 'String', mapping.TIME: "DateTime64(3, 'UTC')", mapping.NUMBER: 'Int32', mapping.REAL: 'Float64', mapping.TRUTH: 'Bool', mapping.TEXTS: 'String'}
        dialect = Dialect()
        rows = mapping.columns(dialect)
        codec = {mapping.TIME: ' codec(DoubleDelta, ZSTD(1))'}
        defined = ', '.join(f"`{row[0]}` " + (f'LowCardinality({types[row[1]]})' if row[0] in LOW else types[row[1]]) + codec.get(row[1], ' codec(ZSTD(1))') for row in rows)
        filters = ', '.join(f'index f_{column} {column} type bloom_filter(0.01) granularity 1' for column in FILTERED)
        opened.query('create database if not exists bench engine = Atomic')
        opened.query(f"""create table bench.events ({defined}, {filters}, index f_message message type ngrambf_v1(4, 8192, 2, 0) granularity 1)
            engine = MergeTree order by time settings index_granularity = 8192""")
        for name, select in zip(mapping.SHAPES, mapping.selects(dialect, data)):
            opened.query(f"""insert into bench.events settings input_format_skip_unknown_fields = 1, input_format_null_as_default = 1, input_format_json_ignore_unknown_keys_in_named_tuple = 1,
                input_format_json_defaults_for_missing_elements_in_named_tuple = 1, max_threads = {threads}, min_insert_block_size_rows = 1048576, min_insert_block_size_bytes = 0, max_insert_block_size = 1048576 {looked_up(select, name)}""")
        # Parts that background merges replaced stay on disk for minutes; only what is in use counts.
        used = opened.query("select sum(bytes_on_disk) from system.parts where active and database = 'bench'", 'TSV').bytes().decode()
        (pathlib.Path(out) / 'used-bytes').write_text(used)
        opened.close()

    def open(self, out, threads):
        self.opened = self.session(out, threads)
        self.opened.query('use bench')

    def answer(self, question, facts):
        sql = question.sql(self, facts)
        if question.kind != 'export':
            return self.opened.query(sql, 'ArrowStream').bytes()
        self.opened.query(sql, 'JSONEachRow').bytes()
        return sql

    def rows(self, question, table):
        import pyarrow.ipc
        data = self.opened.query(table, 'ArrowStream').bytes() if question.kind == 'export' else table
        return super().rows(question, pyarrow.ipc.open_stream(data).read_all()) if len(data) else []

    def moment(self, text):
        return f"toDateTime64('{text[:-1].replace('T', ' ')}', 3, 'UTC')"

    def identity(self, value):
        return Dialect().token(f"'{value}'")

    def bucket(self, unit):
        return {'hour': 'toStartOfHour(time)', 'week': "toMonday(time)"}[unit]
