"""Parsing alone: MB of a log per second of one core, from the file to minimized events, beside readers of the same bytes."""
import json
import statistics
import subprocess
import sys

import measure
import textlogs

#: what, file, parser, how peers read it
LOGS = (('okta', 'okta.jsonl', 'okta', 'json'), ('csvlog', 'postgresql.csv', 'postgresql', 'csv'), ('csv export', 'salesforce.csv', 'salesforce', 'csv'), ('syslog', 'auth.log', 'linux_auth', 'syslog'))
PEERS = {'json': ('duckdb', 'pyarrow'), 'csv': ('duckdb', 'pyarrow'), 'syslog': ('duckdb',)}


def run(bench, data, events, rounds):
    """{log: {stage: {mb_per_second, …}, file, peers: {name: MB/s}}, 'definitions': {parsers, first_ms, ms}}"""
    texts = textlogs.logs(max(20_000, min(events, 300_000)))
    found = {}
    for name, file, parser, kind in LOGS:
        path = (data if kind == 'json' else texts) / file
        size = path.stat().st_size
        try:
            said = subprocess.run([bench.proofline.binary, 'parser', 'measure', parser, str(path), '--format', 'json', '--rounds', str(2 * rounds - 1)],
                                  capture_output=True, check=True, env=bench.proofline.env).stdout
        except subprocess.CalledProcessError as failure:
            found[name] = {'error': failure.stderr.decode(errors='replace')[-300:]}
            continue
        result = json.loads(said)
        if result['file']['quarantined'] or result['file']['events'] == 0:
            raise measure.Failed(f'{name}: {result["file"]}')
        found.setdefault('definitions', result.pop('definitions'))
        result.pop('definitions', None)
        result['peers'] = {}
        for peer in PEERS[kind]:
            try:
                runs = [json.loads(subprocess.run([sys.executable, str(bench.here / 'parsing_peer.py'), peer, kind, str(path)], capture_output=True, check=True).stdout) for _ in range(rounds)]
                rows = {run['rows'] for run in runs}
                if rows != {result['file']['records']}:
                    raise measure.Failed(f'{rows} rows, not {result["file"]["records"]}')
                result['peers'][peer] = size / 1e6 / statistics.median(run['cpu'] for run in runs)
            except (subprocess.CalledProcessError, measure.Failed, ValueError) as failure:
                said = getattr(failure, 'stderr', b'') or str(failure).encode()
                bench.say(f'  parsing {name} {peer}: FAILED: {said.decode(errors="replace")[-200:]}')
        found[name] = result
        bench.say(f'  parsing {name:11} {result["parsed"]["mb_per_second"]:5.0f} MB/s into columns, {result["minimized"]["mb_per_second"]:5.0f} minimized; '
                  + ', '.join(f'{peer} {rate:.0f}' for peer, rate in result['peers'].items()))
    return found
