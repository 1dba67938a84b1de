// Placeholder until the first real test of AuditModel lands.
