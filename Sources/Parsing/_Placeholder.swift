// Placeholder until the first real file of Parsing lands.
