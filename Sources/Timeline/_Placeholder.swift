// Placeholder until the first real file of Timeline lands.
