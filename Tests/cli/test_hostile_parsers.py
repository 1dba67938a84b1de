"""Every shipped parser, with the release program, against what nobody meant for it: each record is read or quarantined with a reason, soon."""
import json
import os
import random
import subprocess

import pytest

from conftest import INNARDS, ROOT

#: Generic parsers read nothing before a source's configuration says what its records mean.
PARSERS = sorted(path.parent.name for path in (ROOT / 'parsers').glob('*/parser.yaml') if '\nmapping:' not in path.read_text())
MB = 1 << 20
#: What one parser may take for one file of hostile bytes on a loaded machine, in seconds; nothing here is larger than 60 MB.
PATIENCE = 120


def fixtures(parser):
    return [path.read_bytes() for path in sorted((ROOT / 'parsers' / parser / 'fixtures').glob('*.log'))]


@pytest.fixture
def read(binary, tmp_path):
    """What the parser makes of bytes: (records that became events, reasons of quarantine)."""
    def read(parser, data):
        log, out = tmp_path / 'log', tmp_path / 'out'
        log.write_bytes(data)
        with open(out, 'wb') as sink:
            run = subprocess.run([binary, 'parse', '--parser', parser, str(log)], stdout=sink, stderr=subprocess.PIPE, timeout=PATIENCE,
                                 env={**os.environ, 'PROOFLINE_HOME': str(ROOT)})
        assert run.returncode == 0 and not INNARDS.search(run.stderr), f'{parser} ended with {run.returncode}: {run.stderr[-2000:]}'
        events, reasons = 0, set()
        with open(out, 'rb') as lines:
            for line in lines:
                at = line.find(b'"quarantined":"')
                if at < 0:
                    events += 1
                else:
                    reasons.add(line[at + 15:-3])
        assert b'' not in reasons, f'{parser}: quarantined without a reason'
        return events, reasons
    return read


@pytest.mark.parametrize('parser', PARSERS)
def test_every_line_of_every_fixture_cut_after_each_byte(read, parser):
    for log in fixtures(parser):
        lines = [line for line in log.split(b'\n') if line]
        read(parser, b'\n'.join(line[:count] for line in lines for count in range(1, len(line) + 1)) + b'\n')


@pytest.mark.parametrize('parser', PARSERS)
def test_lines_of_ten_megabytes_and_nesting_ten_thousand_deep(read, parser):
    deep = b''.join(b'\n'.join((mark * 10_000 + b'1' + close * 10_000, b'')) for mark, close in ((b'[', b']'), (b'{"a":', b'}'), (b'{"a":[', b']}')))
    events, _ = read(parser, deep)
    assert events == 0, f'{parser} read nesting ten thousand deep as an event'
    read(parser, b'\n'.join(body * (10 * MB // len(body)) for body in (b'a', b' x', b'a=b ', b'"', b'{"a":"')) + b'\n')
    for log in fixtures(parser)[:1]:
        line = max(log.split(b'\n'), key=len)
        places = [len(line) // 3, len(line) * 2 // 3]
        bodies = (b'a', b' from ', b'a: ', b'\\"')
        read(parser, b'\n'.join(line[:at] + body * (10 * MB // 4 // len(body)) + line[at:] for at in places for body in bodies) + b'\n')


@pytest.mark.parametrize('parser', PARSERS)
def test_random_bytes_and_invalid_text_become_no_events(read, parser):
    dice = random.Random(f'hostile {parser}')
    events, _ = read(parser, dice.randbytes(300_000))
    assert events == 0, f'{parser} read random bytes as {events} events'
    damaged = []
    for log in fixtures(parser):
        for line in log.split(b'\n'):
            for bad in (b'\xff', b'\xc3', b'\xed\xa0\x80', b'\xf8\x88\x80\x80\x80', b'\x00'):
                at = dice.randrange(len(line) + 1)
                damaged.append(line[:at] + bad + line[at:])
    read(parser, b'\n'.join(damaged) + b'\n')


@pytest.mark.parametrize('parser', PARSERS)
def test_other_types_and_names_that_stand_twice(read, parser):
    out = []
    values = [None, True, -1, 2 ** 53, 1e300, '', '\u0000', [], {}, [[{'a': None}]], {'id': {'id': [1]}}, [['x'] * 50] * 50]
    for log in fixtures(parser):
        for line in log.split(b'\n'):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if not isinstance(record, dict):
                continue
            for name, old in record.items():
                out += [json.dumps({**record, name: value}).encode() for value in values]
                out.append(b'{' + json.dumps({name: old}).encode()[1:-1] + b',' + line.lstrip()[1:])
                if isinstance(old, dict):
                    out += [json.dumps({**record, name: {**old, inner: value}}).encode() for inner in old for value in values[:6]]
    read(parser, b'\n'.join(out) + b'\n')
