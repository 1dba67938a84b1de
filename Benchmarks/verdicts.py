"""From figures to a table of bars: what was reached, against what, met or not."""
import bars


def ratio(a, b):
    return a / b if a and b else None


def best(results, key, names):
    """(value, engine) of the smallest `key` among peers that have one."""
    found = [(results[name][key], name) for name in names if results.get(name, {}).get(key)]
    return min(found) if found else (None, None)


def peers_of(results):
    return [name for name in results if name != 'proofline' and isinstance(results[name], dict)]


def of_ingest(size, part, events):
    found = part.get('ingest', {})
    ours, single = found.get('proofline', {}), part.get('one_thread', {})
    duck = [r['cpu'] for r in (found.get('duckdb-parquet', {}), single.get('duckdb-parquet', {})) if r.get('cpu')]
    cpu = ratio(min(duck) if duck else None, ours.get('cpu'))
    wall, fastest = best(found, 'wall', peers_of(found))
    yield size, 'ingest, events per CPU second, x DuckDB -> Parquet', cpu, *bars.INGEST_CPU, True, f"{events / ours['cpu'] / 1000:.0f} k/s" if ours.get('cpu') else ''
    yield size, f'ingest on the wall, x fastest peer ({fastest})', ratio(wall, ours.get('wall')), *bars.INGEST_WALL, True, f"{events / ours['wall'] / 1000:.0f} k/s" if ours.get('wall') else ''
    if single.get('proofline', {}).get('wall'):
        yield size, 'two threads, x one', ratio(single['proofline']['wall'], ours.get('wall')), *bars.TWO_CORES, True, ''
    if events >= 5_000_000:
        yield size, 'peak memory, MB', ours.get('peak_mb'), *bars.PEAK_MB, False, ''
    if 'sizes' in ours:
        s = ours['sizes']
        yield size, 'segments and index, bytes per event', (s['segments'] + s['index']) / events, *bars.STORE_BYTES, False, \
            f"{s['segments'] / events:.1f} + {s['index'] / events:.1f}, the rest {s['rest'] / events:.1f}"


def of_warm(size, part):
    for name, row in part.get('warm', {}).items():
        ours = row.get('proofline', {}).get('median')
        fastest, who = best(row, 'median', peers_of(row))
        yield size, f'warm {name}, x fastest peer ({who})', ratio(fastest, ours), *bars.WARM[name], True, f'{ours:.2f} ms' if ours else row.get('proofline', {}).get('error', '')[:40]


def of_cold(size, part, events):
    _, bar, aim = next(limits for limits in bars.COLD if events <= limits[0])
    for name, row in part.get('cold', {}).items():
        others, who = best(row, 'median', peers_of(row))
        yield size, f'cold {name}, ms', row.get('proofline', {}).get('median'), bar, aim, False, f'{who} {others:.0f} ms' if others else ''


def of_parsing(size, part):
    found = part.get('parsing', {})
    for name, row in found.items():
        if name == 'definitions':
            yield size, 'all definitions loaded, ms', row['first_ms'], *bars.DEFINITIONS_MS, False, f"{row['parsers']} parsers"
            continue
        value = row.get('minimized', {}).get('mb_per_second')
        who = max(row.get('peers', {}), key=row.get('peers', {}).get, default=None)
        note = f"{row['parsed']['mb_per_second']:.0f} into columns" + (f"; {who} {row['peers'][who]:.0f}" if who else '') if value else row.get('error', '')[:60]
        yield size, f'parsing {name}, MB per CPU second', value, *bars.PARSING[name], True, note


def of_growth(sizes):
    """Between the smallest and the largest size of the run."""
    small, large = min(sizes), max(sizes)
    if small == large:
        return
    a, b, label = sizes[small], sizes[large], f'{large // small}x'
    mine = lambda part: part.get('ingest', {}).get('proofline', {}).get('cpu')
    per_event = ratio(mine(b), mine(a))
    yield label, 'ingest, CPU an event, x the smaller size', per_event and per_event * small / large, bars.LINEAR, 1, False, ''
    for name in bars.NEEDLES:
        times = [part.get('warm', {}).get(name, {}).get('proofline', {}).get('median') for part in (a, b)]
        yield label, f'warm {name}, x the smaller size', ratio(times[1], times[0]), bars.NEEDLE_GROWTH, bars.NEEDLE_GROWTH, False, ''


def all_of(sizes):
    """Rows (size, what, value, bar, aim, verdict, note)."""
    rows = []
    for events, part in sizes.items():
        size = f'{events / 1e6:g} M'
        rows += [*of_ingest(size, part, events), *of_warm(size, part), *of_cold(size, part, events), *of_parsing(size, part)]
    rows += of_growth(sizes)
    return [(size, what, value, bar, aim, bars.verdict(value, bar, aim, least), note) for size, what, value, bar, aim, least, note in rows]
