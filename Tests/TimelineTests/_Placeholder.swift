// Placeholder until the first real test of Timeline lands.
