"""A program that writes audit lines at a steady rate and is rotated in both styles."""
import json
import os
import shutil
import threading
import time


class LogWriter(threading.Thread):
    """Writes `rate` lines a second to app.log, in pieces that may end inside a line; every `period` seconds the file is renamed, or
    copied and then truncated, in turn. A line that was read twice would show as a duplicate in the ledger."""

    def __init__(self, folder, rate, period=3.0):
        super().__init__(daemon=True)
        self.path, self.rate, self.period = str(folder / 'app.log'), rate, period
        self.count, self.rotations, self.stopped = 0, 0, threading.Event()

    def line(self, number):
        stamp = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(1782900000 + number)) + 'Z'
        return json.dumps({
            'v': 1, 'id': f'crash-{number}', 'time': stamp, 'actor': {'type': 'user', 'id': f'u_{number % 50}'}, 'action': 'ledger.entry.create',
            'targets': [{'type': 'entry', 'id': f'n{number}'}], 'tenant': 'ten_crash', 'surface': 'api', 'outcome': 'success',
        }) + '\n'

    def run(self):
        begin = rotated = time.monotonic()
        file = open(self.path, 'ab', buffering=0)
        rest = b''
        while not self.stopped.is_set():
            time.sleep(0.01)
            due = int((time.monotonic() - begin) * self.rate)
            data = rest + ''.join(self.line(n) for n in range(self.count, due)).encode()
            self.count = max(self.count, due)
            # Now and then a write ends inside a line.
            cut = len(data) - 17 if self.count % 7 == 0 and len(data) > 40 else len(data)
            file.write(data[:cut])
            rest = data[cut:]
            if time.monotonic() - rotated >= self.period:
                rotated = time.monotonic()
                file.write(rest)
                rest = b''
                file = self.rotate(file)
        file.write(rest)
        file.close()

    def rotate(self, file):
        self.rotations += 1
        target = f'{self.path}.{self.rotations}'
        if self.rotations % 2:
            os.rename(self.path, target)
            file.close()
            return open(self.path, 'ab', buffering=0)
        # The writer waits meanwhile: what is written between copy and truncation is lost by this style's nature.
        shutil.copyfile(self.path, target)
        os.truncate(self.path, 0)
        return file

    def stop(self):
        self.stopped.set()
        self.join()
