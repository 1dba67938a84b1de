"""auth.log of the bastion: RFC 3164 stamps without a year, sshd, sudo, PAM sessions, account changes, cron."""
from . import company, when
from .dice import Dice
from .when import HOUR, MINUTE, SECOND

HOST = 'bastion-1'
# Local programs stamp to the second: the collector cannot know more.
COMMANDS = ['/usr/bin/systemctl restart ledger-web', '/usr/bin/journalctl -u ledger-worker -n 200', '/usr/bin/apt-get update', '/usr/bin/tail -f /var/log/nginx/error.log',
            '/usr/sbin/nft list ruleset', '/usr/bin/systemctl status postgresql@15-main', '/usr/bin/less /var/log/syslog']


def log(quarter):
    turned = when.ms('2026-09-01')
    return quarter.source('linux_auth', lambda at: 'linux_auth/auth.log' if at >= turned else 'linux_auth/auth.log.1.gz')


class Writer:
    def __init__(self, quarter, name):
        self.source, self.dice = log(quarter), Dice(name)

    def line(self, at, program, text, pid=None, tags=(), kind='event'):
        at = at // 1000 * 1000
        return self.source.add(at, f'{when.syslog(at)} {HOST} {program}{f"[{pid}]" if pid else ""}: {text}', tags=tags, kind=kind)

    def ssh(self, at, member, ip, minutes, commands=(), tags=()):
        """A session with its sudo commands."""
        pid, number = self.dice.between(1200, 31000), self.dice.between(40, 4000)
        self.line(at, 'sshd', f'Accepted publickey for {member.linux} from {ip} port {self.dice.between(32768, 60999)} ssh2: ED25519 SHA256:{member.key}', pid, tags)
        self.line(at, 'sshd', f'pam_unix(sshd:session): session opened for user {member.linux}(uid={member.uid}) by (uid=0)', pid)
        self.line(at, 'systemd-logind', f'New session {number} of user {member.linux}.', 612)
        for n, command in enumerate(commands):
            then = at + (n + 1) * 47 * SECOND
            self.line(then, 'sudo', f'{member.linux:>8} : TTY=pts/{n % 3} ; PWD=/home/{member.linux} ; USER=root ; COMMAND={command}')
            self.line(then, 'sudo', f'pam_unix(sudo:session): session opened for user root(uid=0) by {member.linux}(uid={member.uid})')
            self.line(then + 3 * SECOND, 'sudo', 'pam_unix(sudo:session): session closed for user root')
        end = at + minutes * MINUTE
        self.line(end, 'sshd', f'Received disconnect from {ip} port {self.dice.between(32768, 60999)}:11: disconnected by user', pid + 7)
        self.line(end, 'sshd', f'pam_unix(sshd:session): session closed for user {member.linux}', pid)


def write(quarter):
    cron(Writer(quarter, 'linux/cron'))
    work(Writer(quarter, 'linux/work'))
    scanners(Writer(quarter, 'linux/scanners'), quarter)
    accounts(Writer(quarter, 'linux/accounts'))


def cron(w):
    """Every eight hours, weekends too: twelve hours of silence would be a gap."""
    for at in range(when.START, when.END, 8 * HOUR):
        at, pid = at + 17 * MINUTE + SECOND, w.dice.between(1200, 31000)
        w.line(at, 'CRON', 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)', pid)
        w.line(at + SECOND * w.dice.between(0, 2), 'CRON', 'pam_unix(cron:session): session closed for user root', pid)


def work(w):
    for day in when.weekdays():
        at = day + w.dice.between(8 * HOUR, 16 * HOUR) + w.dice.below(1000)
        member = w.dice.pick([p for p in company.PEOPLE if p.linux and p.works(at) and p.works(at + HOUR)])
        w.ssh(at, member, member.address(w.dice) if ':' not in member.home else company.OFFICE[0], w.dice.between(4, 50),
              [w.dice.pick(COMMANDS) for _ in range(w.dice.below(3))])
    noor = company.person('Noor Rahimzadeh')
    w.ssh(when.ms('2026-09-15T02:33:40'), noor, noor.home, 90, ['/usr/bin/systemctl restart postgresql@15-main', '/usr/bin/journalctl -u postgresql@15-main -n 500'])


def scanners(w, quarter):
    for index, day in enumerate(when.days()):
        if index % 2:
            continue
        ip, at, pid = f'192.0.2.{w.dice.between(220, 250)}', day + w.dice.below(24 * HOUR), w.dice.between(1200, 31000)
        quarter.identity('ip', ip)
        name, port = w.dice.pick(['admin', 'oracle', 'ubuntu', 'test']), w.dice.between(32768, 60999)
        w.line(at, 'sshd', f'Invalid user {name} from {ip} port {port}', pid)
        w.line(at + 2 * SECOND, 'sshd', f'Failed password for invalid user {name} from {ip} port {port} ssh2', pid)
        w.line(at + 3 * SECOND, 'sshd', f'Connection closed by invalid user {name} {ip} port {port} [preauth]', pid)
    # Two identical lines at different places are two events.
    same = when.ms('2026-08-20T04:11:09')
    for _ in range(2):
        w.line(same, 'sshd', 'Failed password for root from 192.0.2.231 port 41022 ssh2', 7702, kind='event')
    quarter.identity('ip', '192.0.2.231')
    quarter.facts['identical_lines'] = {'source': 'linux_auth', 'file': 'linux_auth/auth.log.1.gz', 'count': 2,
                                        'text': 'Aug 20 04:11:09 bastion-1 sshd[7702]: Failed password for root from 192.0.2.231 port 41022 ssh2'}


def accounts(w):
    ludmila, at = company.person('Ludmila Cherenkova'), when.ms('2026-09-14T09:20:11')
    w.line(at, 'groupadd', f'new group: name={ludmila.linux}, GID={ludmila.uid}', 20411)
    w.line(at, 'useradd', f'new user: name={ludmila.linux}, UID={ludmila.uid}, GID={ludmila.uid}, home=/home/{ludmila.linux}, shell=/bin/bash, from=/dev/pts/1', 20415)
    w.line(at + 4 * SECOND, 'usermod', f"add '{ludmila.linux}' to group 'sudo'", 20422)
    w.line(at + 4 * SECOND, 'usermod', f"add '{ludmila.linux}' to shadow group 'sudo'", 20422)
    for name, (_, taken) in company.LEAVERS.items():
        if taken.get('linux'):
            member, at = company.person(name), when.ms(taken['linux'])
            pid = w.dice.between(1200, 31000)
            w.line(at, 'userdel', f"delete user '{member.linux}'", pid, tags=[f'disable linux {name}'])
            w.line(at, 'userdel', f"removed group '{member.linux}' owned by '{member.linux}'", pid)
