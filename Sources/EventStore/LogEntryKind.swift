/// The kinds of entries in the log, by the `type` member (docs/formats/seal.md).
public enum LogEntryKind: String, CaseIterable, Hashable, Sendable {
    /// A batch's seal. Only ``EventStore/commit(_:at:)`` writes it.
    case batch
    /// The end of an epoch. Only the store writes it.
    case heartbeat
    /// A stretch of a source that is missing or was not watched.
    case gap
    /// Destruction of a subject's identities.
    case erasure
    /// Deletion of rows by policy.
    case retention
    /// A legal hold, set or lifted.
    case hold
    /// A log key that begins or ends.
    case key
    /// A change of configuration.
    case config
    /// Quarantined records that were parsed again.
    case reparse
    /// A released evidence pack.
    case release
}
