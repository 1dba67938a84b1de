public import AuditModel
public import EventStore
import Parquet

/// Answers filters over one snapshot of the store, in time order.
///
/// Segments and row groups outside the filter's time bounds are passed over; the rest is evaluated on columns, and only
/// matching rows become events.
public struct QueryEngine: Sendable {
    private let snapshot: StoreSnapshot

    public init(snapshot: StoreSnapshot) { self.snapshot = snapshot }

    /// What a query took, for `--explain`.
    public struct Effort: Hashable, Sendable {
        public var segments = 0
        public var segmentsPruned = 0
        public var rowGroups = 0
        public var rowGroupsPruned = 0
        public var rowsScanned = 0
    }

    /// The answer: positions of all matching rows, and the events of those asked for.
    public struct Answer: Sendable {
        /// How many events match.
        public let matchCount: Int
        /// Matching events in order of time, then position; at most the limit.
        public let events: [StoredEvent]
        public let effort: Effort
        /// Earliest and latest time among all that match.
        public let timeRange: ClosedRange<Timestamp>?
    }

    /// Finds the events that match.
    ///
    /// - Parameters:
    ///   - limit: Most events to build, the earliest first; all are counted. Nil builds all.
    /// - Throws: `StoreError` for damage: an answer over damaged data is no answer.
    public func run(_ filter: ResolvedFilter, limit: Int? = nil) throws -> Answer {
        var effort = Effort()
        var hits: [Hit] = []
        let bounds = filter.filter.timeBounds
        for (index, segment) in snapshot.segments.enumerated() {
            effort.segments += 1
            guard Self.overlaps(segment.minTime, segment.maxTime, bounds) else {
                effort.segmentsPruned += 1
                continue
            }
            try collect(filter.filter, segmentIndex: index, bounds, &hits, &effort)
        }
        hits.sort { ($0.time, $0.seq) < ($1.time, $1.seq) }
        let wanted = limit.map { hits.prefix($0) } ?? hits[...]
        let timed = hits.filter { $0.time != Int64.max }
        let range = timed.first.flatMap { first in
            timed.last.map { Timestamp(microseconds: first.time)...Timestamp(microseconds: $0.time) }
        }
        return Answer(matchCount: hits.count, events: try events(of: wanted), effort: effort, timeRange: range)
    }

    /// Where a matching row lies. A row without a time sorts last.
    private struct Hit {
        let time: Int64
        let seq: Int64
        let segment: Int
        let row: Int
    }

    private func collect(
        _ filter: Filter, segmentIndex: Int, _ bounds: (from: Timestamp?, until: Timestamp?), _ hits: inout [Hit], _ effort: inout Effort
    ) throws {
        let reader = try snapshot.reader(snapshot.segments[segmentIndex])
        for (index, group) in reader.rowGroups.enumerated() {
            effort.rowGroups += 1
            guard Self.overlaps(group.minTime, group.maxTime, bounds) else {
                effort.rowGroupsPruned += 1
                continue
            }
            effort.rowsScanned += group.rows.count
            let mask = try RowGroupEvaluator(reader: reader, rowGroup: index).rows(matching: filter)
            if mask.isEmpty { continue }
            let times = try reader.integers("time", rowGroup: index)
            let seqs = try reader.integers("seq", rowGroup: index)
            for row in mask.rows where seqs.values[row] < snapshot.seqEnd {
                hits.append(
                    Hit(time: times[row] ?? Int64.max, seq: seqs.values[row], segment: segmentIndex, row: group.rows.lowerBound + row))
            }
        }
    }

    private func events(of hits: ArraySlice<Hit>) throws -> [StoredEvent] {
        var rowsBySegment: [Int: [Int]] = [:]
        for hit in hits { rowsBySegment[hit.segment, default: []].append(hit.row) }
        var bySeq: [Int64: StoredEvent] = [:]
        for (segment, rows) in rowsBySegment {
            let reader = try snapshot.reader(snapshot.segments[segment])
            for event in try reader.events(rows: rows.sorted()) { bySeq[event.seq] = event }
        }
        return hits.compactMap { bySeq[$0.seq] }
    }

    /// Whether values between `low` and `high` (unknown where nil) can lie in the bounds.
    private static func overlaps(_ low: Timestamp?, _ high: Timestamp?, _ bounds: (from: Timestamp?, until: Timestamp?)) -> Bool {
        guard let low, let high else { return true }
        return bounds.from.map { high >= $0 } ?? true && bounds.until.map { low < $0 } ?? true
    }
}
