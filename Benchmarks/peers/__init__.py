"""Other engines doing the same work. One that is not installed is said to be missing, never left out in silence."""
import importlib

#: name -> (module, class, the Python package that it needs)
ENGINES = {
    'duckdb-parquet': ('duckdb_peers', 'Parquet', 'duckdb'),
    'duckdb-native': ('duckdb_peers', 'Native', 'duckdb'),
    'clickhouse': ('clickhouse_peer', 'ClickHouse', 'chdb'),
    'datafusion': ('datafusion_peer', 'DataFusion', 'datafusion'),
    'polars': ('polars_peer', 'Polars', 'polars'),
}


def made(name):
    module, kind, _ = ENGINES[name]
    return getattr(importlib.import_module(f'peers.{module}'), kind)()
