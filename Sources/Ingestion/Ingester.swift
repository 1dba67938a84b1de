public import AuditModel
import Collection
public import EventStore
public import Minimization
public import Parsing
public import Vault

/// Reads configured sources into a store: once to their end, or on and on.
///
/// Reading is sequential per source; what is read passes a pipeline of blocks on ``IngestLimits/threads`` threads, whose commits come one
/// after another in the order of reading (docs/decisions/0076). Memory is bounded by ``IngestLimits``, since whoever reads waits for room.
///
/// Use it from one thread. Its closures may be called from any thread that works for it, never two at once, and before the call that began the
/// work returns.
public final class Ingester {
    let store: EventStore
    let committer: Committer
    let limits: IngestLimits
    let clock: @Sendable () -> Timestamp
    private let policy: MinimizationPolicy
    private let sources: [SourceConfiguration]
    /// How each source is read, by its id.
    private let definitions: [String: ParserDefinition]
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
        self.limits = limits
        self.clock = clock
        self.policy = policy
        committer = try Committer(store: store, vault: vault, policy: policy)
        definitions = try Self.check(sources, library)
    }

    /// Sees that each source has its parser, and that its mapping is one.
    ///
    /// - Returns: How each source is read, by its id.
    /// - Throws: ``IngestionError`` with the nearest id; `ParsingError` with file, line and column for what is wrong in a mapping.
    @discardableResult
    public static func check(_ sources: [SourceConfiguration], _ library: ParserLibrary) throws -> [String: ParserDefinition] {
        for source in sources where source.id == ActSealer.source {
            throw IngestionError(.configuration, "a source cannot be named `\(source.id)`: under that name stand proofline's own acts; choose another")
        }
        for source in sources where library[source.parser] == nil {
            let hint =
                NearestName.of(source.parser, in: library.ids).map { "did you mean `\($0)`?" }
                ?? "there are \(library.ids.joined(separator: ", ")); --parsers DIR adds more"
            throw IngestionError(.configuration, "no parser is named `\(source.parser)` (source `\(source.id)`); \(hint)")
        }
        var definitions: [String: ParserDefinition] = [:]
        for source in sources { definitions[source.id] = try library.definition(source.parser, mapping: source.mapping) }
        return definitions
    }

    // MARK: Once

    /// Reads what is there to its end.
    ///
    /// - Parameter isStopped: Asked between steps; when true, what was read is committed and the rest left for the next run.
    /// - Throws: `StoreError`, `VaultError`, `MinimizationError`, `CollectionError`. What was committed before stays.
    public func ingest(isStopped: @escaping () -> Bool = { false }) throws -> IngestSummary {
        let report = IngestReport(onFinding: onFinding, onProgress: onProgress, isStopped: isStopped)
        try begin(.ingest, report)
        let readers = try makeReaders(.once)
        let pool = WorkPool()
        let resume = Resume()
        let pipeline = makePipeline(pool, report) { resume.reading?.goOn() }
        let reading = ReadingToEnd(
            readers, pipeline: pipeline, report: report, gaps: GapRecorder(store: store, report: report), limits: limits,
            now: { Self.monotonic() })
        resume.reading = reading
        defer { resume.reading = nil }
        pool.start(helpers: limits.threads - 1)
        defer { pool.stop() }
        reading.begin()
        try pool.help { isIdle in isIdle }
        readers.forEach { $0.collector.close() }
        try store.closeSession()
        return report.summary
    }

    /// Breaks the ring of those who read and those who make room.
    private final class Resume: @unchecked Sendable {
        // Set before anything runs, and cleared when nothing does any more.
        var reading: ReadingToEnd?
    }

    // MARK: Steps

    /// Opens the session, and seals the acts of readers that wait.
    func begin(_ kind: EventStore.SessionKind, _ report: IngestReport) throws {
        try store.openSession(kind)
        try store.configure(sources.map(\.settings))
        try sealActs(report)
    }

    /// Makes events of what readers spooled since.
    func sealActs(_ report: IngestReport) throws {
        for name in try committer.sealActs(now: clock()) where reportedSpoolFiles.insert(name).inserted {
            report.warn("spool/\(name) is not an act that proofline wrote; it was left there: look at it and remove it")
        }
    }

    func makePipeline(_ pool: WorkPool, _ report: IngestReport, didCommit: @escaping @Sendable () -> Void) -> IngestPipeline {
        IngestPipeline(pool: pool, committer: committer, policy: policy, limits: limits, clock: clock) { outcome, group in
            report.didCommit(outcome, rawBytes: group.cuts.reduce(0) { $0 + $1.rawBytes })
            didCommit()
        }
    }

    func makeReaders(_ mode: FileCollector.Mode) throws -> [SourceReader] {
        let hashing = try KeyedContentHashing(vault: committer.vault)
        let keys = DuplicateKeys(vault: committer.vault)
        var readers: [SourceReader] = []
        for source in sources {
            let cursors = try store.cursors(source: source.id).map {
                CollectorCursor(
                    source: $0.source, contentID: $0.contentID, offset: $0.offset, text: String(decoding: $0.state, as: UTF8.self))
            }
            let collector = try FileCollector(
                source: source.id, patterns: source.paths, mode: mode, cursors: cursors, hashing: hashing, modified: source.modified)
            guard let definition = definitions[source.id] else { continue }
            store.setState(.idle, of: source.id)
            readers.append(
                SourceReader(
                    source, place: readers.count, definition: definition, collector: collector,
                    duplicateKeys: keys.keys(of: source.id), limits: limits, clock: clock))
        }
        return readers
    }

    /// Milliseconds since the program began to ask, and one.
    static func monotonic() -> UInt64 {
        let now = ContinuousClock.now
        return UInt64(clamping: (now - start).components.seconds * 1_000 + (now - start).components.attoseconds / 1_000_000_000_000_000)
            &+ 1
    }

    private static let start = ContinuousClock.now
}
