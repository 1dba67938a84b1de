"""PostgreSQL with pgAudit: the primary writes csvlog, the reporting replica the stderr format."""
from . import company, when
from .dice import Dice
from .when import HOUR, MINUTE, SECOND


def log(quarter):
    return quarter.source('postgresql', lambda at: f'postgresql/primary-{when.month(at)}.csv')


def replica_log(quarter):
    return quarter.source('postgresql_replica', lambda at: f'postgresql/replica-{when.month(at)}.log')


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def audit(kind, statement_id, audit_class, command, statement, object_type='', object_name='', part=1, parameters='<not logged>'):
    """The message that pgAudit hands to the server's log."""
    shown = quoted(statement) if any(c in statement for c in ',"\n') else statement
    return f'AUDIT: {kind},{statement_id},{part},{audit_class},{command},{object_type},{object_name},{shown},{parameters}'


class Primary:
    """csvlog, 26 columns (version 14 and later)."""

    def __init__(self, quarter, name):
        self.source, self.dice = log(quarter), Dice(name)

    def connect(self, at, user, ip, application):
        pid = self.dice.between(3000, 60000)
        return {'user': user, 'pid': pid, 'from': f'{ip}:{self.dice.between(32768, 60999)}' if ip else '[local]', 'session': f'{at // 1000:x}.{pid:x}',
                'start': at, 'application': application, 'line': 0, 'virtual': self.dice.between(3, 40)}

    def row(self, at, session, message, command='', severity='LOG', state='00000', detail='', query='', tags=()):
        session['line'] += 1
        text = lambda value: quoted(value) if value else ''  # noqa: E731
        own = session['user']
        cells = [when.postgres(at), text(own), text('ledger' if own else ''), str(session['pid']), text(session['from'] if own else ''), session['session'],
                 str(session['line']), text(command), when.postgres(session['start'], fraction=False), f'{session["virtual"]}/{session["line"] + 100}' if own else '',
                 '0', severity, state, text(message), text(detail), '', '', '', '', text(query), '', '', text(session['application']),
                 text('client backend' if own else 'checkpointer'), '', '0']
        return self.source.add(at, ','.join(cells), tags=tags)

    def statement(self, at, session, number, statement, command='SELECT', audit_class='READ', objects=(), tags=()):
        entry = self.row(at, session, audit('SESSION', number, audit_class, command, statement), command, tags=tags)
        for name in objects:
            self.row(at + 1, session, audit('OBJECT', number, audit_class, command, '<previously logged>', 'TABLE', name, parameters='<previously logged>'), command)
        return entry


def write(quarter):
    primary(Primary(quarter, 'postgres/primary'))
    exports(quarter)
    replica(quarter)


def primary(w):
    background = {'user': '', 'pid': 812, 'from': '', 'session': '6a43f8c0.32c', 'start': when.START - 40 * HOUR, 'application': '', 'line': 0, 'virtual': 0}
    for day in when.days():
        at = day + 3 * HOUR + w.dice.between(0, 20) * MINUTE + w.dice.below(1000)
        w.row(at, background, 'checkpoint starting: time')
        w.row(at + 89_412, background, f'checkpoint complete: wrote {w.dice.between(200, 9000)} buffers (1.9%); 0 WAL file(s) added, 0 removed, 2 recycled; write=89.204 s, '
              'sync=0.021 s, total=89.412 s; sync files=88, longest=0.004 s, average=0.001 s; distance=41822 kB, estimate=52011 kB')
    for day in when.weekdays():
        people = [p for p in company.PEOPLE if p.database and p.works(day)]
        at = day + w.dice.between(8 * HOUR, 16 * HOUR) + w.dice.below(1000)
        person = w.dice.pick(people)
        ticket = f'OPS-{w.dice.between(700, 999)}'
        session = w.connect(at, person.database, '192.0.2.20', 'psql')
        w.row(at, session, f'connection authorized: user={person.database} database=ledger application_name=psql SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)',
              'authentication')
        statement = w.dice.pick([
            f'/* {ticket} */ SELECT relname, n_dead_tup FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 20',
            f'/* {ticket} */\nSELECT date_trunc(\'day\', created_at) AS day,\n       count(*)\n  FROM public.jobs\n WHERE state = \'stuck\'\n GROUP BY 1',
            f'/* {ticket} */ SELECT pid, state, wait_event FROM pg_stat_activity WHERE datname = \'ledger\''])
        w.statement(at + 20 * SECOND, session, 1, statement, objects=['public.jobs'] if 'public.jobs' in statement else [])
        if w.dice.chance(0.3):
            w.row(at + 70 * SECOND, session, 'relation "public.invoice_lnes" does not exist', 'SELECT', 'ERROR', '42P01', query='SELECT count(*) FROM public.invoice_lnes')
        w.row(at + 300 * SECOND, session, f'disconnection: session time: 0:05:00.{w.dice.between(100, 999)} user={person.database} database=ledger host=192.0.2.20 port=51544', 'idle')
    for n, day in enumerate(when.weekdays()[2::5]):
        at = day + 11 * HOUR + w.dice.below(HOUR)
        session = w.connect(at, 'migrator', '192.0.2.21', 'migrate')
        w.statement(at, session, 1, f'ALTER TABLE public.invoices\n  ADD COLUMN note_{n} text', 'ALTER TABLE', 'DDL')
        w.statement(at + 900, session, 2, f'CREATE INDEX CONCURRENTLY invoices_note_{n} ON public.invoices (note_{n})', 'CREATE INDEX', 'DDL')
    noor = company.person('Noor Rahimzadeh')
    at = when.ms('2026-09-15T02:40:12.730')
    session = w.connect(at, noor.database, '192.0.2.20', 'psql')
    w.statement(at, session, 1, '/* INC-131 */ SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = \'idle in transaction\'')
    w.statement(at + 4 * MINUTE, session, 2, '/* INC-131 */\nUPDATE public.jobs\n   SET state = \'queued\'\n WHERE state = \'stuck\'', 'UPDATE', 'WRITE', objects=['public.jobs'])
    w.row(at + 9 * MINUTE, session, 'permission denied to grant role "superuser_ops"', 'GRANT', 'ERROR', '42501', query='GRANT superuser_ops TO CURRENT_USER')


TABLES = ['public.customers', 'public.invoices', 'public.invoice_lines', 'public.bank_accounts']


def exports(quarter):
    w = Primary(quarter, 'postgres/exports')
    for job in quarter.exports:
        export(w, job)


def export(w, job, tags=()):
    """What the worker reads for one export: the job and request ids stand in the statement's comment."""
    session = w.connect(job['at'] + 1500, 'export_worker', '192.0.2.41', f'sidekiq exports {job["jid"]}')
    w.row(job['at'] + 1500, session, f'connection authorized: user=export_worker database=ledger application_name=sidekiq exports {job["jid"]}', 'authentication')
    for n, table in enumerate(TABLES):
        statement = (f'/* jid:{job["jid"]} request_id:{job["request"]} */\nSELECT t.*\n  FROM {table} AS t\n'
                     f' WHERE t.tenant_id = \'{job["tenant"].id}\'\n ORDER BY t.id')
        at = job['at'] + 2000 + n * (job['duration'] - 4000) // len(TABLES)
        w.statement(at, session, n + 1, statement, objects=[table], tags=[f'{tag} {table}' for tag in tags])


def replica(quarter):
    """stderr with `%m [%p] %q%u@%d `: a nightly load and analysts' queries."""
    source, dice = replica_log(quarter), Dice('postgres/replica')

    def line(at, pid, who, text, severity='LOG'):
        first, *rest = text.split('\n')
        body = '\n'.join([f'{when.postgres(at)} [{pid}] {who + " " if who else ""}{severity}:  {first}'] + ['\t' + more for more in rest])
        return source.add(at, body)

    for n, day in enumerate(when.days()):
        at, pid = day + 2 * HOUR + 10 * MINUTE + dice.below(40_000), dice.between(3000, 60000)
        line(at, pid, 'etl@reporting', audit('SESSION', 1, 'READ', 'SELECT', 'SELECT i.id, i.tenant_id, i.total\n  FROM public.invoices AS i\n'
                                             f' WHERE i.issued_on >= current_date - {dice.between(1, 3)}'))
        line(at + 812, pid, 'etl@reporting', audit('OBJECT', 1, 'READ', 'SELECT', '<previously logged>', 'TABLE', 'public.invoices', parameters='<previously logged>'))
        line(at + 9_417, pid, 'etl@reporting', audit('SESSION', 2, 'WRITE', 'INSERT', 'INSERT INTO marts.revenue SELECT * FROM staging.revenue'))
        if n % 7 == 3:
            line(at + HOUR, 640, '', 'restartpoint starting: time')
            line(at + HOUR + 30_100, 640, '', 'recovery restart point at 4/A81B2C70')
    keiko = company.person('Keiko Murasaki')
    for day in when.weekdays()[::4]:
        at, pid = day + dice.between(9 * HOUR, 15 * HOUR) + dice.below(1000), dice.between(3000, 60000)
        line(at, pid, f'{keiko.database}@reporting', audit('SESSION', 1, 'READ', 'SELECT', 'SELECT tenant_id,\n\tsum(total) AS total\n  FROM marts.revenue\n GROUP BY 1'))
        line(at + 61_000, pid, f'{keiko.database}@reporting', 'canceling statement due to user request', 'ERROR')
        line(at + 61_000, pid, f'{keiko.database}@reporting', 'SELECT count(*) FROM marts.revenue_daily', 'STATEMENT')
