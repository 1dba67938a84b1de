"""Runs a program and says what it used, exactly: the kernel's account of that one child and its own children."""
import os
import subprocess
import time


class Failed(Exception):
    """A program that ended otherwise than it should; the text says what it printed last."""


class Use:
    """CPU seconds (user + system), seconds on the wall, the largest resident set in bytes."""

    def __init__(self, cpu, wall, peak_bytes):
        self.cpu, self.wall, self.peak_bytes = cpu, wall, peak_bytes

    def plain(self):
        return {'cpu': round(self.cpu, 3), 'wall': round(self.wall, 3), 'peak_mb': round(self.peak_bytes / 1e6)}


def run(command, accept=(0,), env=None, log=None):
    """Runs `command` to its end. What it prints goes to `log` and, of standard error, to `log`.err, whose end is quoted if it fails."""
    with open(log or os.devnull, 'wb') as out, open(f'{log}.err' if log else os.devnull, 'wb') as err:
        start = time.perf_counter()
        child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    child.returncode = code
    if code not in accept:
        said = open(f'{log}.err', errors='replace').read()[-600:].strip() if log else ''
        raise Failed(f'{os.path.basename(str(command[0]))} ended with {code}: {said}')
    return Use(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)
