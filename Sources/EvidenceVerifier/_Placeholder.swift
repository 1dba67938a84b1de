// Placeholder until the first real file of EvidenceVerifier lands.
