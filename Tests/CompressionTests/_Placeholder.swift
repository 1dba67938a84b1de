// Placeholder until the first real test of Compression lands.
