"""DuckDB twice: writing Parquet and asking that, and its own database file."""
import pathlib

from peers import duckdb_dialect, mapping
from peers.engine import Engine
from workload import token


class DuckDB(Engine):
    table = ''

    def connect(self, path=':memory:', **settings):
        import duckdb
        return duckdb.connect(str(path), **settings)

    def answer(self, question, facts):
        sql = question.sql(self, facts)
        if question.kind != 'export':
            return self.db.sql(sql).to_arrow_table()
        self.db.execute(f"copy ({sql}) to '{self.exported}' (format json)")
        return sql

    def rows(self, question, table):
        return super().rows(question, self.db.sql(table).to_arrow_table() if question.kind == 'export' else table)

    def moment(self, text):
        return f"timestamp '{text[:-1]}'"

    def identity(self, value):
        return f"'{token(value)}'"

    def bucket(self, unit):
        return f"date_trunc('{unit}', time)"


class Parquet(DuckDB):
    name, title = 'duckdb-parquet', 'DuckDB -> Parquet (zstd)'

    def ingest(self, data, out, threads):
        db = self.connect()
        duckdb_dialect.prepare(db, threads)
        union = ' union all '.join(mapping.selects(duckdb_dialect, data))
        db.execute(f"copy ({union}) to '{out}/events.parquet' (format parquet, compression zstd, compression_level 1, parquet_version v2, string_dictionary_page_size_limit 100000)")

    def open(self, out, threads):
        self.db, self.exported = self.connect(), '/dev/null'
        self.db.execute(f'set threads = {threads}')
        self.db.execute(f"create view events as select * from read_parquet('{out}/events.parquet')")

    def command_line(self, out, sql):
        """For a cold process: the arguments of DuckDB's own command line program."""
        return ['-json', '-c', sql.replace('from events', f"from read_parquet('{out}/events.parquet')")]


class Native(DuckDB):
    name, title = 'duckdb-native', 'DuckDB, its own file'

    def ingest(self, data, out, threads):
        db = self.connect(pathlib.Path(out) / 'events.duckdb', config={'storage_compatibility_version': 'latest'})
        duckdb_dialect.prepare(db, 1)  # two threads write half of the blocks twice: 1.6 times the CPU time and the size, and hardly sooner
        db.execute(f"create table events as {' union all '.join(mapping.selects(duckdb_dialect, data))}")
        db.close()

    def open(self, out, threads):
        self.db, self.exported = self.connect(pathlib.Path(out) / 'events.duckdb', read_only=True), '/dev/null'
        self.db.execute(f'set threads = {threads}')
