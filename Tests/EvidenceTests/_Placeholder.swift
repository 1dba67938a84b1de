// Placeholder until the first real test of Evidence lands.
