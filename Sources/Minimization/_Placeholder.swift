// Placeholder until the first real file of Minimization lands.
