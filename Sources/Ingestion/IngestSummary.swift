import EventStore

/// What an ingest did, source by source.
public struct IngestSummary: Hashable, Sendable {
    /// One source's figures.
    public struct Source: Hashable, Sendable {
        /// Decompressed bytes handed to the parser.
        public var bytes: UInt64 = 0
        /// Records and what became of them.
        public var counts = RecordCounts()
        /// Events added.
        public var events: Int64 = 0
        /// Records set aside, by reason.
        public var quarantined: [String: Int] = [:]
        /// Records passed over, by the parser's rule.
        public var skipped: [String: Int] = [:]
        /// Fields left out because the parser does not map them, by name.
        public var dropped: [String: Int] = [:]
        /// What minimization replaced or took out, by kind.
        public var minimized: [String: Int] = [:]

        init() {}

        /// A source of which nothing was read.
        public static let none = Source()
    }

    /// Figures by source.
    public internal(set) var sources: [String: Source] = [:]
    /// What a person must look at: gaps, damaged and unreadable files. One line each.
    public internal(set) var findings: [String] = []
    /// Bytes read as they lie in the files.
    public internal(set) var rawBytes: UInt64 = 0
    /// Commits made.
    public internal(set) var commits = 0

    /// All sources together.
    public var total: Source {
        sources.values.reduce(into: Source()) { sum, source in
            sum.bytes += source.bytes
            sum.counts += source.counts
            sum.events += source.events
            sum.dropped.merge(source.dropped, uniquingKeysWith: +)
        }
    }

    init() {}
}

/// How far an ingest is.
public struct IngestProgress: Hashable, Sendable {
    /// Bytes of files read, of those the bytes whose events are committed, and bytes of all files known so far.
    public var rawBytes: UInt64 = 0
    public var committedBytes: UInt64 = 0
    public var totalBytes: UInt64 = 0
    /// Events read, and of those the committed ones.
    public var events: Int64 = 0
    public var committedEvents: Int64 = 0
    /// The source at work.
    public var source = ""
    /// Whether a commit is being made now, during which nothing else moves.
    public var isCommitting = false

    /// The share of the work that is done, 0 to 1: reading and parsing are the smaller part of it.
    public var share: Double {
        guard totalBytes > 0 else { return 0 }
        return min(1, (0.2 * Double(rawBytes) + 0.8 * Double(committedBytes)) / Double(totalBytes))
    }
}

extension IngestSummary.Source {
    mutating func add(_ other: Self) {
        bytes += other.bytes
        counts += other.counts
        events += other.events
        quarantined.merge(other.quarantined, uniquingKeysWith: +)
        skipped.merge(other.skipped, uniquingKeysWith: +)
        dropped.merge(other.dropped, uniquingKeysWith: +)
        minimized.merge(other.minimized, uniquingKeysWith: +)
    }
}
