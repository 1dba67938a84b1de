// Placeholder until the first real test of TransparencyLog lands.
