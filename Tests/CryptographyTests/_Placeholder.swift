// Placeholder until the first real test of Cryptography lands.
