// Placeholder until the first real file of Evidence lands.
