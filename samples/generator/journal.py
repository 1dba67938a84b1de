"""systemd's journal of the machines (journalctl -o json): how chrony keeps time, and the timers of the backup host."""
from . import when
from .dice import Dice
from .when import DAY, HOUR, MINUTE, SECOND

HOSTS = ['app-1', 'worker-1', 'ledger-db-1', 'backup-1']
APPROVED = [('192.0.2.123', 'ntp1.tallyharbor.example.com'), ('192.0.2.124', 'ntp2.tallyharbor.example.com')]
STRANGER = ('198.51.100.77', 'pool.ntp.example.org')
STARTED, FAILED = '39f53479d3a045ac8e11786248231fbf', 'd9b373ed55a64feb8242e02dbe79a49c'


def log(quarter):
    return quarter.source('journal', lambda at: f'journal/hosts-{when.month(at)}.jsonl')


class Writer:
    def __init__(self, quarter, name):
        self.source, self.dice, self.count = log(quarter), Dice(name), 0

    def entry(self, at, host, program, message, priority=6, tags=(), **more):
        dice = Dice(f'journal/{host}')
        self.count += 1
        record = {'__CURSOR': f's={dice.hex(32)};i={at // 1000:x};x={self.dice.hex(12)}', '__REALTIME_TIMESTAMP': str(at * 1000), '_BOOT_ID': dice.hex(32), '_HOSTNAME': host,
                  'SYSLOG_IDENTIFIER': program, '_TRANSPORT': 'syslog', 'PRIORITY': str(priority), '_PID': str(dice.between(400, 900)), '_UID': '0', 'MESSAGE': message} | more
        return self.source.add(at, record, record['__CURSOR'], tags=tags)

    def chrony(self, at, host, message, priority=6, tags=()):
        return self.entry(at, host, 'chronyd', message, priority, tags, _SYSTEMD_UNIT='chrony.service', _UID='112')


def write(quarter):
    clocks(Writer(quarter, 'journal/clocks'), quarter)
    timers(Writer(quarter, 'journal/timers'))


def clocks(w, quarter):
    """Every host names its source once a day; one host takes a stranger's for a day and a half, one drifts after a restart."""
    for address, _ in [*APPROVED, STRANGER]:
        quarter.identity('ip', address)
    for day in when.days():
        for n, host in enumerate(HOSTS):
            at = day + (4 + n * 4) * HOUR + w.dice.between(0, 50) * MINUTE + w.dice.below(1000)
            address, name = w.dice.pick(APPROVED)
            w.chrony(at, host, f'Selected source {address} ({name})')
    at = when.ms('2026-08-05T13:22:41.318')
    w.chrony(at, 'worker-1', f"Can't synchronise: no selectable sources", 4)
    w.chrony(at + 90 * SECOND, 'worker-1', f'Selected source {STRANGER[0]} ({STRANGER[1]})', tags=['ep16 stranger'])
    at = when.ms('2026-09-15T04:02:09.704')
    w.chrony(at, 'ledger-db-1', 'System clock wrong by 2.413207 seconds', 4, tags=['ep16 drift'])
    w.chrony(at + SECOND, 'ledger-db-1', 'System clock was stepped by 2.413207 seconds', 4)
    for text, host, wrong in (('2026-07-09T06:31:50.120', 'app-1', '0.018344'), ('2026-08-21T22:15:03.006', 'backup-1', '0.042190')):
        w.chrony(when.ms(text), host, f'System clock wrong by {wrong} seconds', 5)


def timers(w):
    """Nightly copy of the object store, weekly of the configuration."""
    def run(at, unit, minutes, fails=None, tags=()):
        w.entry(at, 'backup-1', 'systemd', f'Starting {unit}.service...', UNIT=f'{unit}.service', MESSAGE_ID='7d4958e842da4a758f6c1cdc7b36dcc5')
        if fails:
            w.entry(at + minutes * MINUTE, 'backup-1', 'systemd', f"{unit}.service: Failed with result 'exit-code'.", 4, tags, UNIT=f'{unit}.service', MESSAGE_ID=FAILED)
        else:
            w.entry(at + minutes * MINUTE, 'backup-1', 'systemd', f'Finished {unit}.service.', 6, tags, UNIT=f'{unit}.service', MESSAGE_ID=STARTED, JOB_RESULT='done')

    for n, day in enumerate(when.days()):
        run(day + 3 * HOUR + w.dice.below(20_000), 'backup-objects', w.dice.between(20, 55), fails=day == when.ms('2026-07-19'))
    for day in range(when.ms('2026-07-05'), when.END, 7 * DAY):
        run(day + 5 * HOUR + w.dice.below(20_000), 'backup-configuration', w.dice.between(2, 6))
