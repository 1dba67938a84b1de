"""Polars: lazy JSON lines to Parquet. It has no keyed hash of its own, so each distinct identity is hashed once in Python and joined."""
import hashlib
import pathlib

from peers import mapping
from peers.engine import Engine
from questions import HOUR_FROM, HOUR_TO, PREFIX, TOP_ACTION
from workload import ACTIONS, SINCE, SOURCES, UNTIL, token


def kind(shape):
    import polars as pl
    if isinstance(shape, dict):
        return pl.Struct({name: kind(inner) for name, inner in shape.items()})
    if isinstance(shape, list):
        return pl.List(kind(shape[0]))
    return {mapping.TEXT: pl.String, mapping.TIME: pl.String, mapping.NUMBER: pl.Int32, mapping.REAL: pl.Float64, mapping.TRUTH: pl.Boolean}[shape]


def moment(text):
    import datetime
    return datetime.datetime.fromisoformat(text[:-1])


class Polars(Engine):
    name, title = 'polars', 'Polars -> Parquet (zstd)'

    def ingest(self, data, out, threads):
        import polars as pl
        for place, name in enumerate(mapping.SHAPES, start=2):
            # Lines as text, decoded by type: half the CPU time of scan_ndjson.
            lines = pl.scan_csv(f'{data}/{name}.jsonl', separator='\x01', has_header=False, quote_char=None, new_columns=['line'], low_memory=True)
            log = lines.select(pl.col('line').str.json_decode(kind(mapping.SHAPES[name])).alias('e')).unnest('e')
            dialect = Expressions(name)
            made = []
            for column, column_kind, *expressions in mapping_rows(dialect):
                expression = expressions[place - 2]
                made.append((pl.lit(None, dtype=TYPES(column_kind)) if expression is None else expression).alias(column))
            log.select(made).sink_parquet(f'{out}/{name}.parquet', compression='zstd', compression_level=1, row_group_size=122_880)

    def open(self, out, threads):
        import polars as pl
        self.events = pl.scan_parquet(sorted(pathlib.Path(out).glob('*.parquet')))

    def answer(self, question, facts):
        import polars as pl
        v, c, events = facts['values'], pl.col, self.events
        period = (c('time') >= moment(SINCE + 'T00:00:00Z')) & (c('time') < moment(UNTIL + 'T00:00:00Z'))
        if question.kind == 'histogram':
            return events.group_by(c('time').dt.truncate('1h').alias('hour'), 'outcome').agg(pl.len().alias('n')).sort('hour', 'outcome').collect()
        if question.kind == 'top':
            return events.filter(c('action') == TOP_ACTION).group_by('actor_email').agg(pl.len().alias('n')).top_k(20, by='n').collect()
        if question.kind == 'weeks':
            return events.filter(c('tenant').is_not_null()).group_by('actor_email', c('time').dt.truncate('1w').alias('week')).agg(c('tenant').n_unique().alias('n')).collect()
        where = {'actor': lambda: (c('actor_email') == token(v['actor'])) & period, 'address': lambda: c('ip') == token(v['address']),
                 'hour': lambda: (c('time') >= moment(HOUR_FROM)) & (c('time') < moment(HOUR_TO)) & c('action').str.starts_with(PREFIX),
                 'text': lambda: c('message').str.contains(v['text'], literal=True), 'correlation': lambda: c('correlation') == v['correlation'],
                 'event': lambda: c('event_id') == v['event'], 'export': lambda: (c('tenant') == v['tenant']) & period}[question.name]()
        found = events.filter(where).sort('time').collect()
        if question.kind == 'export':
            found.write_ndjson('/dev/null')
        return found

    def rows(self, question, table):
        return super().rows(question, table.to_arrow())


def TYPES(column_kind):
    import polars as pl
    return {mapping.TEXT: pl.String, mapping.TIME: pl.Datetime('us'), mapping.NUMBER: pl.Int32, mapping.REAL: pl.Float64, mapping.TRUTH: pl.Boolean, mapping.TEXTS: pl.List(pl.String)}[column_kind]


class Expressions:
    """Polars' expressions for one log."""

    def __init__(self, log):
        self.log = log

    def path(self, *steps):
        import polars as pl
        if steps[0] not in mapping.SHAPES[self.log]:
            return None
        out, shape = pl.col(steps[0]), mapping.SHAPES[self.log][steps[0]]
        for step in steps[1:]:
            if isinstance(step, int):
                out, shape = out.list.get(step - 1, null_on_oob=True), shape[0]
            elif not isinstance(shape, dict) or step not in shape:
                return None
            else:
                out, shape = out.struct.field(step), shape[step]
        return out

    def token(self, value):
        import polars as pl

        def hashed(series):
            known = {text: token(text) for text in series.unique().to_list() if text is not None}
            return series.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String) if known else series
        return None if value is None else value.map_batches(hashed, return_dtype=pl.String, is_elementwise=True)

    def action(self, column):
        import polars as pl
        rows = [row for row in ACTIONS if row[0] == SOURCES[self.log]]
        word = {'okta': 'eventType', 'product': 'action'}.get(self.log)
        return None if word is None else pl.col(word).replace_strict([row[1] for row in rows], [row[{'action': 2, 'category': 3}[column]] for row in rows], default=None, return_dtype=pl.String)

    def time(self, value):
        import polars as pl
        return None if value is None else value.str.strptime(pl.Datetime('us'), '%Y-%m-%dT%H:%M:%S%.3fZ', strict=False)

    def net(self, ip):
        import polars as pl
        six = ip.str.contains(':', literal=True)
        return pl.when(six).then(ip.str.extract('^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+)') + '::/48').otherwise(ip.str.strip_chars_end('0123456789') + '0/24')

    def agent(self, raw):
        import polars as pl

        def family(series):
            known = {text: general(text) for text in series.unique().to_list() if text is not None}
            return series.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String) if known else series
        return raw.map_batches(family, return_dtype=pl.String, is_elementwise=True)

    def scrub(self, text):
        import polars as pl
        return pl.when(text.str.contains('@', literal=True) | text.str.contains(' from ', literal=True)) \
            .then(text.str.replace_all(mapping.MAIL, '[email]').str.replace_all(mapping.ADDRESS, '[ip]')).otherwise(text)


def general(raw):
    if 'python' in raw:
        return 'Python'
    family = next((name for word, name in (('Edg/', 'Edge'), ('Chrome/', 'Chrome'), ('Firefox/', 'Firefox'), ('Safari/', 'Safari')) if word in raw), 'other')
    return family + next((name for word, name in (('Windows', ' on Windows'), ('iPhone', ' on iOS'), ('Macintosh', ' on macOS'), ('Android', ' on Android')) if word in raw), ' on Linux')


def mapping_rows(d):
    """`mapping.columns` in Polars' terms: (name, type, Okta, product, jobs)."""
    import polars as pl
    kinds = {row[0]: row[1] for row in mapping.columns(Names())}
    lit, made = pl.lit, []

    def add(name, okta=None, product=None, jobs=None):
        made.append((name, kinds[name], okta, product, jobs))

    p, t = d.path, d.token
    on = lambda log, make: make() if d.log == log else None
    add('time', d.time(p('published')), d.time(p('time')), d.time(p('ts')))
    add('event_id', p('uuid'), p('id'))
    for column in ('source', 'parser'):
        add(column, *(lit(SOURCES[log]) for log in mapping.SHAPES))
    add('parser_version', *[lit('1')] * 3)
    add('actor_type', on('okta', lambda: p('actor', 'type').str.to_lowercase()), p('actor', 'type'), lit('job'))
    add('actor_id', t(p('actor', 'id')), t(p('actor', 'id')))
    add('actor_name', t(p('actor', 'displayName')), t(p('actor', 'name')), p('ctx', 'class'))
    add('actor_email', t(p('actor', 'alternateId')), t(p('actor', 'email')))
    add('actor_roles', None, p('actor', 'roles'))
    add('on_behalf_of', None, t(p('actor', 'on_behalf_of')))
    add('session', p('authenticationContext', 'externalSessionId'), p('session'))
    message = p('msg')
    said = on('jobs', lambda: message.is_in(['start', 'done', 'fail']))
    add('action', d.action('action'), d.action('action'),
        on('jobs', lambda: message.replace_strict(['start', 'done', 'fail'], ['job.run.start', 'job.run.finish', 'job.run.fail'], default='job.run.message', return_dtype=pl.String)))
    add('source_action', p('eventType'), p('action'), on('jobs', lambda: pl.when(said).then(message)))
    add('category', d.action('category'), d.action('category'), lit('scheduled_job_activity'))
    add('tenant', None, p('tenant'))
    add('surface', lit('sso'), p('surface'), lit('job'))
    address = p('client', 'ipAddress') if d.log == 'okta' else p('origin', 'ip')
    raw = p('client', 'userAgent', 'rawUserAgent') if d.log == 'okta' else p('origin', 'user_agent')
    add('ip', *[t(address)] * 2)
    add('net', *[None if address is None else d.net(address)] * 2)
    add('user_agent', *[None if raw is None else d.agent(raw)] * 2)
    add('host', None, p('origin', 'host'))
    add('approval_state', None, p('approval', 'state'))
    add('approval_by', None, t(p('approval', 'by')))
    add('approval_ref', None, p('approval', 'ref'))
    add('approval_expires', None, d.time(p('approval', 'expires')))
    add('policy_id', None, p('policy', 'id'))
    add('policy_version', None, p('policy', 'version'))
    add('outcome', on('okta', lambda: p('outcome', 'result').replace_strict(['SUCCESS', 'ALLOW', 'FAILURE', 'DENY'], ['success', 'success', 'failure', 'denied'], default='unknown', return_dtype=pl.String)), p('outcome'),
        on('jobs', lambda: pl.when(message == 'done').then(lit('success')).when((message == 'fail') | (p('lvl') == 'ERROR')).then(lit('failure'))))
    add('reason', p('outcome', 'reason'), p('reason'))
    add('severity', on('okta', lambda: p('severity').str.to_lowercase()), p('severity'), on('jobs', lambda: p('lvl').str.to_lowercase()))
    add('request', p('debugContext', 'debugData', 'requestId'), p('request_id'), p('ctx', 'request_id'))
    add('trace', None, p('trace_id'), p('ctx', 'trace_id'))
    add('job', None, p('job_id'), p('ctx', 'jid'))
    add('correlation', p('transaction', 'id'), p('correlation_id'), p('ctx', 'correlation_id'))
    add('message', on('okta', lambda: d.scrub(p('displayMessage'))), on('product', lambda: d.scrub(p('message'))), on('jobs', lambda: pl.when(~said).then(d.scrub(message))))
    types = lambda place: p('target', place, 'type').replace_strict(['User', 'AppInstance'], ['user', 'application'], default='other', return_dtype=pl.String)
    either = lambda a, b: pl.when(p('target', 1, 'type') == 'User').then(t(p('target', 1, a))).otherwise(p('target', 1, b))
    add('target_type', on('okta', lambda: types(1)), p('targets', 1, 'type'), lit('job'))
    add('target_id', on('okta', lambda: either('id', 'id')), p('targets', 1, 'id'), p('ctx', 'jid'))
    add('target_name', on('okta', lambda: either('alternateId', 'displayName')), p('targets', 1, 'name'), p('ctx', 'class'))
    add('target2_type', on('okta', lambda: types(2)))
    add('target2_id', p('target', 2, 'id'))
    add('target2_name', p('target', 2, 'displayName'))
    for column in ('field', 'before', 'after'):
        add(f'change_{column}', None, p('changes', 1, column))
    add('event_type_legacy', p('legacyEventType'))
    add('device', p('client', 'device'))
    add('country', p('client', 'geographicalContext', 'country'))
    add('as_number', p('securityContext', 'asNumber'))
    add('is_proxy', p('securityContext', 'isProxy'))
    add('credential_type', p('authenticationContext', 'credentialType'))
    add('threat_suspected', p('debugContext', 'debugData', 'threatSuspected'))
    add('request_uri', p('debugContext', 'debugData', 'requestUri'))
    add('target_display', on('okta', lambda: pl.when(p('target', 1, 'type') == 'User').then(t(p('target', 1, 'displayName')))))
    add('elapsed_seconds', None, None, p('ctx', 'elapsed'))
    add('queue', None, None, p('ctx', 'queue'))
    add('pid', None, None, p('pid'))
    add('thread', None, None, p('tid'))
    add('tags', None, None, p('ctx', 'tags'))
    assert [row[0] for row in made] == list(kinds)
    return made


class Names:
    """A dialect that says nothing: to learn names and types of the columns."""

    def __getattr__(self, name):
        return lambda *steps: ''
