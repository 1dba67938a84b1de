public import AuditModel

/// How long the events of a source are kept.
public struct RetentionRule: Hashable, Sendable {
    public let source: String
    /// Age of an event, by its own time, from which on it is deleted.
    public let keepSeconds: Int64

    public init(source: String, keepSeconds: Int64) {
        self.source = source
        self.keepSeconds = keepSeconds
    }
}

/// What a retention would delete now.
public struct RetentionPlan: Sendable {
    /// One source's part.
    public struct Source: Hashable, Sendable {
        public var keepSeconds: Int64
        /// Events before this time are deleted.
        public var cutoff: Timestamp
        /// Rows to delete, and rows that are old enough but held.
        public var rows = 0
        public var heldRows = 0
        public var batches = 0
    }

    /// By source id.
    public internal(set) var sources: [String: Source] = [:]
    /// Rows to delete by segment and batch: one bit for each index of the batch.
    var removals: [Int64: [UInt64: [Bool]]] = [:]
    /// Batches whose rows are all gone already; their salts must be too.
    var emptied: [BatchRecord] = []

    /// Rows that would go.
    public var rowCount: Int { sources.values.reduce(0) { $0 + $1.rows } }

    /// Finds old rows by the catalogue's times, then by the rows' own. An event without a time is kept.
    init(_ snapshot: StoreSnapshot, rules: [RetentionRule], now: Timestamp) throws {
        let holds = try snapshot.holds()
        let byID = Dictionary(rules.map { ($0.source, $0) }, uniquingKeysWith: { first, _ in first })
        for rule in byID.values {
            let cutoff = Timestamp(microseconds: now.microseconds - rule.keepSeconds * 1_000_000)
            sources[rule.source] = Source(keepSeconds: rule.keepSeconds, cutoff: cutoff)
        }
        for batch in snapshot.batches where batch.count > 0 {
            if snapshot.removed(of: batch)?.count == batch.count {
                emptied.append(batch)
                continue
            }
            guard let cutoff = sources[batch.source]?.cutoff, let minTime = batch.minTime, minTime < cutoff, let segment = batch.segment else {
                continue
            }
            let own = holds.filter { $0.covers(source: batch.source, time: nil) }
            var bits = [Bool](repeating: false, count: batch.count)
            var rows = 0
            for stored in try snapshot.events(of: batch) {
                guard let time = stored.event.time, time < cutoff else { continue }
                if own.contains(where: { $0.covers(source: batch.source, time: time) }) {
                    sources[batch.source]?.heldRows += 1
                } else {
                    bits[Int(stored.seq - batch.firstSeq)] = true
                    rows += 1
                }
            }
            guard rows > 0 else { continue }
            sources[batch.source]?.rows += rows
            sources[batch.source]?.batches += 1
            removals[segment, default: [:]][batch.logIndex] = bits
        }
    }
}
