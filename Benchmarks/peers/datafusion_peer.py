"""DataFusion: reads the logs as JSON lines, writes Parquet, asks that."""
import pathlib

from peers import mapping
from peers.engine import Engine
from workload import ACTIONS, KEY, SOURCES, token


def arrow(shape):
    import pyarrow as pa
    if isinstance(shape, dict):
        return pa.struct([(name, arrow(inner)) for name, inner in shape.items()])
    if isinstance(shape, list):
        return pa.list_(arrow(shape[0]))
    return {mapping.TEXT: pa.string(), mapping.TIME: pa.timestamp('us'), mapping.NUMBER: pa.int32(), mapping.REAL: pa.float64(), mapping.TRUTH: pa.bool_()}[shape]


class Dialect:
    kinds = {mapping.TEXT: 'Utf8View', mapping.TIME: 'Timestamp(Microsecond, None)', mapping.NUMBER: 'Int32', mapping.REAL: 'Float64', mapping.TRUTH: 'Boolean'}

    def path(self, *steps):
        out = f'e."{steps[0]}"'
        for step in steps[1:]:
            out += f'[{step}]' if isinstance(step, int) else f"['{step}']"
        return out

    def token(self, value):
        return f"substr(encode(sha256('{KEY}' || {value}), 'hex'), 1, 16)"

    def net(self, ip):
        return f"case when contains({ip}, ':') then regexp_match({ip}, '^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+')[1] || '::/48' else rtrim({ip}, '0123456789') || '0/24' end"

    def scrub(self, text):
        return (f"case when contains({text}, '@') then regexp_replace(regexp_replace({text}, '{mapping.MAIL}', '[email]', 'g'), '{mapping.ADDRESS}', '[ip]', 'g') "
                f"when contains({text}, ' from ') then regexp_replace({text}, '{mapping.ADDRESS}', '[ip]', 'g') else {text} end")

    def contains(self, text, word):
        return f"contains({text}, '{word}')"

    def action(self, column):
        return f'a.{column}'

    def time(self, value):
        return value

    def quoted(self, name):
        return f'"{name}"'

    def value(self, expression, kind):
        if kind == mapping.TEXTS:
            expression, kind = expression and f"array_to_string({expression}, ',')", mapping.TEXT
        return f"arrow_cast({'null' if expression is None else expression}, '{self.kinds[kind]}')"

    def source(self, name, folder):
        word = {'okta': '"eventType"', 'product': '"action"'}.get(name)
        return f'{name} e' if word is None else f"{name} e left join actions a on a.word = e.{word} and a.source = '{SOURCES[name]}'"


class DataFusion(Engine):
    name, title = 'datafusion', 'DataFusion -> Parquet (zstd)'

    def context(self, threads):
        from datafusion import SessionConfig, SessionContext
        config = SessionConfig().with_target_partitions(threads).set('datafusion.execution.parquet.pushdown_filters', 'true').set('datafusion.execution.parquet.reorder_filters', 'true')
        return SessionContext(config)

    def ingest(self, data, out, threads):
        import pyarrow as pa
        context = self.context(threads)
        for name, shape in mapping.SHAPES.items():
            schema = pa.schema([(column, arrow(inner)) for column, inner in shape.items()])
            context.register_json(name, f'{data}/{name}.jsonl', schema=schema, file_extension='.jsonl')
        rows = list(zip(*ACTIONS))
        context.from_arrow(pa.table({'source': rows[0], 'word': rows[1], 'action': rows[2], 'category': rows[3]}), name='actions')
        for name, select in zip(mapping.SHAPES, mapping.selects(Dialect(), data)):
            context.sql(f"copy ({select}) to '{out}/{name}.parquet' stored as parquet options ('compression' 'zstd(1)')").collect()

    def open(self, out, threads):
        self.context_ = self.context(threads)
        self.context_.register_parquet('events', str(pathlib.Path(out)) + '/', file_extension='.parquet')

    def answer(self, question, facts):
        frame = self.context_.sql(question.sql(self, facts))
        if question.kind == 'export':
            import pathlib, shutil, tempfile
            place = pathlib.Path(tempfile.mkdtemp(dir='/dev/shm'))
            frame.write_json(str(place / 'rows.json'))
            shutil.rmtree(place)
            return question.sql(self, facts)
        return frame.to_arrow_table()

    def rows(self, question, table):
        return super().rows(question, self.context_.sql(table).to_arrow_table() if question.kind == 'export' else table)

    def moment(self, text):
        return f"timestamp '{text[:-1]}'"

    def identity(self, value):
        return f"'{token(value)}'"

    def bucket(self, unit):
        return f"date_trunc('{unit}', time)"
