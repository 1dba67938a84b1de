public import AuditModel
public import EventStore
import Parquet

/// What the store covers of a period, source by source: counts by day, and the gaps.
public struct Coverage: Sendable {
    /// One source over the period.
    public struct Source: Sendable {
        public let id: String
        /// What is configured; nil for a source that the configuration no longer names.
        public let settings: SourceSettings?
        /// Over all batches up to the checkpoint, whatever their time; nil when there are none.
        public let totals: SourceTotals?
        /// Events by UTC day of the period, in order.
        public let eventsByDay: [Int]
        /// Gaps that touch the period, by beginning.
        public let gaps: [Gap]
        /// Whether silence was judged: the source has an expected interval.
        public var isSilenceJudged: Bool { settings?.expectedIntervalSeconds != nil }
    }

    /// The period: start included, end not.
    public let period: Range<Timestamp>
    /// Sources by id.
    public let sources: [Source]

    /// All gaps, by beginning, then source.
    public var gaps: [Gap] { sources.flatMap(\.gaps).sorted { ($0.from, $0.source) < ($1.from, $1.source) } }

    /// Measures the coverage of `period`.
    ///
    /// - Parameter sourceIDs: Only these; nil for all that the store knows.
    /// - Throws: `StoreError` for damage.
    public init(of snapshot: StoreSnapshot, period: Range<Timestamp>, sources sourceIDs: Set<String>? = nil) throws {
        self.period = period
        let times = try Self.times(in: snapshot, period: period)
        let recorded = try RecordedGaps(snapshot: snapshot)
        let known = Set(snapshot.sources.keys).union(snapshot.totals.keys)
        sources = known.intersection(sourceIDs ?? known).union(sourceIDs ?? []).sorted().map { id in
            let settings = snapshot.sources[id]
            let own = (times[id] ?? []).sorted()
            var gaps = recorded.gaps(of: id).filter { $0.overlaps(from: period.lowerBound, until: period.upperBound) }
            if snapshot.totals[id]?.batches ?? 0 == 0 {
                gaps.append(
                    Gap(
                        source: id, from: period.lowerBound, until: period.upperBound, cause: .noData,
                        explanation: "the store holds nothing of \(id)"))
            } else if let settings {
                gaps += Self.silences(of: settings, times: own, period: period)
            }
            return Source(
                id: id, settings: settings, totals: snapshot.totals[id], eventsByDay: Self.days(own, period),
                gaps: gaps.sorted { ($0.from, $0.until) < ($1.from, $1.until) })
        }
    }

    private static func silences(of settings: SourceSettings, times: [Timestamp], period: Range<Timestamp>) -> [Gap] {
        guard let expected = settings.expectedIntervalSeconds else { return [] }
        let detector = SilenceDetector(
            expectedIntervalMicroseconds: expected * 1_000_000, calendar: settings.calendar == .office ? .office : .always,
            zone: settings.timezone)
        return detector.silences(in: times, period: period).map { stretch in
            let hours = (stretch.upperBound.microseconds - stretch.lowerBound.microseconds) / 3_600_000_000
            return Gap(
                source: settings.source, from: stretch.lowerBound, until: stretch.upperBound, cause: .silence,
                explanation: "no event for \(hours) h where one is expected every \(Self.span(expected))")
        }
    }

    private static func span(_ seconds: Int64) -> String {
        seconds % 3_600 == 0 ? "\(seconds / 3_600) h" : seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
    }

    private static func days(_ times: [Timestamp], _ period: Range<Timestamp>) -> [Int] {
        let day: Int64 = 86_400_000_000
        let length = period.upperBound.microseconds - period.lowerBound.microseconds
        var counts = Array(repeating: 0, count: Int((length + day - 1) / day))
        for time in times { counts[Int((time.microseconds - period.lowerBound.microseconds) / day)] += 1 }
        return counts
    }

    /// Event times of each source inside the period, by full scan of three columns.
    private static func times(in snapshot: StoreSnapshot, period: Range<Timestamp>) throws -> [String: [Timestamp]] {
        var times: [String: [Timestamp]] = [:]
        for segment in snapshot.segments {
            if let low = segment.minTime, let high = segment.maxTime, high < period.lowerBound || low >= period.upperBound { continue }
            let reader = try snapshot.reader(segment)
            for group in reader.rowGroups.indices {
                let column = try reader.integers("time", rowGroup: group)
                let seqs = try reader.integers("seq", rowGroup: group)
                let sources = try reader.strings(.source, rowGroup: group)
                for row in column.values.indices where seqs.values[row] < snapshot.seqEnd {
                    guard let micros = column[row], let source = sources.string(row) else { continue }
                    let time = Timestamp(microseconds: micros)
                    if period.contains(time) { times[source, default: []].append(time) }
                }
            }
        }
        return times
    }
}
