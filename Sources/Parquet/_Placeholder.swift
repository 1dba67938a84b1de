// Placeholder until the first real file of Parquet lands.
