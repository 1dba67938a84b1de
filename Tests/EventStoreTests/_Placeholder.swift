// Placeholder until the first real test of EventStore lands.
