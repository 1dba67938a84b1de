"""Systems as they are installed, named people who do things on them, and the timeline on which each deed must be found.

`make systems` runs this in a machine of its own (machine.sh). PROOFLINE names the binary. A system whose package is missing is skipped
and counted in the closing lines.
"""
import contextlib
import datetime
import json
import os
import pathlib
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

ZONE = 'Europe/Berlin'
SRV = pathlib.Path('/srv')
# Who does things here. Nobody of these exists anywhere else.
PEOPLE = {'maria': 'Maria Lang', 'tomas': 'Tomas Weber', 'ines': 'Ines Costa', 'jonas': 'Jonas Berg'}
PASSWORDS = {name: f'{name}-Kq7-4471' for name in PEOPLE}

systems_tried, systems_skipped = set(), {}


def pytest_configure(config):
    if not os.environ.get('PROOFLINE_MACHINE'):
        pytest.exit('call this with `make systems`: it needs a machine of its own (Tests/systems/machine.sh)', returncode=2)


def pytest_terminal_summary(terminalreporter):
    skipped = '; '.join(f'{name} ({why})' for name, why in sorted(systems_skipped.items())) or 'none'
    terminalreporter.write_line(f'systems: {len(systems_tried)} ran, {len(systems_skipped)} skipped: {skipped}')


def run(*command, check=True, **options):
    done = subprocess.run([str(part) for part in command], **{'capture_output': True, 'text': True, 'timeout': 180} | options)
    assert not check or done.returncode == 0, f'{command} ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}'
    return done


def wait_for(what, seconds=60):
    """Waits until a call gives something true; an exception counts as not yet."""
    end, fault = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except Exception as error:                 # noqa: BLE001 - whatever a server that is still starting does
            fault = error
        time.sleep(0.05)
    raise AssertionError(f'nothing within {seconds} s: {fault}')


def listens(port, address='127.0.0.1'):
    with contextlib.suppress(OSError), socket.create_connection((address, port), 1):
        return True


def typed(command, *answers, **options):
    """Runs a command on a terminal of its own and gives each answer when it asks for a password."""
    master, slave = os.openpty()
    process = subprocess.Popen([str(part) for part in command], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               preexec_fn=lambda: __import__('fcntl').ioctl(0, __import__('termios').TIOCSCTTY, 0), **options)
    os.close(slave)
    said, answers, end = b'', list(answers), time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([master], [], [], 0.2)[0]:
            try:
                chunk = os.read(master, 4096)
            except OSError:
                break
            if not chunk:
                break
            said += chunk
            if answers and b'assword' in said.rsplit(b'\n', 1)[-1]:
                time.sleep(0.1)
                os.write(master, answers.pop(0).encode() + b'\n')
                said += b'\n'
        elif process.poll() is not None:
            break
    process.kill() if process.poll() is None and time.monotonic() >= end else None
    code = process.wait(10)
    os.close(master)
    return code, said.decode(errors='replace')


class System:
    """One system under test: its folder, its servers, and when which deed was done."""

    def __init__(self, name, timeline):
        self.name, self.timeline, self.folder = name, timeline, SRV / name
        self.servers, self.deeds = [], {}
        self.folder.mkdir(exist_ok=True)

    def own(self, user, *paths):
        for path in paths or [self.folder]:
            shutil.chown(path, user, user)
        return self

    def serve(self, *command, **options):
        """Starts a server in the foreground; it is ended with the system."""
        log = open(self.folder / f'server-{len(self.servers)}.out', 'wb')
        server = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                  start_new_session=True, **options)
        self.servers.append((server, log))
        return server

    def stop(self, server, how=signal.SIGTERM):
        if server.poll() is None:
            server.send_signal(how)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(10)

    def close(self):
        for server, log in reversed(self.servers):
            self.stop(server)
            log.close()
        self.servers = []

    @contextlib.contextmanager
    def deed(self, name):
        begin = datetime.datetime.now(datetime.UTC)
        yield
        assert name not in self.deeds, f'two deeds are called {name}'
        self.deeds[name] = (begin, datetime.datetime.now(datetime.UTC))

    def ingest(self, parser, *paths, source=None, expect=(0,), timezone=ZONE):
        return self.timeline.ingest(source or self.name, parser, *paths, expect=expect, timezone=timezone)

    def find(self, deed, sources=None, times=1, seconds=False, slack=datetime.timedelta(milliseconds=5), **terms):
        """The deed's event in each source, found by what it must hold; names are looked up as anybody would.

        It must lie between the deed's begin and end; `seconds` is for logs that write whole seconds, `slack` for what is written later.
        """
        since, until = self.deeds[deed]
        since, until = (since.replace(microsecond=0) if seconds else since - slack), until + slack
        for source in sources or [self.name]:
            self.timeline.find(source, since, until, times, deed, terms)


class Timeline:
    def __init__(self, binary, folder):
        self.binary, self.store = binary, folder / 'store'
        self('init', '--store', self.store, '--origin', 'log.example.org/systems')

    def __call__(self, *arguments, expect=(0,)):
        done = run(self.binary, *arguments, check=False)
        assert done.returncode in expect, f'{arguments} ended with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}'
        return done.stdout

    def ingest(self, source, parser, *paths, expect=(0,), timezone=ZONE):
        summary = json.loads(self('ingest', '--store', self.store, '--parser', parser, '--source', source, '--timezone', timezone,
                                  '--format', 'json', *paths, expect=(0, 1)))
        return summary

    def query(self, text):
        return [json.loads(line) for line in self('query', '--store', self.store, '--format', 'jsonl', '--limit', '1000', text).splitlines()]

    def find(self, source, since, until, times, deed, terms):
        stamp = [moment.strftime('%Y-%m-%dT%H:%M:%S.%fZ') for moment in (since, until)]
        window = f'source:{source} since:{stamp[0]} until:{stamp[1]}'
        asked = ' '.join(term(key.replace('__', '.'), value) for key, value in terms.items())
        found = self.query(f'{window} {asked}')
        if len(found) >= 1 if times == 1 else len(found) == times:
            return
        others = '\n'.join(json.dumps({key: value for key, value in event.items() if key not in ('salt', 'observed', 'parser', 'parser_version', 'instance', 'schema')})
                           for event in self.query(window)[:40])
        pytest.fail(f'{deed}: {len(found)} events on the timeline for\n  {window} {asked}\nIn that time there were\n{others}', pytrace=False)


@pytest.fixture(scope='session')
def timeline(tmp_path_factory):
    binary = os.environ.get('PROOFLINE')
    if not binary or not os.access(binary, os.X_OK):
        pytest.fail('PROOFLINE must name the built program, for example: PROOFLINE=.build/release/proofline')
    return Timeline(os.path.abspath(binary), tmp_path_factory.mktemp('timeline'))


@pytest.fixture(scope='session')
def system(timeline):
    """Makes a system, or skips all its deeds when something that it needs is not installed."""
    def system(name, *needs, why=None):
        os.environ['PATH'] = f'{os.path.dirname(sys.executable)}:{os.environ["PATH"]}:/usr/sbin:/usr/lib/postgresql/15/bin'
        missing = [need for need in needs if not (shutil.which(need) or os.path.exists(need) or (need.startswith('python:') and importable(need[7:])))]
        if missing or why:
            systems_skipped[name] = why or f'not installed: {", ".join(missing)}; call .ci/setup systems'
            pytest.skip(f'{name}: {systems_skipped[name]}')
        systems_tried.add(name)
        return System(name, timeline)
    return system


def term(name, value):
    """A term of a query: None is a field that must not be there, a `*` in the value any run of characters."""
    if value is None:
        return f'NOT {name}:*'
    return f'{name}:{value}' if '*' in value else f'{name}:"{value}"'


def importable(module):
    import importlib.util
    return importlib.util.find_spec(module) is not None


@pytest.fixture(scope='session')
def people():
    """Accounts with passwords for those who are not made by the deeds of a test."""
    for name, full in PEOPLE.items():
        try:
            pwd.getpwnam(name)
        except KeyError:
            run('useradd', '--create-home', '--shell', '/bin/bash', '--comment', full, name)
            run('chpasswd', input=f'{name}:{PASSWORDS[name]}\n')
    return PEOPLE
