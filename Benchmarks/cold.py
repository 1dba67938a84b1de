"""Needles from a cold process: the time from its start to its end. Files stay in the system's cache; programs and caches of their own do not."""
import shutil
import statistics
import sys
import pathlib

import bars
import measure
import peers


def command_lines(bench, question, data, facts, engines):
    """{what: (command, environment)}"""
    lines = {}
    for name in engines:
        if name == 'proofline':
            lines['proofline'] = (bench.proofline.query(bench.store(name), question.text(facts)), bench.proofline.env)
        elif name == 'duckdb-parquet' and (program := duckdb_program()):
            engine = peers.made(name)
            lines['duckdb-cli'] = ([program, *engine.command_line(bench.store(name), question.sql(engine, facts))], None)
        elif name in ('duckdb-native', 'clickhouse'):
            lines[f'{name} (Python)'] = ([sys.executable, bench.here / 'peer.py', 'ask', name, bench.store(name), data, '2', question.name], None)
    return lines


def duckdb_program():
    beside = pathlib.Path(sys.executable).parent / 'duckdb'
    return str(beside) if beside.exists() else shutil.which('duckdb')


def run(bench, data, facts, engines, repetitions):
    """{question: {what: {ms: [...], median} or {error}}}"""
    results = {}
    for question in bench.questions:
        if question.name not in bars.NEEDLES:
            continue
        lines, row = command_lines(bench, question, data, facts, engines), {}
        for number in range(repetitions + 1):  # the first one warms the system's cache
            for name, (command, environment) in lines.items():
                if 'error' in row.get(name, {}):
                    continue
                try:
                    use = measure.run(command, env=environment, log=bench.scratch / 'cold.out')
                    row.setdefault(name, {'ms': []})
                    if number:
                        row[name]['ms'].append(round(use.wall * 1000, 2))
                except (measure.Failed, OSError) as failure:
                    row[name] = {'error': str(failure)[:300]}
        for result in row.values():
            if result.get('ms'):
                result['median'] = statistics.median(result['ms'])
        results[question.name] = row
        bench.say(f'  cold {question.name:12}' + '  '.join(f'{name} {r["median"]:.0f}' if 'median' in r else f'{name} failed' for name, r in row.items()))
    return results
