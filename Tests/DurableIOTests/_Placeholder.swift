// Placeholder until the first real test of DurableIO lands.
