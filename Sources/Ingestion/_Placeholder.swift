// Placeholder until the first real file of Ingestion lands.
