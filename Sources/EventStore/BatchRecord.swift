public import AuditModel
public import TransparencyLog

/// A committed batch as the catalogue lists it; its seal is ``StoreSnapshot/entry(_:)`` at ``logIndex``.
public struct BatchRecord: Hashable, Sendable {
    /// The seal's place in the log.
    public let logIndex: UInt64
    /// Id of the source.
    public let source: String
    /// How the records arrived.
    public let mode: BatchDraft.Mode
    /// The epoch it was committed in.
    public let epoch: Int64
    /// When it was committed.
    public let committed: Timestamp
    /// Position of its first event. A batch without events has the position that was next.
    public let firstSeq: Int64
    /// Number of events.
    public let count: Int
    /// Earliest and latest event time; nil when no event has one.
    public let minTime: Timestamp?
    public let maxTime: Timestamp?
    /// RFC 6962 root over its events' leaves; nil when there are none.
    public let rowsRoot: MerkleHash?
    /// Its records and what became of them.
    public let counts: RecordCounts
    /// The segment that holds its rows; nil when there are none.
    public let segment: Int64?

    /// The positions of its events.
    public var seqs: Range<Int64> { firstSeq..<firstSeq + Int64(count) }
}

/// A segment as the catalogue lists it.
public struct SegmentRecord: Hashable, Sendable {
    /// Its number, also its file name.
    public let id: Int64
    /// Positions of its rows. Holes are possible after retention, never in a tail segment.
    public let seqs: Range<Int64>
    /// Number of rows.
    public let rowCount: Int
    /// Earliest and latest event time; nil when no row has one.
    public let minTime: Timestamp?
    public let maxTime: Timestamp?
    /// Length of the Parquet file.
    public let sizeBytes: Int64
    /// Why it is quarantined; nil for a segment in good order.
    public let damage: String?
    /// What a reader compares before it believes footer or index.
    var checks = Checks()

    /// Checksums that stand outside the files.
    struct Checks: Hashable, Sendable {
        /// Bytes from the page indexes to the segment's end.
        var tailBytes = 0
        /// XXH64 of them.
        var tail: UInt64 = 0
        /// XXH64 of the table of block checksums in the index file.
        var index: UInt64 = 0
    }
}

/// A row of the ledger.
public struct LedgerRow: Hashable, Sendable {
    /// The batch that accounts for the range.
    public let logIndex: UInt64
    /// Id of the source.
    public let source: String
    /// The stretch of content and its records.
    public let range: ContentRange
}

/// Totals of one source over the batches of a snapshot.
public struct SourceTotals: Hashable, Sendable {
    /// Records and what became of them.
    public var counts = RecordCounts()
    /// Records among the quarantined that a newer definition read since, and what they are now.
    public var resolved = Correction.Counts()
    /// Events accepted.
    public var events: Int64 = 0
    /// Number of batches.
    public var batches = 0
    /// Positions of the first and last event.
    public var firstSeq: Int64?
    public var lastSeq: Int64?
    /// Earliest and latest event time.
    public var minTime: Timestamp?
    public var maxTime: Timestamp?
}

/// A log entry in parsed form.
public struct LogEntry: Hashable, Sendable {
    /// Its place in the log.
    public let logIndex: UInt64
    /// Its kind.
    public let kind: LogEntryKind
    /// Its content.
    public let json: JSONValue
    /// Its exact bytes.
    public let bytes: [UInt8]
}
