#!/usr/bin/env python3
"""Makes the logs to read, once: builds the generator and keeps what it wrote under .bench/data, by its arguments and its source.

usage: generate.py EVENTS [SEED]         prints the folder
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get('PROOFLINE_BENCH', HERE.parent / '.bench'))
BYTES_PER_EVENT = 860
#: What a run needs beside the logs: what each engine writes, twice over, since a sort may spill.
ROOM_PER_EVENT = 1_000


def built():
    """The generator's program, compiled when its source changed."""
    source = (HERE / 'generator.c').read_bytes() + (HERE / 'actions.tsv').read_bytes()
    name = hashlib.sha256(source).hexdigest()[:12]
    program = CACHE / 'bin' / f'generator-{name}'
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        unfinished = program.with_suffix('.tmp')
        subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-std=gnu11', '-Wall', '-Wextra', '-o', unfinished, HERE / 'generator.c'], check=True)
        unfinished.rename(program)
    return program, name


def logs(events, seed=1):
    """The folder with okta.jsonl, product.jsonl, jobs.jsonl and facts.json."""
    program, version = built()
    folder = CACHE / 'data' / f'{events}-{seed}-{version}'
    if (folder / 'facts.json').exists():
        return folder
    needed, free = events * (BYTES_PER_EVENT + ROOM_PER_EVENT), shutil.disk_usage(CACHE).free
    if free < needed:
        sys.exit(f'bench: {events:,} events need about {needed / 1e9:.0f} GB under {CACHE}, and {free / 1e9:.0f} GB are free; free some, or set PROOFLINE_BENCH to a folder elsewhere')
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([program, folder, str(events), str(seed), HERE / 'actions.tsv'], check=True)
    return folder


if __name__ == '__main__':
    print(logs(int(sys.argv[1].replace('_', '')), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
