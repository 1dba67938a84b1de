#!/usr/bin/env python3
"""Measures proofline beside DuckDB, ClickHouse, DataFusion and Polars doing the same work on the same logs, in one run.

usage: run.py BINARY [--events 1000000[,10000000]] [--only ingest,warm,cold,threads,parsing,readers] [--engines NAME,…] [--repeat 7] [--rounds 3]
       [--quick] [--json FILE] [--keep]
--quick takes 50,000 events, one round and three repetitions: to see that all of it works, not to measure.
What is measured, how, and what the peers do and leave out: docs/performance.md.
"""
import argparse
import json
import os
import pathlib
import shutil
import sys

import generate
import ingest
import parsing
import peers
import questions
import report
import warm
import cold
from proofline import Proofline

PARTS = ('ingest', 'warm', 'cold', 'threads', 'parsing', 'readers')
#: Parts that ask a store.
STORED = {'ingest', 'warm', 'cold', 'threads', 'readers'}


class Bench:
    """Where this run keeps what it makes, and what it asks."""

    def __init__(self, binary, events):
        self.here = pathlib.Path(__file__).resolve().parent
        self.proofline = Proofline(binary)
        self.questions = questions.QUESTIONS
        self.scratch = generate.CACHE / 'run' / str(events)
        self.scratch.mkdir(parents=True, exist_ok=True)

    def store(self, engine, threads=2):
        return self.scratch / (engine if threads == 2 else f'{engine}-{threads}')

    def say(self, text):
        print(text, file=sys.stderr, flush=True)


def measured(bench, events, wish):
    """All wished parts at one size."""
    data = generate.logs(events)
    facts = json.loads((data / 'facts.json').read_text())
    part = {'facts': facts | {'bytes': sum(file['bytes'] for file in facts['files'].values())}, 'missing': ingest.missing(wish.engines)}
    engines = [name for name in wish.engines if name not in part['missing']]
    bench.say(f'{events:,} events in {data}; {", ".join(engines)}')
    stored = lambda name: bench.store(name).exists()
    if STORED & set(wish.only) and ('ingest' in wish.only or not all(map(stored, engines))):
        part['ingest'] = ingest.run(bench, data, facts, engines, wish.rounds if events < 5_000_000 else max(1, wish.rounds // 3))
        engines = [name for name in engines if 'error' not in part['ingest'][name]]
    if 'threads' in wish.only:
        if bench.proofline.has_threads:
            pair = [name for name in ('proofline', 'duckdb-parquet') if name in engines]
            part['one_thread'] = ingest.run(bench, data, facts, pair, 1 if events >= 5_000_000 else wish.rounds, threads=1)
            for name in pair:
                shutil.rmtree(bench.store(name, 1), ignore_errors=True)
        else:
            part['note'] = 'This binary has no --threads: one thread and two are not compared.\n'
    if 'warm' in wish.only:
        part['warm'] = warm.run(bench, data, facts, engines, wish.repeat)
        if not bench.proofline.has_shell:
            part['note'] = part.get('note', '') + 'This binary has no shell: "warm" of proofline is a process for each answer.\n'
    if 'cold' in wish.only:
        part['cold'] = cold.run(bench, data, facts, engines, wish.repeat)
    if 'parsing' in wish.only:
        part['parsing'] = parsing.run(bench, data, events, wish.rounds)
    if 'readers' in wish.only and 'proofline' in engines:
        import readers
        part['readers'] = readers.run(bench, bench.store('proofline'), events)
    return part


def machine():
    from importlib import metadata
    cpu = next((line.split(':')[1].strip() for line in open('/proc/cpuinfo') if line.startswith('model name')), 'unknown')
    memory = round(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9)
    versions = {}
    for package in sorted({kind[2] for kind in peers.ENGINES.values()}):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = 'not installed'
    return {'cpu': cpu, 'cores': os.cpu_count(), 'memory_gb': memory, 'versions': ', '.join(f'{k} {v}' for k, v in versions.items())}


def wishes():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('binary')
    parser.add_argument('--events', default='1000000')
    parser.add_argument('--only', default=','.join(PARTS))
    parser.add_argument('--engines', default=','.join(['proofline', *peers.ENGINES]))
    parser.add_argument('--repeat', type=int, default=7)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--json')
    parser.add_argument('--keep', action='store_true', help='keep stores for a later run with --only warm,cold')
    wish = parser.parse_args()
    if wish.quick:
        wish.events, wish.repeat, wish.rounds = '50000', 3, 1
    wish.events = [int(number.replace('_', '')) for number in wish.events.split(',')]
    wish.only, wish.engines = wish.only.split(','), wish.engines.split(',')
    for names, known, what in ((wish.only, PARTS, 'part'), (wish.engines, ['proofline', *peers.ENGINES], 'engine')):
        for name in names:
            if name not in known:
                parser.error(f'{name} is no {what}; there are {", ".join(known)}')
    return wish


def main():
    wish, sizes = wishes(), {}
    for events in wish.events:
        bench = Bench(wish.binary, events)
        sizes[events] = measured(bench, events, wish)
        if not wish.keep:
            shutil.rmtree(bench.scratch, ignore_errors=True)
    about = machine()
    report.show(sizes, about)
    place = pathlib.Path(wish.json) if wish.json else generate.CACHE / 'results.json'
    place.write_text(json.dumps({'machine': about, 'sizes': sizes}, indent=1) + '\n')
    print(f'\nAll figures: {place}')


if __name__ == '__main__':
    main()
