"""Prints what was measured: tables in Markdown, so that docs/performance.md can take them as they are."""
import verdicts


def table(head, rows):
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    line = lambda row: '| ' + ' | '.join(str(cell).ljust(width) for cell, width in zip(row, widths)) + ' |'
    return '\n'.join([line(head), '|' + '|'.join('-' * (width + 2) for width in widths) + '|', *map(line, rows)])


def of_ingest(events, found):
    rows = []
    for name, r in found.items():
        if 'error' in r or not r.get('runs'):
            rows.append((name, 'failed: ' + r.get('error', 'no run')[-90:].replace('\n', ' '), '', '', '', ''))
            continue
        size = sum(r['sizes'][k] for k in ('segments', 'index')) if 'sizes' in r else r['bytes']
        rows.append((name, f'{r["cpu"]:.2f}', f'{r["wall"]:.2f}', f'{events / r["cpu"] / 1000:.0f}', f'{r["peak_mb"]:.0f}', f'{size / events:.1f}'))
    return table(('ingest', 'CPU s', 'wall s', 'k events / CPU s', 'peak MB', 'bytes / event'), rows)


def of_questions(kind, results):
    names = []
    for row in results.values():
        names += [name for name in row if name not in names and isinstance(row[name], dict)]
    rows = []
    for question, row in results.items():
        cells = [f'{row[name]["median"]:.2f}' if 'median' in row.get(name, {}) else 'failed' if 'error' in row.get(name, {}) else '-' for name in names]
        fastest, _ = verdicts.best(row, 'median', verdicts.peers_of(row))
        ours = row.get('proofline', {}).get('median')
        times = f'{fastest / ours:.2f}' if fastest and ours else '-'
        rows.append((question, *cells, times, *([] if kind == 'cold' else [next((str(r['rows']) for r in row.values() if isinstance(r, dict) and 'rows' in r), '-'), 'yes' if row['agree'] else 'NO'])))
    return table((f'{kind}, ms', *names, 'x fastest peer', *([] if kind == 'cold' else ['rows', 'answers agree'])), rows)


def of_parsing(found):
    rows = []
    for name, row in found.items():
        if name == 'definitions' or 'error' in row:
            continue
        ours = row['minimized']['mb_per_second']
        fastest = max(row['peers'].values(), default=None)
        rows.append((name, f"{row['file']['bytes'] / row['file']['records']:.0f}", f"{row['parsed']['mb_per_second']:.0f}", f'{ours:.0f}', ', '.join(f'{peer} {rate:.0f}' for peer, rate in row['peers'].items()),
                     f"{row['parsed']['mb_per_second'] / fastest:.2f}" if fastest else '-', f'{ours / fastest:.2f}' if fastest else '-'))
    return table(('parsing, MB / CPU s', 'bytes a record', 'into columns', 'minimized', 'peers, fields alone', 'columns / peer', 'minimized / peer'), rows)


def failures(part):
    """Each failure in full, once."""
    said = []
    for what, results in part.items():
        if what in ('ingest', 'one_thread'):
            said += [f'{what} {name}: {r["error"]}' for name, r in results.items() if 'error' in r]
        elif what in ('warm', 'cold'):
            said += [f'{what} {question} {name}: {r["error"]}' for question, row in results.items() for name, r in row.items() if isinstance(r, dict) and 'error' in r]
        elif what == 'parsing':
            said += [f'{what} {name}: {row["error"]}' for name, row in results.items() if 'error' in row]
        elif what == 'missing':
            said += [f'{name} left out: {why}' for name, why in results.items()]
    return said


def show(sizes, machine):
    print(f'\n{machine["cpu"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB; medians; peers: {machine["versions"]}')
    for events, part in sizes.items():
        print(f'\n## {events:,} events, {part["facts"]["bytes"] / 1e6:,.0f} MB\n')
        if 'ingest' in part:
            print(of_ingest(events, part['ingest']) + '\n')
        if part.get('one_thread'):
            print('One thread:\n\n' + of_ingest(events, part['one_thread']) + '\n')
        for kind in ('warm', 'cold'):
            if kind in part:
                print(of_questions(kind, part[kind]) + '\n')
        if part.get('note'):
            print(part['note'])
        if 'parsing' in part:
            print(of_parsing(part['parsing']) + '\n')
            loaded = part['parsing'].get('definitions')
            if loaded:
                print(f'{loaded["parsers"]} definitions loaded in {loaded["first_ms"]:.0f} ms, {loaded["ms"]:.0f} ms when it is done again\n')
        if 'readers' in part:
            said = part['readers']
            print('Readers of the segments, column by column: ' + (said if isinstance(said, str) else '; '.join(f'{name} {what}' for name, what in said.items())) + '\n')
        for line in failures(part):
            print(f'! {line}')
    print('\n## Bars\n')
    number = lambda value: '-' if value is None else f'{value:.2f}'
    print(table(('events', 'what', 'value', 'bar', 'aim', 'verdict', 'note'), [(s, what, number(value), bar, aim, verdict, note) for s, what, value, bar, aim, verdict, note in verdicts.all_of(sizes)]))
