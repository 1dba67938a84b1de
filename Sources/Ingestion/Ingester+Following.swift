import Collection
import EventStore

extension Ingester {
    /// Follows the sources until `wait` says to stop.
    ///
    /// The calling thread reads all sources in turn. What arrived is one commit, made by it at once when it is small; more is handed to the
    /// pipeline's threads, and the caller reads on while that has room.
    ///
    /// - Parameter wait: Sleeps until one of the descriptors is readable or the milliseconds are over; returns whether to stop.
    /// - Throws: As ``ingest(isStopped:)``.
    public func follow(wait: (_ descriptors: [Int32], _ milliseconds: UInt64) -> Bool) throws -> IngestSummary {
        let report = IngestReport(onFinding: onFinding, onProgress: onProgress)
        try begin(.service, report)
        let pool = WorkPool()
        let following = Following(
            readers: try makeReaders(.follow), pool: pool, pipeline: makePipeline(pool, report) {}, store: store, report: report, limits: limits)
        pool.start(helpers: limits.threads - 1)
        defer { pool.stop() }
        var lastTick = Self.monotonic()
        while true {
            let hasMore = try following.readOnce()
            if Self.monotonic() - lastTick >= 5_000 {
                try sealActs(report)
                try store.tick()
                try following.catchUp()
                lastTick = Self.monotonic()
            }
            if wait(following.descriptors, hasMore ? 0 : following.pauseMilliseconds) { break }
        }
        try following.end()
        try sealActs(report)
        following.close()
        try store.closeSession()
        return report.summary
    }
}

/// What the calling thread of `run` does between two waits.
private final class Following {
    private let readers: [SourceReader]
    private let pool: WorkPool
    private let pipeline: IngestPipeline
    private let store: EventStore
    private let report: IngestReport
    private let gaps: GapRecorder
    private let limits: IngestLimits
    private var pendingSince: UInt64?

    init(
        readers: [SourceReader], pool: WorkPool, pipeline: IngestPipeline, store: EventStore, report: IngestReport, limits: IngestLimits
    ) {
        self.readers = readers
        self.pool = pool
        self.pipeline = pipeline
        self.store = store
        self.report = report
        self.limits = limits
        gaps = GapRecorder(store: store, report: report)
    }

    /// Descriptors that become readable when something happens.
    var descriptors: [Int32] { readers.compactMap(\.collector.readiness) }

    /// How long to wait when there is nothing to read: until what arrived is due to be committed, half a second at most.
    var pauseMilliseconds: UInt64 {
        guard let pendingSince else { return 500 }
        return min(500, limits.groupMilliseconds - min(limits.groupMilliseconds, Ingester.monotonic() - pendingSince))
    }

    /// Reads a step of each source and commits what is due; returns whether there is more to read at once.
    func readOnce() throws -> Bool {
        var hasMore = false
        for reader in readers {
            let before = reader.pendingEvents
            let step = try reader.collector.collect(budgetBytes: limits.stepBytes, into: reader, now: Ingester.monotonic())
            hasMore = hasMore || step.hasMore
            reader.rawBytes += step.rawBytes
            if step.rawBytes > 0 { store.setState(.active, of: reader.configuration.id) } else { reader.caughtUp() }
            try gaps.take(reader.takeNotes(), of: reader.configuration.id)
            report.didRead(
                reader.configuration.id, rawBytes: step.rawBytes, events: reader.pendingEvents - before, totalBytes: nil)
            if reader.isFull { try commit([reader]) }
        }
        if pendingSince == nil, readers.contains(where: \.hasRecords) { pendingSince = Ingester.monotonic() }
        let isDue = pendingSince.map { Ingester.monotonic() - $0 >= limits.groupMilliseconds } ?? false
        let isMuch = readers.reduce(0) { $0 + $1.pendingEvents } >= limits.cutRows
            || readers.reduce(0) { $0 + $1.pendingBytes } >= limits.blockBytes
        if isDue || isMuch { try commit(readers.filter(\.hasRecords)) }
        return hasMore
    }

    /// Commits everything, bytes without a record too.
    func end() throws {
        try commit(readers.filter(\.hasAnything))
        try pool.help { isIdle in isIdle }
    }

    /// What nobody waits for is done by the caller where no other thread does it.
    func catchUp() throws {
        if limits.threads == 1 { try pool.help { isIdle in isIdle } }
    }

    func close() { readers.forEach { $0.collector.close() } }

    private func commit(_ holding: [SourceReader]) throws {
        let cuts = holding.compactMap { $0.takeCut() }
        let isSmall = cuts.reduce(0) { $0 + $1.eventCount } < limits.smallCommitEvents
        pipeline.submit(cuts)
        if !readers.contains(where: \.hasRecords) { pendingSince = nil }
        let pipeline = pipeline
        try pool.help { _ in isSmall ? pipeline.isEmpty : pipeline.hasRoom }
    }
}
