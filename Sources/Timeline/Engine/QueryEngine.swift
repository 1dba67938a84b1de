public import AuditModel
public import EventStore

/// Answers questions over one snapshot of the store.
///
/// - Rows: ``rows(_:limit:render:deliver:)`` streams them in order of time, then position; ``run(_:limit:)`` gives them at once.
/// - Groups: ``aggregate(_:_:)``.
///
/// Segments, row groups and pages are passed over by time, by the index of terms and by filters of text pieces; the rest is evaluated on
/// dictionary codes, 64 rows to a word, by several workers; only matching rows become events. What was passed over surely holds no
/// match. Damage in what is read ends the query: an answer over damaged data is no answer.
public struct QueryEngine: Sendable {
    private let sources: [SegmentSource]
    private let options: QueryOptions
    private let codes: GlobalCodes

    init(sources: [SegmentSource], options: QueryOptions, codes: GlobalCodes = GlobalCodes()) {
        self.sources = sources
        self.options = options
        self.codes = codes
    }

    /// What a query gave beside its rows.
    public struct Summary: Sendable {
        /// How many events match.
        public let matchCount: Int
        /// Earliest and latest time among all that match.
        public let timeRange: ClosedRange<Timestamp>?
        public let effort: QueryEffort
    }

    /// Finds the events that match and hands them on in order of time, then position, as they are found.
    ///
    /// - Parameters:
    ///   - limit: Most rows to hand on, the earliest; all are counted. Nil hands on all.
    ///   - render: Makes the output of some rows; called on several threads at once.
    ///   - deliver: Takes the outputs in order, on the calling thread.
    /// - Throws: ``QueryError``, and `StoreError` for damage. What was delivered before is not the answer then.
    public func rows<Output: Sendable>(
        _ filter: ResolvedFilter, limit: Int? = nil, render: @escaping @Sendable (RowBatch) throws -> Output,
        deliver: (Output) throws -> Void
    ) throws -> Summary {
        let budget = QueryBudget(options)
        let workers = QueryWorkers(count: options.threads)
        let scan = try BoundScan(QueryPlan(filter.filter), sources, workers, budget)
        let outcome = try RowStream(scan: scan, workers: workers, budget: budget).run(limit: limit, render: render, deliver: deliver)
        return Summary(
            matchCount: outcome.matchCount,
            timeRange: outcome.times.map { Timestamp(microseconds: $0.lowerBound)...Timestamp(microseconds: $0.upperBound) },
            effort: outcome.effort)
    }

    /// Counts or measures the events that match, by groups.
    ///
    /// - Throws: As ``rows(_:limit:render:deliver:)``.
    public func aggregate(_ filter: ResolvedFilter, _ aggregation: Aggregation) throws -> AggregateAnswer {
        let budget = QueryBudget(options)
        let workers = QueryWorkers(count: options.threads)
        let scan = try BoundScan(QueryPlan(filter.filter), sources, workers, budget)
        let outcome = try GroupScan(scan: scan, aggregation: aggregation, workers: workers, budget: budget, codes: codes).run()
        defer { codes.trim() }
        return try AggregateAnswer(aggregation, outcome, scan, workers, budget)
    }

    /// The answer at once: how many match, and the events of those asked for.
    public struct Answer: Sendable {
        /// How many events match.
        public let matchCount: Int
        /// Matching events in order of time, then position; at most the limit.
        public let events: [StoredEvent]
        public let effort: QueryEffort
        /// Earliest and latest time among all that match.
        public let timeRange: ClosedRange<Timestamp>?
    }

    /// Finds the events that match and gives them at once.
    ///
    /// - Parameter limit: Most events to build, the earliest first; all are counted. Nil builds all.
    public func run(_ filter: ResolvedFilter, limit: Int? = nil) throws -> Answer {
        var events: [StoredEvent] = []
        let summary = try rows(filter, limit: limit, render: { try $0.events() }, deliver: { events += $0 })
        return Answer(matchCount: summary.matchCount, events: events, effort: summary.effort, timeRange: summary.timeRange)
    }
}
