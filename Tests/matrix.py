#!/usr/bin/env python3
"""Feeds every log of a corpus to every parser but its own and says what was taken for an event that is none.

usage: matrix.py BINARY CORPUS [--parsers A,B] [--logs X,Y] [--show 2]
CORPUS holds a folder per log with `raw.log` in it, and `parsers.json`, which names each log's parser. Exit 1 where a wrong reading was found.
Readings that are right are left out: formats that several products write, and `host.message.log`, which says only that a line was there.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
#: {parser: what else it may read}, because the bytes are of a format that both speak.
KIN = {
    'apache_access': {'nginx_access'}, 'nginx_access': {'apache_access'}, 'cron': {'linux_auth'}, 'linux_auth': {'cron'}, 'cef': {'cyberark_pas'},
    'github_webhook': {'github_actions'}, 'github_actions': {'github_webhook'}, 'cloudevents': {'boundary'},
    'azure_activity': {'entra_signin', 'entra_audit'}, 'entra_signin': {'azure_activity', 'entra_audit'}, 'entra_audit': {'azure_activity', 'entra_signin'},
}


def reading(binary, parser, log):
    """(events, events that say something, examples, problem)"""
    try:
        run = subprocess.run([binary, 'parse', '--parser', parser, str(log)], capture_output=True, timeout=300, env={**os.environ, 'PROOFLINE_HOME': str(ROOT)})
    except subprocess.TimeoutExpired:
        return 0, [], 'no end after 300 s'
    if run.returncode:
        return 0, [], f'ended with {run.returncode}: {run.stderr[-300:].decode(errors="replace")}'
    events = [line for line in run.stdout.splitlines() if b'"quarantined":"' not in line and b'"skipped":"' not in line]
    return len(events), [line for line in events if b'"action":"host.message.log"' not in line], None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('binary')
    parser.add_argument('corpus', type=pathlib.Path)
    parser.add_argument('--parsers', default='')
    parser.add_argument('--logs', default='')
    parser.add_argument('--show', type=int, default=1)
    wish = parser.parse_args()
    owners = json.loads((wish.corpus / 'parsers.json').read_text())
    ids = [name for name in wish.parsers.split(',') if name] or sorted(path.parent.name for path in (ROOT / 'parsers').glob('*/parser.yaml') if '\nmapping:' not in path.read_text())
    logs = [name for name in wish.logs.split(',') if name] or sorted(owners)
    pairs = [(one, log) for log in logs for one in ids if one != owners[log]]
    wrong = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pair: pool.submit(reading, wish.binary, pair[0], wish.corpus / pair[1] / 'raw.log') for pair in pairs}
        for (one, log), job in jobs.items():
            count, saying, problem = job.result()
            if problem:
                print(f'{one} on {log}: {problem}')
                wrong[one] += 1
            elif saying and owners[log] not in KIN.get(one, ()):
                wrong[one] += 1
                print(f'{one} on {log}: {len(saying)} of {count} readings say something')
                for line in saying[:wish.show]:
                    print('   ', line[:400].decode(errors='replace'))
    print(f'{len(pairs)} pairs, {sum(wrong.values())} wrong' + (': ' + ', '.join(f'{name} {count}' for name, count in wrong.most_common()) if wrong else ''))
    sys.exit(1 if wrong else 0)


if __name__ == '__main__':
    main()
