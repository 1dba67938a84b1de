import AuditModel

/// An event at its place in the store and in the log.
struct EventRow: Hashable, Sendable {
    let seq: Int64
    /// Log index of its batch's seal.
    let logIndex: UInt64
    /// Place in the batch.
    let index: Int
    let event: Event

    /// When it happened; when it was observed, where the record had no time.
    var time: Timestamp { event.time ?? event.observed ?? Timestamp(microseconds: 0) }

    static func == (a: EventRow, b: EventRow) -> Bool { a.seq == b.seq }
    func hash(into hasher: inout Hasher) { hasher.combine(seq) }

    /// Time order, then the order of commit.
    static func isBefore(_ a: EventRow, _ b: EventRow) -> Bool { (a.time, a.seq) < (b.time, b.seq) }
}
