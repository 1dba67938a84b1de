// Placeholder until the first real test of Parquet lands.
