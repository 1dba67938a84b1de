// Placeholder until the first real test of Collection lands.
