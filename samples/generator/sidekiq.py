"""Sidekiq: worker-1 with the JSON formatter, the older report worker with the text formatter."""
import json

from . import when
from .dice import Dice
from .when import DAY, HOUR, MINUTE, SECOND

SILENT_FROM, SILENT_TO = when.ms('2026-08-26T00:30'), when.ms('2026-08-26T09:04')


def log(quarter):
    return quarter.source('sidekiq', lambda at: f'sidekiq/worker-1-{when.month(at)}.log')


def reports_log(quarter):
    return quarter.source('sidekiq_reports', lambda at: f'sidekiq/reports-{when.month(at)}.log')


class Writer:
    def __init__(self, quarter, name):
        self.source, self.dice = log(quarter), Dice(name)

    def line(self, at, message, context, level='INFO', tags=(), pid=2114, tid=None):
        record = {'ts': when.iso(at), 'pid': pid, 'tid': tid or self.dice.text(4, '0123456789abcdefghijklmnopqrstuvwxyz'), 'lvl': level, 'msg': message, 'ctx': context}
        return self.source.add(at, record, tags=tags)

    def run(self, at, duration, context, tid=None, fails=None, tags=((), ())):
        tid = tid or self.dice.text(4, '0123456789abcdefghijklmnopqrstuvwxyz')
        self.line(at, 'start', context, tid=tid, tags=tags[0])
        end = context | {'elapsed': round(duration / 1000, 3)}
        if fails:
            self.line(at + duration, 'fail', end, tid=tid)
            job = {'context': 'Job raised exception', 'job': {'retry': True, 'queue': 'default', 'class': context['class'], 'args': fails[1], 'jid': context['jid'],
                                                              'created_at': at / 1000, 'enqueued_at': at / 1000}}
            return self.line(at + duration + 1, json.dumps(job, separators=(',', ':')), end, 'WARN', tid=tid), \
                self.line(at + duration + 2, fails[0], end, 'WARN', tid=tid)
        return self.line(at + duration, 'done', end, tid=tid, tags=tags[1]),

    def job(self, name, **more):
        return {'jid': self.dice.hex(24), 'class': name} | more


def write(quarter):
    scheduled(Writer(quarter, 'sidekiq'))
    exports(quarter)
    reports(quarter)


def silent(at):
    return SILENT_FROM <= at < SILENT_TO


def scheduled(w):
    """Every three hours, always: four hours of silence is a gap, and on 26 August there are nine."""
    for at in range(when.START, when.END, 3 * HOUR):
        late = SILENT_TO if at == when.ms('2026-08-26T09:00') else at
        if silent(at) and late == at:
            continue
        start = late + w.dice.between(1, 9) * SECOND + w.dice.below(1000)
        w.run(start, w.dice.between(4000, 55_000), w.job('Ledger::UsageRollupJob', tags=['scheduled']))
    for day in when.days():
        at = day + 6 * HOUR + 15 * MINUTE + w.dice.below(5000)
        if not silent(at):
            w.run(at, w.dice.between(2000, 90_000), w.job('Invoices::ReminderJob', bid='b-' + w.dice.text(12)))


def exports(quarter):
    w = Writer(quarter, 'sidekiq/exports')
    for job in quarter.exports:
        context = {'jid': job['jid'], 'class': 'Exports::TenantExportJob', 'bid': job['bid'], 'tags': [job['tenant'].id], 'request_id': job['request'],
                   'trace_id': job['trace'], 'correlation_id': job['correlation']}
        w.run(job['at'] + 1100, job['duration'], context)


def reports(quarter):
    """Nightly PDF reports; text lines as Sidekiq's pretty formatter writes them to a file."""
    source, dice = reports_log(quarter), Dice('sidekiq/reports')
    for day in when.days():
        at, tid, jid = day + HOUR + 40 * MINUTE + dice.below(4000), dice.text(4, '0123456789abcdefghijklmnopqrstuvwxyz'), dice.hex(24)
        duration = dice.between(30_000, 600_000)
        head = f'pid=833 tid={tid} class=Reports::NightlyPdfJob jid={jid}'
        source.add(at, f'{when.iso(at)} {head} INFO: start')
        if day == when.ms('2026-09-06'):
            source.add(at + 9000, f'{when.iso(at + 9000)} {head} elapsed=9.0 INFO: fail')
            source.add(at + 9003, f'{when.iso(at + 9003)} {head} elapsed=9.0 WARN: Errno::ENOSPC: No space left on device @ io_write')
            continue
        source.add(at + duration, f'{when.iso(at + duration)} {head} elapsed={round(duration / 1000, 3)} INFO: done')
    for n in range(12):
        at = when.START + n * 7 * DAY + 5 * HOUR + dice.below(HOUR)
        tid = dice.text(4, '0123456789abcdefghijklmnopqrstuvwxyz')
        source.add(at, f'{when.iso(at)} pid={833 + n} tid={tid} INFO: Booted Rails 7.1.3 application in production environment')
        source.add(at + 4, f'{when.iso(at + 4)} pid={833 + n} tid={tid} INFO: Starting processing, hit Ctrl-C to stop')
