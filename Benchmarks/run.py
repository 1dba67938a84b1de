#!/usr/bin/env python3
"""Times `proofline ingest` beside DuckDB doing the mapping alone, in one run, and prints the ratio.

usage: run.py PROOFLINE_BINARY [EVENTS] [RUNS]
DuckDB reads the same file, maps the same fields, hashes identities and writes zstd Parquet; it seals nothing, scrubs nothing
and indexes nothing. Figures are CPU seconds (user + system), medians of RUNS in turn: A B A B.
"""
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

BINARY = os.path.abspath(sys.argv[1])
EVENTS = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
RUNS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
HERE = pathlib.Path(__file__).parent

PEER = """
import duckdb, sys
db = duckdb.connect()
db.execute("set threads = 2")
db.execute('''copy (
  select md5('k' || coalesce(j.actor.alternateId, '')) as actor_email, md5('k' || coalesce(j.actor.id, '')) as actor_id, j.eventType as source_action,
         j.outcome.result as outcome, md5('k' || coalesce(j.client.ipAddress, '')) as ip, j.published::timestamp as time, j.uuid as event_id,
         j.authenticationContext.externalSessionId as session, j.transaction.id as request, j.displayMessage as message,
         j.target[1].id as target_id, j.target[1].displayName as target_name, j.severity as severity
  from read_json(?, format = 'newline_delimited') j order by time) to ? (format parquet, compression zstd)''', [sys.argv[1], sys.argv[2]])
"""


def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def folder_bytes(folder):
    return sum(f.stat().st_size for f in pathlib.Path(folder).rglob("*") if f.is_file())


def main():
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, HERE / "generate.py", scratch, str(EVENTS)], check=True)
        log = f"{scratch}/okta.jsonl"
        ours, theirs = [], []
        for run in range(RUNS):
            store = f"{scratch}/store{run}"
            subprocess.run([BINARY, "init", "--store", store, "--origin", "bench.example.org"], check=True, stdout=subprocess.DEVNULL)
            ours.append(cpu([BINARY, "ingest", "--store", store, "--parser", "okta", log]))
            theirs.append(cpu([sys.executable, "-c", PEER, log, f"{scratch}/peer{run}.parquet"]))
        a, b = statistics.median(ours), statistics.median(theirs)
        print(f"{EVENTS} Okta events, {os.path.getsize(log) / 1e6:.0f} MB")
        print(f"proofline ingest (tokens, scrub, seals, index): {a:.2f} CPU s, {EVENTS / a / 1000:.0f} k events per CPU second, "
              f"{folder_bytes(scratch + '/store0/segments') / EVENTS:.1f} B/event in segments and index")
        print(f"DuckDB to Parquet (mapping and hashing alone):  {b:.2f} CPU s, {EVENTS / b / 1000:.0f} k events per CPU second, "
              f"{os.path.getsize(scratch + '/peer0.parquet') / EVENTS:.1f} B/event")
        print(f"ratio of events per CPU second, proofline to DuckDB: {b / a:.2f}")


main()
