// Placeholder until the first real file of EventStore lands.
