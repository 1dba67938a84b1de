// Placeholder until the first real file of Cryptography lands.
