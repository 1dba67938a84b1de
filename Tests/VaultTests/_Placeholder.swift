// Placeholder until the first real test of Vault lands.
