// Placeholder until the first real test of Minimization lands.
