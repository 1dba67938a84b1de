#!/usr/bin/env python3
"""One peer in a process of its own, so that its use of the machine can be told apart.

usage: peer.py ingest ENGINE DATA OUT THREADS         reads the logs under DATA, writes to OUT; prints what it used before it began
       peer.py serve ENGINE OUT DATA THREADS          answers questions: a name a line on standard input, a line of JSON for each
       peer.py ask ENGINE OUT DATA THREADS QUESTION   one answer from a cold process
"""
import importlib
import json
import os
import pathlib
import sys
import time

import peers
import questions


def main():
    verb, name = sys.argv[1:3]
    engine = peers.made(name)
    if verb == 'ingest':
        data, out, threads = sys.argv[3], sys.argv[4], int(sys.argv[5])
        limit_threads(threads)
        importlib.import_module(peers.ENGINES[name][2])
        times = os.times()
        print(json.dumps({'cpu': times.user + times.system, 'wall': running()}), flush=True)
        engine.ingest(data, out, threads)
        return
    out, data, threads = sys.argv[3], sys.argv[4], int(sys.argv[5])
    limit_threads(threads)
    facts = json.loads((pathlib.Path(data) / 'facts.json').read_text())
    by_name = {question.name: question for question in questions.QUESTIONS}
    engine.open(out, threads)
    if verb == 'ask':
        engine.answer(by_name[sys.argv[6]], facts)
        return
    print(json.dumps({'ready': name}), flush=True)
    for line in sys.stdin:
        word, _, wish = line.strip().partition(' ')
        try:
            start = time.perf_counter()
            table = engine.answer(by_name[word], facts)
            reply = {'ms': (time.perf_counter() - start) * 1000}
            if wish == 'compare':
                reply['answer'] = questions.digest(engine.rows(by_name[word], table))
        except Exception as failure:  # whatever an engine throws is an answer for the table, not the end of the run
            reply = {'error': f'{type(failure).__name__}: {failure}'[:400]}
        print(json.dumps(reply), flush=True)


def running():
    """For how many seconds this process has been there."""
    ticks = int(open('/proc/self/stat').read().rpartition(')')[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf('SC_CLK_TCK')


def limit_threads(threads):
    os.environ['POLARS_MAX_THREADS'] = str(threads)


if __name__ == '__main__':
    main()
