// Placeholder until the first real file of Compression lands.
