// Placeholder until the first real test of Parsing lands.
