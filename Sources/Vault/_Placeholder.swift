// Placeholder until the first real file of Vault lands.
