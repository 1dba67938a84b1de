"""Flips bytes of a store in place and asks `fsck` and a fixed set of queries what they make of it."""
import concurrent.futures
import os
import random
import shutil
import subprocess
import time


class Flip:
    """One byte that was changed, and what came of it."""

    def __init__(self, path, offset, mask):
        self.path, self.offset, self.mask = path, offset, mask
        self.is_found = False
        self.is_passed_over = False
        self.wrong = []
        self.crashed = None

    def __str__(self):
        return f'{self.path} at {self.offset} xor {self.mask:#04x}'


class Rot:
    """A store, the answers that it gives while it is whole, and copies of it to damage."""

    def __init__(self, binary, store, queries):
        self.binary, self.store, self.queries = binary, store, queries
        self.environment = {**os.environ, 'SWIFT_BACKTRACE': 'enable=no'}
        code, _ = self.fsck(store)
        assert code == 0, 'the store is not whole to begin with'
        self.whole = self.answers(store)
        assert all(answer and not any(line.startswith('-- error') for line in answer) for answer in self.whole), self.whole

    def call(self, *arguments, text=None):
        run = subprocess.run([self.binary, *map(str, arguments)], input=text, capture_output=True, env=self.environment, timeout=120)
        return run.returncode, run.stdout

    def fsck(self, store):
        return self.call('fsck', '--store', store)

    def answers(self, store):
        """The lines of each query's answer, without times; an answer that ended with an error is its error's line alone."""
        code, out = self.call('shell', '--store', store, '--format', 'jsonl', text='\n'.join(self.queries).encode() + b'\n')
        if code < 0:
            raise ChildProcessError(f'signal {-code}')
        found, lines = [], []
        for line in out.decode(errors='surrogateescape').splitlines():
            if line.startswith('-- '):
                found.append([line] if line.startswith('-- error') else [*lines, line.split(',')[0]])
                lines = []
            else:
                lines.append(line)
        # A store that cannot be opened answers nothing: each query is an error.
        return found + [['-- error: no answer']] * (len(self.queries) - len(found))

    def judge(self, store, flip):
        """Flips, looks, and flips back."""
        path = store / flip.path
        def change():
            with open(path, 'r+b') as file:
                file.seek(flip.offset)
                byte = file.read(1)[0]
                file.seek(flip.offset)
                file.write(bytes([byte ^ flip.mask]))
        change()
        try:
            code, _ = self.fsck(store)
            flip.is_found = code in (1, 3)
            if code < 0:
                flip.crashed = f'fsck: signal {-code}'
            try:
                answers = self.answers(store)
                flip.wrong = [
                    query for query, now, whole in zip(self.queries, answers, self.whole)
                    if now != whole and not now[-1].startswith('-- error')]
            except ChildProcessError as error:
                flip.crashed = f'query: {error}'
        finally:
            change()
        return flip

    def flips(self, paths, seed):
        """Every byte of the files, in an order that the seed gives, each with a mask of its own."""
        chance = random.Random(seed)
        flips = [Flip(path, offset, 0) for path in paths for offset in range((self.store / path).stat().st_size)]
        chance.shuffle(flips)
        for flip in flips:
            flip.mask = chance.choice([1 << chance.randrange(8), chance.randrange(1, 256)])
        return flips

    def run(self, flips, folder, seconds=None, workers=2, judge=None):
        """Judges flips until all are, or the seconds are over. Returns those that were judged."""
        judge = judge or self.judge
        begin = time.monotonic()
        copies = [shutil.copytree(self.store, folder / f'copy{number}', copy_function=shutil.copy2) for number in range(workers)]

        def work(number):
            done = []
            for flip in flips[number::workers]:
                if seconds and time.monotonic() - begin > seconds:
                    break
                done.append(judge(copies[number], flip))
            return done
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            judged = [flip for part in pool.map(work, range(workers)) for flip in part]
        for copy in copies:
            shutil.rmtree(copy)
        return judged
