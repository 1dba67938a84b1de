"""Other programs read all segments: sums over every column against what `proofline query` prints (Tests/interop/columns.py)."""
import importlib.util
import json
import pathlib
import subprocess
import sys

#: Above this many events the comparison, which is in Python, takes longer than everything else.
MOST_EVENTS = 2_000_000


def main(binary_query, store):
    """Prints {reader: 'equal' | what differs or failed}; in a process of its own, since tables of millions of rows stay in memory."""
    import columns
    with subprocess.Popen(binary_query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as query:
        ours = columns.of_lines(query.stdout)
    found, paths = {}, sorted(pathlib.Path(store).rglob('segments/**/*.parquet'))
    for reader in columns.READERS:
        try:
            differing = columns.differences(ours, columns.of_segments(reader, paths))
            found[reader] = f'differs in {", ".join(differing)}' if differing else f'equal in {len(ours)} columns'
        except Exception as failure:  # whatever a reader throws is its answer
            found[reader] = f'failed: {type(failure).__name__}: {failure}'[:300]
    print(json.dumps(found))


def run(bench, store, events):
    if events > MOST_EVENTS:
        return f'not compared at {events:,} events'
    if importlib.util.find_spec('pyarrow') is None:
        return 'not compared: pyarrow is not installed'
    query = bench.proofline.query(store, '')
    call = subprocess.run([sys.executable, __file__, str(store), *query], capture_output=True, text=True, env=bench.proofline.env)
    bench.say(f'  readers {call.stdout.strip() or call.stderr[-300:]}')
    return json.loads(call.stdout) if call.returncode == 0 else f'failed: {call.stderr[-300:]}'


if __name__ == '__main__':
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'Tests' / 'interop'))
    main(sys.argv[2:], sys.argv[1])
