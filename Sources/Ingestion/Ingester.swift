public import AuditModel
import Collection
public import EventStore
public import Minimization
public import Parsing
public import Vault

/// Reads configured sources into a store: once to their end, or on and on.
///
/// Single-threaded by intention: collectors are pulled, so a slow disk slows the reading and nothing queues up. Memory is bounded by
/// ``IngestLimits``.
public final class Ingester {
    private let store: EventStore
    private let committer: Committer
    private let limits: IngestLimits
    private let clock: @Sendable () -> Timestamp
    private var pipelines: [SourcePipeline] = []
    private var summary = IngestSummary()
    private let sources: [SourceConfiguration]
    private let library: ParserLibrary
    private var rawTotal: UInt64 = 0
    private var progress = IngestProgress()
    private var reportedSpoolFiles: Set<String> = []

    /// Called with each finding as it is met; for the program log.
    public var onFinding: (String) -> Void = { _ in }
    /// Called now and then while reading.
    public var onProgress: (IngestProgress) -> Void = { _ in }

    /// Checks the sources against the parsers; touches nothing yet.
    ///
    /// - Throws: ``IngestionError`` for a source whose parser is not there, `VaultError`.
    public init(
        store: EventStore, vault: Vault, policy: MinimizationPolicy, library: ParserLibrary, sources: [SourceConfiguration],
        limits: IngestLimits = IngestLimits(), clock: @escaping @Sendable () -> Timestamp = { StoreOptions.systemTime() }
    ) throws {
        self.store = store
        self.sources = sources
        self.library = library
        self.limits = limits
        self.clock = clock
        committer = try Committer(store: store, vault: vault, policy: policy)
        try Self.check(sources, library)
    }

    /// Sees that each source has its parser.
    /// - Throws: ``IngestionError`` with the nearest id.
    public static func check(_ sources: [SourceConfiguration], _ library: ParserLibrary) throws(IngestionError) {
        for source in sources where source.id == ActSealer.source {
            throw IngestionError(.configuration, "a source cannot be named `\(source.id)`: under that name stand proofline's own acts; choose another")
        }
        for source in sources where library[source.parser] == nil {
            let hint =
                NearestName.of(source.parser, in: library.ids).map { "did you mean `\($0)`?" }
                ?? "there are \(library.ids.joined(separator: ", ")); --parsers DIR adds more"
            throw IngestionError(.configuration, "no parser is named `\(source.parser)` (source `\(source.id)`); \(hint)")
        }
    }

    // MARK: Once

    /// Reads what is there to its end.
    ///
    /// - Parameter isStopped: Asked between steps; when true, what was read is committed and the rest left for the next run.
    /// - Throws: `StoreError`, `VaultError`, `MinimizationError`, `CollectionError`. What was committed before stays.
    public func ingest(isStopped: () -> Bool = { false }) throws -> IngestSummary {
        try store.openSession(.ingest)
        try store.configure(sources.map(\.settings))
        try sealActs()
        try open(.once)
        for pipeline in pipelines where !isStopped() {
            try readToEnd(pipeline, isStopped)
        }
        try commit(final: true)
        pipelines.forEach { $0.collector.close() }
        try store.closeSession()
        return summary
    }

    private func readToEnd(_ pipeline: SourcePipeline, _ isStopped: () -> Bool) throws {
        let before = summary.rawBytes
        var hasMore = true
        while hasMore, !isStopped() {
            let step = try pipeline.collector.collect(budgetBytes: limits.stepBytes, into: pipeline, now: Self.monotonic())
            hasMore = step.hasMore
            summary.rawBytes += step.rawBytes
            try takeNotes(of: pipeline)
            if let files = pipeline.collector as? FileCollector { rawTotal = before + files.totalBytes }
            progress.source = pipeline.configuration.id
            report()
            try commit(final: false)
        }
    }

    private func report() {
        progress.rawBytes = summary.rawBytes
        progress.totalBytes = rawTotal
        progress.events = progress.committedEvents + Int64(pipelines.reduce(0) { $0 + $1.pendingEvents })
        onProgress(progress)
    }

    // MARK: Following

    /// Follows the sources until `wait` says to stop.
    ///
    /// - Parameter wait: Sleeps until one of the descriptors is readable or the milliseconds are over; returns whether to stop.
    /// - Throws: As ``ingest(isStopped:)``.
    public func follow(wait: (_ descriptors: [Int32], _ milliseconds: UInt64) -> Bool) throws -> IngestSummary {
        try store.openSession(.service)
        try store.configure(sources.map(\.settings))
        try open(.follow)
        var pendingSince: UInt64?
        var lastTick = Self.monotonic()
        while true {
            var hasMore = false
            for pipeline in pipelines {
                let step = try pipeline.collector.collect(budgetBytes: limits.stepBytes, into: pipeline, now: Self.monotonic())
                hasMore = hasMore || step.hasMore
                summary.rawBytes += step.rawBytes
                if step.rawBytes > 0 {
                    store.setState(.active, of: pipeline.configuration.id)
                } else {
                    pipeline.caughtUp()
                }
                try takeNotes(of: pipeline)
            }
            let now = Self.monotonic()
            if pendingSince == nil, pipelines.contains(where: \.hasRecords) { pendingSince = now }
            if let since = pendingSince, now - since >= limits.groupMilliseconds || isFull {
                try commit(final: false, force: true)
                pendingSince = nil
            }
            if now - lastTick >= 5_000 {
                try sealActs()
                try store.tick()
                lastTick = now
            }
            let rest = pendingSince.map { limits.groupMilliseconds - min(limits.groupMilliseconds, Self.monotonic() - $0) }
            let pause = hasMore ? 0 : min(rest ?? 500, 500)
            if wait(pipelines.compactMap(\.collector.readiness), pause) { break }
        }
        try commit(final: true)
        try sealActs()
        pipelines.forEach { $0.collector.close() }
        try store.closeSession()
        return summary
    }

    // MARK: Steps

    /// Makes events of what readers spooled since.
    private func sealActs() throws {
        for name in try committer.sealActs(now: clock()) where reportedSpoolFiles.insert(name).inserted {
            onFinding("spool/\(name) is not an act that proofline wrote; it was left there: look at it and remove it")
        }
    }

    private func open(_ mode: FileCollector.Mode) throws {
        let keys = DuplicateKeys(vault: committer.vault)
        let hashing = try KeyedContentHashing(vault: committer.vault)
        for source in sources {
            let cursors = try store.cursors(source: source.id).map {
                CollectorCursor(
                    source: $0.source, contentID: $0.contentID, offset: $0.offset, text: String(decoding: $0.state, as: UTF8.self))
            }
            let collector = try FileCollector(
                source: source.id, patterns: source.paths, mode: mode, cursors: cursors, hashing: hashing, modified: source.modified)
            guard let definition = library[source.parser] else { continue }
            store.setState(.idle, of: source.id)
            pipelines.append(
                SourcePipeline(source, definition: definition, collector: collector, keys: keys, limits: limits, clock: clock))
        }
    }

    private var isFull: Bool {
        pipelines.reduce(0) { $0 + $1.pendingEvents } >= limits.commitEvents
            || pipelines.reduce(0) { $0 + $1.pendingBytes } >= limits.commitBytes
    }

    /// Commits what is pending if it is enough, or if it must be.
    private func commit(final: Bool, force: Bool = false) throws {
        guard final || force || isFull else { return }
        let holding = pipelines.filter { final ? $0.hasAnything : $0.hasRecords }
        guard !holding.isEmpty else { return }
        progress.isCommitting = true
        report()
        let outcome = try committer.commit(holding)
        summary.commits += 1
        for (id, added) in outcome.sources { summary.sources[id, default: .init()].add(added) }
        progress.isCommitting = false
        progress.committedBytes = summary.rawBytes
        progress.committedEvents = summary.total.events
    }

    private func takeNotes(of pipeline: SourcePipeline) throws {
        for item in pipeline.takeNotes() {
            if summary.sources[pipeline.configuration.id] == nil { summary.sources[pipeline.configuration.id] = .init() }
            try recordGap(item)
            if case .unreadable = item.note.kind { store.setState(.unreachable, of: item.note.source) }
            let line = Self.line(item.note)
            summary.findings.append(line)
            onFinding(line)
        }
    }

    /// Writes lost and damaged stretches to the log, once each.
    private func recordGap(_ item: SourcePipeline.SourceNote) throws {
        let what: String
        var fields: [String: JSONValue] = ["source": .string(item.note.source), "cause": "cursor"]
        switch item.note.kind {
        case .lost(let bytes):
            what = "bytes were lost before they could be read: the file was truncated, replaced or removed"
            fields["bytes"] = .integer(Int64(clamping: bytes))
        case .damaged:
            what = "a compressed file is damaged or ends early; what could be decoded was taken"
        case .unreadable, .shorterCopy, .noMatch: return
        }
        fields["explanation"] = .string(what)
        fields["content"] = item.note.contentID.map { .string($0) }
        fields["offset"] = item.note.offset.map { .integer(Int64(clamping: $0)) }
        let known = try store.snapshot().entries([.gap]).contains { entry in
            fields.allSatisfy { entry.json[$0.key] == $0.value }
        }
        guard !known else { return }
        fields["from"] = .string(min(item.from ?? item.to, item.to).description)
        fields["to"] = .string(item.to.description)
        try store.appendEntry(.gap, fields)
    }

    /// A finding in one line for people. Paths are the operator's own; nothing of a record is in it.
    private static func line(_ note: CollectionNote) -> String {
        let place = "\(note.source): \(note.name)"
        switch note.kind {
        case .lost(let bytes):
            return "\(place): at least \(bytes) bytes were lost before they could be read; recorded as a gap"
        case .damaged(let reason):
            return "\(place): \(reason); what could be read was taken, the rest is recorded as a gap"
        case .unreadable(let reason): return "\(place): \(reason)"
        case .shorterCopy(let bytes):
            return "\(place): a shorter copy of what was read already; its last \(bytes) bytes could not be compared and were left out"
        case .noMatch: return "\(place): no file matches; check the path"
        }
    }

    private static func monotonic() -> UInt64 {
        let now = ContinuousClock.now
        return UInt64(clamping: (now - start).components.seconds * 1_000 + (now - start).components.attoseconds / 1_000_000_000_000_000)
            &+ 1
    }

    private static let start = ContinuousClock.now
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
