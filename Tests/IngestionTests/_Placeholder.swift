// Placeholder until the first real test of Ingestion lands.
