#!/usr/bin/env python3
"""Makes logs that are not JSON, once, for the part `parsing`: PostgreSQL's csvlog, a CSV export of Salesforce logins, a Linux authentication log.

usage: textlogs.py LINES [SEED]         prints the folder
The same bytes for the same arguments. Names and addresses are of documentation ranges.
"""
import datetime
import hashlib
import pathlib
import random
import shutil
import sys

import generate

#: file, the parser that reads it
FILES = {'postgresql.csv': 'postgresql', 'salesforce.csv': 'salesforce', 'auth.log': 'linux_auth'}

GIVEN = 'Alice Bob Carol Dora Emil Frida Greta Henry Ines Jonas Karin Lukas Maria Nora Oskar Paula Rosa Sven Tilda Viktor'.split()
FAMILY = 'Albers Brandt Costa Dahl Engel Ferrari Gruber Haas Iversen Jensen Keller Lopez Meyer Nowak Olsen Petit Rossi Silva Toth Weber'.split()
TABLES = 'accounts orders order_lines invoices payments users sessions audit_log features tickets'.split()
AGENTS = ('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
          'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
          'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')
BEGIN = datetime.datetime(2026, 4, 1)


class People:
    """5,000 people, a few of whom do most of it."""

    def __init__(self, dice):
        self.dice = dice
        self.all = []
        for number in range(5_000):
            given, family = dice.choice(GIVEN), dice.choice(FAMILY)
            login = f'{given[0]}{family}{number}'.lower()
            self.all.append((f'{number:06}', login, f'{given.lower()}.{family.lower()}{number}@tenant{number % 300}.example', f'198.51.{number % 100}.{number // 100 % 256}'))

    def one(self):
        return self.all[int(len(self.all) * self.dice.random() ** 3)]


def stamps(dice, count):
    """Times that rise over 90 days."""
    step = 90 * 86_400 / count
    at = 0.0
    for _ in range(count):
        at += step * 2 * dice.random()
        yield BEGIN + datetime.timedelta(milliseconds=int(at * 1000))


def quoted(text):
    return '"' + text.replace('"', '""') + '"' if text else ''


def csvlog(dice, count):
    """26 columns as PostgreSQL 14 and later write them, with connections, statements, durations and errors."""
    people = People(dice)
    for number, time in enumerate(stamps(dice, count)):
        _, login, _, address = people.one()
        pid, port, kind, table = 1_000 + dice.randrange(30_000), dice.randrange(1_024, 65_536), dice.random(), dice.choice(TABLES)
        stamp, started = time.strftime('%Y-%m-%d %H:%M:%S.') + f'{time.microsecond // 1000:03} UTC', (time - datetime.timedelta(seconds=dice.randrange(600))).strftime('%Y-%m-%d %H:%M:%S UTC')
        tag, level, state, text, detail, query, application = 'SELECT', 'LOG', '00000', '', '', '', dice.choice(('psql', 'web', 'pgbench', 'worker'))
        if kind < 0.15:
            tag, text = 'authentication', f'connection authorized: user={login} database=app application_name={application}'
        elif kind < 0.3:
            tag, text = 'idle', f'disconnection: session time: 0:{dice.randrange(60):02}:{dice.randrange(60):02}.{dice.randrange(1000):03} user={login} database=app host={address} port={port}'
        elif kind < 0.7:
            text = f'duration: {dice.random() * 900:.3f} ms  statement: SELECT id, name, "state" FROM {table} WHERE tenant = {dice.randrange(300)} AND id = {dice.randrange(10 ** 6)}'
        elif kind < 0.8:
            tag, text = 'UPDATE', f'statement: UPDATE {table} SET state = \'closed\', closed_by = \'{login}\'\n  WHERE id = {dice.randrange(10 ** 6)}'
        elif kind < 0.9:
            tag, text = 'GRANT', f'statement: GRANT SELECT ON {table} TO "{login}"'
        elif kind < 0.95:
            level, state, text, query = 'ERROR', '42501', f'permission denied for table {table}', f'SELECT * FROM {table} WHERE id = {dice.randrange(10 ** 6)};'
        else:
            tag, level, state, text, detail = 'authentication', 'FATAL', '28P01', f'password authentication failed for user "{login}"', 'Connection matched file "/etc/postgresql/16/main/pg_hba.conf" line 118: "host all all 0.0.0.0/0 scram-sha-256"'
        yield (f'{stamp},{quoted(login)},"app",{pid},"{address}:{port}",{int(time.timestamp()):x}.{pid:x},{number % 90 + 1},"{tag}",{started},{number % 40}/{number % 9000},0,{level},{state},'
               f'{quoted(text)},{quoted(detail)},,,,,{quoted(query)},,,{quoted(application)},"client backend",,{dice.randrange(-2 ** 62, 2 ** 62)}\n')


def logins(dice, count):
    """The hourly event log file `Login`, every column quoted."""
    names = ('EVENT_TYPE TIMESTAMP REQUEST_ID ORGANIZATION_ID USER_ID RUN_TIME CPU_TIME URI SESSION_KEY LOGIN_KEY USER_TYPE REQUEST_STATUS DB_TOTAL_TIME LOGIN_STATUS SOURCE_IP BROWSER_TYPE '
             'API_TYPE API_VERSION USER_NAME TLS_PROTOCOL CIPHER_SUITE TIMESTAMP_DERIVED USER_ID_DERIVED CLIENT_IP URI_ID_DERIVED LOGIN_TYPE').split()
    yield ','.join(f'"{name}"' for name in names) + '\n'
    people = People(dice)
    for time in stamps(dice, count):
        user, _, mail, address = people.one()
        failed = dice.random() < 0.1
        row = ('Login', time.strftime('%Y%m%d%H%M%S.') + f'{time.microsecond // 1000:03}', f'4{dice.randrange(36 ** 12):x}', '00D000000000001', f'005000000{user}', str(dice.randrange(400)), str(dice.randrange(200)),
               '/index.jsp', f'{dice.randrange(16 ** 16):016x}', f'{dice.randrange(16 ** 16):016x}', 'Standard', '', str(dice.randrange(10 ** 8)), 'LOGIN_ERROR_INVALID_PASSWORD' if failed else 'LOGIN_NO_ERROR', address,
               dice.choice(AGENTS), '', '9998.0', mail, 'TLSv1.3', 'TLS_AES_256_GCM_SHA384', time.strftime('%Y-%m-%dT%H:%M:%S.') + f'{time.microsecond // 1000:03}Z', f'005000000{user}AAA', address, '', 'Application')
        yield ','.join(f'"{value}"' for value in row) + '\n'


def authentication(dice, count):
    """What sshd, PAM, sudo, cron and logind of 40 servers say, in rsyslog's classic form."""
    people = People(dice)
    for time in stamps(dice, count):
        number, login, _, address = people.one()
        port, pid, kind, host = dice.randrange(1_024, 65_536), dice.randrange(1_000, 400_000), dice.random(), f'web-{dice.randrange(40):02}'
        if kind < 0.12:
            text = f'sshd[{pid}]: Accepted publickey for {login} from {address} port {port} ssh2: ED25519 SHA256:{hashlib.md5(login.encode()).hexdigest()}abcdefghijk'
        elif kind < 0.24:
            text = f'sshd[{pid}]: pam_unix(sshd:session): session opened for user {login}(uid={1000 + int(number)}) by (uid=0)'
        elif kind < 0.36:
            text = f'sshd[{pid}]: pam_unix(sshd:session): session closed for user {login}'
        elif kind < 0.46:
            text = f'sshd[{pid}]: Disconnected from user {login} {address} port {port}'
        elif kind < 0.58:
            text = f'sshd[{pid}]: Failed password for invalid user admin{dice.randrange(50)} from 203.0.113.{dice.randrange(256)} port {port} ssh2'
        elif kind < 0.66:
            text = f'sshd[{pid}]: Connection closed by authenticating user root 203.0.113.{dice.randrange(256)} port {port} [preauth]'
        elif kind < 0.72:
            text = f'sudo:   {login} : TTY=pts/{dice.randrange(9)} ; PWD=/home/{login} ; USER=root ; COMMAND=/usr/bin/systemctl restart app-{dice.randrange(90)}.service'
        elif kind < 0.78:
            text = f'sudo: pam_unix(sudo:session): session opened for user root(uid=0) by {login}(uid={1000 + int(number)})'
        elif kind < 0.9:
            text = f'CRON[{pid}]: pam_unix(cron:session): session {dice.choice(("opened", "closed"))} for user backup' + ('(uid=34) by (uid=0)' if dice.random() < 0.01 else '')
        else:
            text = f'systemd-logind[611]: New session {dice.randrange(10 ** 5)} of user {login}.'
        yield f'{time.strftime("%b")} {time.day:2} {time.strftime("%H:%M:%S")} {host} {text}\n'


def logs(lines, seed=1):
    """The folder with one file of each kind."""
    version = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:12]
    folder = generate.CACHE / 'data' / f'text-{lines}-{seed}-{version}'
    if folder.exists():
        return folder
    unfinished = folder.with_suffix('.tmp')
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name, make in zip(FILES, (csvlog, logins, authentication)):
        with open(unfinished / name, 'w', encoding='utf-8', newline='') as out:
            out.writelines(make(random.Random(f'{seed} {name}'), lines))
    unfinished.rename(folder)
    return folder


if __name__ == '__main__':
    print(logs(int(sys.argv[1].replace('_', '')), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
