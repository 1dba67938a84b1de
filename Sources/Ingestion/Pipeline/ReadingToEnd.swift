import Collection
import Synchronization

/// Reads sources to their end, as many at once as there are threads, and hands blocks on while the pipeline has room.
///
/// What is left of a source at its end waits for the ends of others, so that many small sources are one commit.
///
/// Safe to share: what changes is touched under its lock.
final class ReadingToEnd: @unchecked Sendable {
    private let pipeline: IngestPipeline
    private let report: IngestReport
    private let gaps: GapRecorder
    private let limits: IngestLimits
    private let now: @Sendable () -> UInt64

    private let lock = Mutex(())
    private var waiting: [SourceReader]
    private var active = 0
    /// Readers that wait for room.
    private var parked: [SourceReader] = []
    private var remainders: [SourceCut] = []

    init(
        _ readers: [SourceReader], pipeline: IngestPipeline, report: IngestReport, gaps: GapRecorder, limits: IngestLimits,
        now: @escaping @Sendable () -> UInt64
    ) {
        waiting = readers.reversed()
        self.pipeline = pipeline
        self.report = report
        self.gaps = gaps
        self.limits = limits
        self.now = now
    }

    private func locked<R>(_ body: () throws -> R) rethrows -> R {
        try lock.withLock { _ in
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let result = try body()
            return result
        }
    }

    /// Begins with as many sources as may be read at once.
    func begin() {
        while true {
            let next: SourceReader? = locked {
                guard active < limits.threads, let next = waiting.popLast() else { return nil }
                active += 1
                return next
            }
            guard let next else { return }
            pipeline.pool.add(.reading) { [self] in
                if report.mustStop { end(next) } else { try read(next) }
            }
        }
    }

    /// Room was made: those who waited for it go on.
    func goOn() {
        while pipeline.hasRoom {
            guard let reader = locked({ parked.isEmpty ? nil : parked.removeFirst() }) else { return }
            pipeline.pool.add(.reading) { [self] in try read(reader) }
        }
    }

    /// Reads until a block is full or the source ends.
    private func read(_ reader: SourceReader) throws {
        while true {
            guard !report.mustStop, !pipeline.pool.isStopping else { return end(reader) }
            let before = reader.pendingEvents
            let step = try reader.collector.collect(budgetBytes: limits.stepBytes, into: reader, now: now())
            reader.rawBytes += step.rawBytes
            try gaps.take(reader.takeNotes(), of: reader.configuration.id)
            report.didRead(
                reader.configuration.id, rawBytes: step.rawBytes, events: reader.pendingEvents - before,
                totalBytes: (reader.collector as? FileCollector)?.totalBytes)
            if !step.hasMore { return end(reader) }
            if reader.isFull || (reader.pendingEvents >= limits.earlyCutRows && pipeline.isHungry), let cut = reader.takeCut() {
                pipeline.submit([cut])
                // Not at once, so that what is more urgent comes first; and only where there is room.
                locked { parked.append(reader) }
                return goOn()
            }
        }
    }

    private func end(_ reader: SourceReader) {
        let cut = reader.takeCut()
        let ready: [SourceCut] = locked {
            active -= 1
            if let cut { remainders.append(cut) }
            let isLast = active == 0 && (waiting.isEmpty || report.mustStop)
            let isMuch =
                remainders.reduce(0) { $0 + $1.eventCount } >= limits.cutRows
                || remainders.reduce(0) { $0 + $1.byteCount } >= limits.blockBytes
            guard isLast || isMuch else { return [] }
            defer { remainders = [] }
            return remainders
        }
        pipeline.submit(ready)
        begin()
    }
}
