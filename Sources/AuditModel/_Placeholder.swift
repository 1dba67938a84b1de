// Placeholder until the first real file of AuditModel lands.
