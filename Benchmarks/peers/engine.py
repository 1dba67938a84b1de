"""What the bench asks of a peer."""
import pathlib


class Engine:
    """One engine with one way of storing. `name` is its column in the tables; modules of peers name their classes in `peers.__init__`."""

    name = ''
    title = ''

    def ingest(self, data, out, threads):
        """Reads the three logs under `data`, writes what is to be asked under `out` (an empty folder)."""
        raise NotImplementedError

    def open(self, out, threads):
        """Makes ready to answer from what `ingest` wrote."""
        raise NotImplementedError

    def answer(self, question, facts):
        """Answers with a table that `rows` understands; this is what is timed. An export is written as JSON lines to /dev/null or a file in memory."""
        raise NotImplementedError

    def rows(self, question, table):
        """The answer as plain tuples, for comparison: see `comparable`."""
        return comparable(question, table)


def comparable(question, table):
    """From an Arrow table to what `questions.digest` hashes."""
    import pyarrow
    columns = {name: table.column(name) for name in table.column_names}

    def micros(column):
        kind = column.type
        if pyarrow.types.is_timestamp(kind):
            return column.cast(pyarrow.timestamp('us', kind.tz), safe=False).cast(pyarrow.int64()).to_pylist()
        if pyarrow.types.is_date(kind):
            return column.cast(pyarrow.timestamp('us')).cast(pyarrow.int64()).to_pylist()
        if pyarrow.types.is_integer(kind):  # seconds, as ClickHouse gives its DateTime
            return [v * 1_000_000 for v in column.to_pylist()]
        raise TypeError(f'no time: {kind}')

    if question.kind in ('rows', 'export'):
        return list(zip(micros(columns['time']), [v or '' for v in columns['event_id'].to_pylist()]))
    counts = columns['n'].to_pylist()
    if question.kind == 'histogram':
        return list(zip(micros(columns['hour']), [v or '' for v in columns['outcome'].to_pylist()], counts))
    if question.kind == 'top':
        return list(enumerate(sorted(counts)))
    return [(week, n) for week, n in zip(micros(columns['week']), counts)]


def folder_bytes(folder):
    return sum(f.stat().st_size for f in pathlib.Path(folder).rglob('*') if f.is_file() and not f.is_symlink())
