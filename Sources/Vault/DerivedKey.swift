import Cryptography

/// What a key derived from the master is for. One key serves one purpose.
///
/// Derivation is HKDF-Expand (RFC 5869) with SHA-256, the master as the pseudo-random key, `proofline vault v1 ` and the raw value
/// as the info, 32 bytes.
public enum DerivedKey: String, CaseIterable, Hashable, Sendable {
    /// Finds a token by its value.
    case lookup
    /// Wraps the keys of subjects.
    case subjectKeys = "subject-keys"
    /// Seals batch salts.
    case batchSalts = "batch-salts"
    /// Seals quarantined records.
    case quarantine
    /// Duplicate keys of events (HMAC, expiring, never dependent on tokens).
    case duplicates
    /// Fingerprints of the beginning of a file.
    case contentFingerprints = "content-fingerprints"
    /// Running hashes inside cursors.
    case cursors
    /// Raw records, where a source keeps them.
    case rawRecords = "raw-records"
    /// Authenticates the pages of the vault's file.
    case pages
    /// Proves that a master key belongs to a vault.
    case check
}

extension MasterKey {
    /// The key for a purpose, 32 bytes.
    public func derive(_ purpose: DerivedKey) -> [UInt8] {
        HMACSHA256(key: bytes).authenticate(Array("proofline vault v1 \(purpose.rawValue)".utf8) + [1]).bytes
    }
}
