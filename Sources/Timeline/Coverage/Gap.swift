import AuditModel

/// A stretch of a source that is missing, silent or unexplained. Nothing may be claimed over it.
public struct Gap: Hashable, Sendable {
    /// Why the stretch counts as missing.
    public enum Cause: String, CaseIterable, Hashable, Sendable {
        /// No event for longer than the source's expected interval.
        case silence
        /// A hole in what the collector read: bytes lost by truncation, a file that ended early.
        case cursor
        /// The service that owns the source was down.
        case notRunning = "not_running"
        /// The service ran, yet its heartbeats are missing.
        case heartbeat
        /// Events so old that retention deleted them.
        case retention
        /// No batch of the source is in the store at all.
        case noData = "no_data"
    }

    /// The source's id.
    public let source: String
    /// The stretch: `from ..< until`.
    public let from: Timestamp
    public let until: Timestamp
    public let cause: Cause
    /// One sentence for a person.
    public let explanation: String

    public init(source: String, from: Timestamp, until: Timestamp, cause: Cause, explanation: String) {
        self.source = source
        self.from = from
        self.until = until
        self.cause = cause
        self.explanation = explanation
    }

    /// Its length in seconds.
    public var seconds: Int64 { (until.microseconds - from.microseconds) / 1_000_000 }

    /// Whether any of it lies in `from ..< until`; a missing bound is open.
    public func overlaps(from: Timestamp?, until: Timestamp?) -> Bool {
        from.map { self.until > $0 } ?? true && until.map { self.from < $0 } ?? true
    }
}
