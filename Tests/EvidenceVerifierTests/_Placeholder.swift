// Placeholder until the first real test of EvidenceVerifier lands.
