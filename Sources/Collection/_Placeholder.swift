// Placeholder until the first real file of Collection lands.
