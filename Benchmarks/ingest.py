"""Ingest: each engine reads the same three logs into a fresh folder, in turn, round after round."""
import json
import pathlib
import shutil
import statistics
import sys

import measure
import peers
from peers.engine import folder_bytes


def run(bench, data, facts, engines, rounds, threads=2):
    """{engine: {runs, bytes, …} or {error}}; what the last round wrote stays under `bench.store(engine)`."""
    found = {name: {'runs': []} for name in engines}
    for number in range(rounds):
        for name in engines:
            if 'error' in found[name]:
                continue
            out, log = bench.store(name, threads), bench.scratch / f'{name}.log'
            for old in (out, pathlib.Path(f'{out}.yaml')):
                shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
            try:
                if name == 'proofline':
                    use, total = bench.proofline.ingest(data, out, threads, log)
                    if total['events'] != facts['events'] or total['quarantined']:
                        raise measure.Failed(f"{total['events']} events of {facts['events']}, {total['quarantined']} in quarantine")
                    found[name]['sizes'] = bench.proofline.sizes(out)
                else:
                    out.mkdir(parents=True)
                    use = measure.run([sys.executable, bench.here / 'peer.py', 'ingest', name, data, out, str(threads)], log=log)
                    # What Python takes to start and to load the engine is not the engine's work.
                    before = json.loads(log.read_text().splitlines()[0])
                    use.cpu, use.wall = use.cpu - before['cpu'], use.wall - before['wall']
                    used = out / 'used-bytes'
                    found[name]['bytes'] = int(used.read_text()) if used.exists() else folder_bytes(out)
                found[name]['runs'].append(use.plain())
                bench.say(f'  ingest {number + 1}/{rounds}  {name:15} {threads} threads  {use.cpu:8.2f} CPU s  {use.wall:8.2f} s  {use.peak_bytes / 1e6:7.0f} MB')
            except (measure.Failed, OSError, KeyError, ValueError) as failure:
                found[name]['error'] = str(failure)[-400:]
                bench.say(f'  ingest {name}: FAILED: {found[name]["error"]}')
    for result in found.values():
        if result['runs']:
            for key in ('cpu', 'wall', 'peak_mb'):
                result[key] = statistics.median(run[key] for run in result['runs'])
    return found


def missing(names):
    """{peer: why it cannot run}"""
    import importlib.util
    out = {}
    for name in names:
        package = peers.ENGINES[name][2] if name in peers.ENGINES else None
        if package and importlib.util.find_spec(package) is None:
            out[name] = f'the Python package {package} is not installed'
    return out
