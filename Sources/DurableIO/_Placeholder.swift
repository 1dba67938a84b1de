// Placeholder until the first real file of DurableIO lands.
