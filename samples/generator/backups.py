"""Backups of the ledger and their restore test, as jobs of the worker."""
from . import sidekiq, when
from .when import HOUR, MINUTE

RESTORE = when.ms('2026-07-22T10:30:05.412')


def write(quarter):
    w = sidekiq.Writer(quarter, 'sidekiq/backups')
    for day in when.days():
        at = day + 2 * HOUR + 30 * MINUTE + w.dice.below(4000)
        if sidekiq.silent(at):
            continue
        context = w.job('Backups::LedgerDumpJob', tags=['backup'])
        fails = {when.ms('2026-08-09'): 'Aws::S3::Errors::SlowDown: Please reduce your request rate.', when.ms('2026-09-06'): 'Errno::ENOSPC: No space left on device @ io_write'}
        w.run(at, w.dice.between(11, 24) * MINUTE + w.dice.below(60_000), context, fails=(fails[day], ['ledger']) if day in fails else None)
    w.run(RESTORE, 42 * MINUTE + 17_204, w.job('Backups::RestoreTestJob', tags=['backup', 'restore-test']), tags=((), ['restore test']))
