public import AuditModel
public import EventStore

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

    /// How much is measured.
    public enum Detail: Hashable, Sendable {
        /// Events by day, and gaps.
        case daysAndGaps
        /// Gaps alone: ``Source/eventsByDay`` is empty, and only sources whose silence is judged are read, where page bounds do not tell.
        case gaps
    }

    /// Measures the coverage of `period`.
    ///
    /// - Parameter sourceIDs: Only these; nil for all that the store knows.
    /// - Throws: `StoreError` for damage.
    public init(
        of snapshot: StoreSnapshot, period: Range<Timestamp>, sources sourceIDs: Set<String>? = nil, detail: Detail = .daysAndGaps
    ) throws {
        self.period = period
        let intervals = snapshot.sources.compactMapValues { $0.expectedIntervalSeconds.map { $0 * 1_000_000 } }
        let activity = try SourceActivity(of: snapshot, period: period, intervals: intervals, detail: detail)
        let recorded = try RecordedGaps(snapshot: snapshot)
        let known = Set(snapshot.sources.keys).union(snapshot.totals.keys)
        sources = known.intersection(sourceIDs ?? known).union(sourceIDs ?? []).sorted().map { id in
            let settings = snapshot.sources[id]
            let own = activity.sources[id] ?? SourceActivity.Source()
            var gaps = recorded.gaps(of: id).filter { $0.overlaps(from: period.lowerBound, until: period.upperBound) }
            if snapshot.totals[id]?.batches ?? 0 == 0 {
                gaps.append(
                    Gap(
                        source: id, from: period.lowerBound, until: period.upperBound, cause: .noData,
                        explanation: "the store holds nothing of \(id)"))
            } else if let settings {
                gaps += Self.silences(of: settings, own.stretches, period: period)
            }
            return Source(
                id: id, settings: settings, totals: snapshot.totals[id], eventsByDay: detail == .gaps ? [] : own.days.isEmpty ? activity.noDays : own.days,
                gaps: gaps.sorted { ($0.from, $0.until) < ($1.from, $1.until) })
        }
    }

    private static func silences(of settings: SourceSettings, _ spoken: [ClosedRange<Int64>], period: Range<Timestamp>) -> [Gap] {
        guard let expected = settings.expectedIntervalSeconds else { return [] }
        let detector = SilenceDetector(
            expectedIntervalMicroseconds: expected * 1_000_000, calendar: settings.calendar == .office ? .office : .always,
            zone: settings.timezone)
        return detector.silences(between: spoken, period: period).map { stretch in
            let hours = (stretch.upperBound.microseconds - stretch.lowerBound.microseconds) / 3_600_000_000
            return Gap(
                source: settings.source, from: stretch.lowerBound, until: stretch.upperBound, cause: .silence,
                explanation: "no event for \(hours) h where one is expected every \(Self.span(expected))")
        }
    }

    private static func span(_ seconds: Int64) -> String {
        seconds % 3_600 == 0 ? "\(seconds / 3_600) h" : seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
    }
}
