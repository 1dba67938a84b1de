"""proofline as the bench meets it: its command line and nothing else."""
import json
import os
import pathlib
import re
import subprocess
import time

import measure
import questions
from peers.engine import folder_bytes

ROOT = pathlib.Path(__file__).resolve().parents[1]
#: The line that closes an answer of the shell: `-- 42 events, 1.7 ms`, `-- 1 row over 4711 events, 0.8 ms`.
CLOSING = re.compile(rb'^-- .*\b(?:events?|rows?)\b.*?, ([\d.]+) ms')


class Proofline:
    name, title = 'proofline', 'proofline (tokens, scrubbing, seals, index)'

    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.env = {'PROOFLINE_HOME': str(ROOT), **os.environ}
        self.has_threads = '--threads' in self.help('ingest')
        self.has_shell = 'shell' in re.findall(r'^  (\w+) ', self.help(), re.M)
        self.has_pipes = 'histogram' in self.help('query') or self.has_shell

    def help(self, *verb):
        return subprocess.run([self.binary, *verb, '--help'], capture_output=True, text=True, env=self.env).stdout

    def ingest(self, data, store, threads, log):
        """Makes a store and reads the three logs into it, in one call of `ingest`."""
        sources = pathlib.Path(store).with_suffix('.yaml')
        lines = ['version: 1', 'sources:']
        for parser, file in (('okta', 'okta'), ('product_audit', 'product'), ('sidekiq', 'jobs')):
            lines += [f'  - id: {parser}', f'    parser: {parser}', f'    paths: ["{data}/{file}.jsonl"]', '    timezone: UTC']
        sources.write_text('\n'.join(lines) + '\n')
        measure.run([self.binary, 'init', '--store', store, '--origin', 'bench.example.org/log'], env=self.env, log=log)
        wish = ['--threads', str(threads)] if threads and self.has_threads else []
        use = measure.run([self.binary, 'ingest', '--store', store, '--config', sources, '--format', 'json', *wish], env=self.env, log=log)
        return use, json.loads(pathlib.Path(log).read_text())['total']

    def sizes(self, store):
        """Bytes of segments, of their indexes, and of everything else (catalogue, log, vault, bindings)."""
        segments = sum(f.stat().st_size for f in pathlib.Path(store).rglob('*.parquet'))
        index = sum(f.stat().st_size for f in pathlib.Path(store).rglob('*.idx'))
        return {'segments': segments, 'index': index, 'rest': folder_bytes(store) - segments - index}

    def query(self, store, text, arguments=()):
        return [self.binary, 'query', '--store', str(store), '--format', 'jsonl', *arguments, text]

    def shell(self, store):
        return Shell(self, store)


class Shell:
    """`proofline shell` kept open; one query a line in, rows and a closing line out."""

    def __init__(self, proofline, store):
        self.child = subprocess.Popen([proofline.binary, 'shell', '--store', str(store), '--format', 'jsonl'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, env=proofline.env)
        self.child.stdin.write(b'.gaps off\n')  # peers do not say what their answers miss; nothing is answered to this

    def answer(self, text):
        """(milliseconds from outside, milliseconds by its own word, the rows' bytes)"""
        start = time.perf_counter()
        self.child.stdin.write(text.encode() + b'\n')
        self.child.stdin.flush()
        out, tail = [], b''
        while True:
            piece = self.child.stdout.read1(1 << 20)
            if not piece:
                raise measure.Failed('the shell ended')
            out.append(piece)
            tail = piece[-400:] if len(piece) >= 400 else (tail + piece)[-400:]
            last = tail[tail.rfind(b'\n', 0, -1) + 1:]
            if tail.endswith(b'\n') and (CLOSING.match(last) or last.startswith(b'-- error')):
                break
        elapsed = (time.perf_counter() - start) * 1000
        if last.startswith(b'-- error'):
            raise measure.Failed(last.decode(errors='replace').strip())
        own = CLOSING.match(last)
        body = b''.join(out)
        return elapsed, float(own[1]) if own else None, body[:len(body) - len(last)]

    def close(self):
        self.child.stdin.close()
        self.child.wait(30)


def micros(text):
    import datetime
    return int(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp() * 1_000_000 + 0.5) if text else 0


def comparable(question, body):
    """From JSON lines to what `questions.digest` hashes."""
    rows = [json.loads(line) for line in body.splitlines() if line.startswith(b'{')]
    if question.kind in ('rows', 'export'):
        return [(micros(row.get('time')), row.get('event_id', '')) for row in rows]
    count = lambda row: row.get('count', row.get('n', row.get('distinct', row.get('value'))))
    moment = lambda row: micros(row.get('time') or row.get('bucket') or row.get('from') or row.get('start'))
    if question.kind == 'histogram':
        return [(moment(row), row.get('outcome') or '', count(row)) for row in rows]
    if question.kind == 'top':
        return list(enumerate(sorted(count(row) for row in rows)))
    return [(moment(row), count(row)) for row in rows]


def answer_digest(question, body):
    return questions.digest(comparable(question, body))
