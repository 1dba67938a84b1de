"""What a store accounts for, read from the outside (docs/formats/store.md)."""
import sqlite3


def check(store):
    """Every byte of each content once, every record in one column, every quarantined record held. Returns counts by source."""
    with sqlite3.connect(f'file:{store}/catalogue.sqlite?mode=ro', uri=True) as base:
        rows = base.execute(
            'SELECT source, content_id, from_byte, to_byte, received, parsed, duplicates, quarantined, skipped FROM ledger '
            'ORDER BY source, content_id, from_byte, to_byte').fetchall()
    ends, sums = {}, {}
    for source, content, start, end, *counts in rows:
        assert start == ends.get((source, content), 0), f'{source} {content}: a hole or an overlap at byte {start}'
        assert counts[0] == sum(counts[1:]), f'{source} {content}: records do not add up at byte {start}'
        ends[source, content] = end
        sums[source] = [a + b for a, b in zip(sums.get(source, [0] * 5), counts)]
    with sqlite3.connect(f'file:{store}/vault/quarantine.sqlite?mode=ro', uri=True) as base:
        held = dict(base.execute('SELECT source, count(*) FROM record GROUP BY source').fetchall())
    for source, counts in sums.items():
        assert held.get(source, 0) == counts[3], f'{source}: {counts[3]} quarantined, {held.get(source, 0)} held'
    names = ('received', 'parsed', 'duplicates', 'quarantined', 'skipped')
    return {source: dict(zip(names, counts)) for source, counts in sums.items()}
