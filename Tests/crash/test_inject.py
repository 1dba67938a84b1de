"""`ingest` killed, and refused by the disk, at every call that changes a file: 200 events in four commits.

CRASH_INJECT says how many calls each test tries, spread over the kinds of calls at random (CI: a sample); 0 tries each, which `make soak` does."""
import collections
import concurrent.futures
import os
import random
import re
import shutil
import subprocess

import pytest

from conftest import ORIGIN, QUARTER
from stores import check_ledger, events, quarantined

TRIED = int(os.environ.get('CRASH_INJECT', '40'))
WORKERS = os.cpu_count() or 2
CALLS = ('write', 'pwrite64', 'fsync', 'fdatasync', 'rename', 'ftruncate', 'unlink')
LINE = re.compile(r'^(\d+) +(\w+)\((?:\d+<([^>]*)>|(?:AT_FDCWD[^,]*, )?"([^"]*)")')
LOG = sorted((QUARTER / 'okta').glob('*.jsonl'))[0]


class Ingest:
    """The run that is disturbed, the store that it begins from, and what it comes to when nothing disturbs it."""

    def __init__(self, binary, call, folder):
        self.binary, self.call, self.folder = binary, call, folder
        self.log = folder / 'okta.jsonl'
        self.log.write_bytes(b''.join(LOG.read_bytes().splitlines(keepends=True)[:200]))
        self.empty = folder / 'empty'
        call('init', '--store', self.empty, '--origin', ORIGIN)
        whole = shutil.copytree(self.empty, folder / 'whole', copy_function=shutil.copy2)
        run, trace = self.trace(whole)
        if 'ptrace' in run.stderr or 'Operation not permitted' in run.stderr:
            pytest.skip('strace may not trace here')
        assert run.returncode == 0, run.stderr
        self.places = self.count(trace, whole)
        self.expected = self.state(whole)
        assert len(self.expected[0]) > 150

    def arguments(self, store):
        return [self.binary, 'ingest', '--store', store, '--parser', 'okta', '--commit-events', '50', '--threads', '1', self.log]

    def trace(self, store):
        path = self.folder / 'trace'
        run = subprocess.run(
            ['strace', '-f', '-y', '-qq', '-o', path, '-e', 'trace=' + ','.join(CALLS), *self.arguments(store)], capture_output=True, text=True, timeout=300)
        return run, path.read_text() if path.exists() else ''

    def count(self, trace, store):
        """(call, n): the n-th such call of every thread that has so many is about the store."""
        seen, places = collections.Counter(), collections.defaultdict(list)
        for line in trace.splitlines():
            if hit := LINE.match(line):
                pid, name, path = hit[1], hit[2], hit[3] or hit[4] or ''
                seen[pid, name] += 1
                places[name, seen[pid, name]].append(path.startswith(str(store)))
        return sorted(place for place, inside in places.items() if all(inside))

    def state(self, store):
        return events(self.call, store), check_ledger(store), quarantined(store)

    def chosen(self, chance):
        """All places, or a sample of them that has some of each kind of call."""
        if not TRIED or TRIED >= len(self.places):
            return self.places
        kinds = collections.defaultdict(list)
        for place in self.places:
            kinds[place[0]].append(place)
        for places in kinds.values():
            chance.shuffle(places)
        chosen = []
        while len(chosen) < TRIED:
            for places in kinds.values():
                if places:
                    chosen.append(places.pop())
        return chosen[:TRIED]

    def disturbed(self, number, place, what):
        """A store on which the run met with something at a place, and how the run ended."""
        store = shutil.copytree(self.empty, self.folder / f'store{number}', copy_function=shutil.copy2)
        run = subprocess.run(
            ['strace', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={place[0]}', '-e', f'inject={place[0]}:{what}:when={place[1]}', *self.arguments(store)],
            capture_output=True, text=True, timeout=300)
        return store, run

    def finish(self, store, note):
        """The same command again: everything is there once, and the store is whole."""
        again = self.call(*self.arguments(store)[1:], expect=None)
        assert again.returncode == 0, f'{note}: again: {again.returncode} {again.stderr}'
        assert self.state(store) == self.expected, note
        check = self.call('fsck', '--store', store, expect=None)
        assert check.returncode == 0, f'{note}: {check.stdout}'
        shutil.rmtree(store)

    def each(self, tries, work):
        """Does the work for all tries, a few at a time; the first failure is raised after all were tried."""
        failures = []

        def one(item):
            try:
                return work(*item)
            except AssertionError as failure:
                failures.append(failure)
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            results = list(pool.map(one, enumerate(tries)))
        assert not failures, f'{len(failures)} of {len(tries)} failed; the first: {failures[0]}'
        return results


@pytest.fixture(scope='module')
def ingest(binary, call, tmp_path_factory):
    if not shutil.which('strace'):
        pytest.skip('strace is not there')
    return Ingest(binary, call, tmp_path_factory.mktemp('inject'))


def test_killed_at_any_call_that_changes_a_file(ingest):
    seed = random.randrange(1 << 30)
    tries = ingest.chosen(random.Random(seed))

    def work(number, place):
        store, run = ingest.disturbed(number, place, 'signal=KILL')
        before = check_ledger(store)[1]['received'] if (store / 'catalogue.sqlite').exists() else 0
        ingest.finish(store, f'killed at {place[0]} {place[1]}')
        return run.returncode in (-9, 137), 0 < before < 200
    results = ingest.each(tries, work)
    killed, partial = sum(r[0] for r in results), sum(r[1] for r in results)
    print(f'seed {seed}: {len(tries)} of {len(ingest.places)} calls, {killed} runs were killed, {partial} left a part of the events')
    assert killed >= len(tries) * 9 // 10 and partial > 0


@pytest.mark.parametrize('error', ['ENOSPC', 'EIO'])
def test_a_disk_that_refuses_any_call_stops_it_with_one_line(ingest, error):
    seed = random.randrange(1 << 30)
    tries = ingest.chosen(random.Random(seed))

    def work(number, place):
        note = f'{error} at {place[0]} {place[1]}'
        store, run = ingest.disturbed(f'{error}{number}', place, f'error={error}')
        # A call may be one that is tried again, or whose failure harms nothing: then all is as if it had not failed.
        assert run.returncode in (0, 3), f'{note}: ended with {run.returncode}: {run.stderr}'
        if run.returncode == 3:
            assert len(run.stderr.strip().splitlines()) == 1, f'{note}: {run.stderr}'
        ingest.finish(store, note)
        return run.returncode == 3
    stopped = sum(ingest.each(tries, work))
    print(f'seed {seed}: {error} at {len(tries)} of {len(ingest.places)} calls, {stopped} stopped the run')
    assert stopped > 0
