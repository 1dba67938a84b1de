import AuditModel
import EventStore
import Glibc
import Timeline
import Vault

/// A store held open for questions: what `query` uses once and `shell` again and again.
final class QuerySession {
    /// What came of a question, beside what was printed.
    struct Told {
        let matchCount: Int
        /// Rows or groups that were printed.
        let shown: Int
        let isGrouped: Bool
        let unknownNames: Int
        let effort: QueryEffort
        /// The asked interval, or the answer's own where none was asked; nil where there is neither.
        let period: Range<Timestamp>?
        let snapshot: StoreSnapshot
        /// From the question to its last row.
        let microseconds: Int64

        /// How many events, or groups of how many.
        var countText: String {
            func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
            if isGrouped { return "\(count(shown, "row")) over \(count(matchCount, "event"))" }
            return shown == matchCount ? count(shown, "event") : "the first \(shown) of \(matchCount) events"
        }
    }

    /// The store and what it was when it was opened.
    private struct Opened: Sendable {
        let store: EventStore
        let snapshot: StoreSnapshot
        let mark: [Int64]
    }

    private let layout: StoreLayout
    /// The store is opened while the first question is read and its names are looked up.
    private let opening: Beside<Opened>
    private var knownVault: Vault?
    private let options: QueryOptions
    private let codes = GlobalCodes()
    private var known: (snapshot: StoreSnapshot, mark: [Int64])?

    init(store directory: String, options: QueryOptions, pageCacheBytes: Int) throws {
        var storeOptions = StoreOptions()
        storeOptions.pageCacheBytes = pageCacheBytes
        let layout = StoreLayout(directory: directory)
        self.layout = layout
        self.options = options
        opening = Beside { [storeOptions] in
            let store = try EventStore.open(directory: directory, access: .reader, options: storeOptions)
            do {
                let mark = Self.commitMark(layout)
                return Opened(store: store, snapshot: try store.snapshot(), mark: mark)
            } catch {
                store.close()
                throw error
            }
        }
    }

    /// Waits until the store is open; throws where it cannot be.
    func open() throws { try opening.wait() }

    func close() { try? opening.wait().store.close() }

    /// The vault, opened for the first question that names somebody.
    private func vault() throws -> Vault {
        if let knownVault { return knownVault }
        do {
            let vault = try Vault.open(directory: layout.vault, access: .reader)
            knownVault = vault
            return vault
        } catch {
            // Where there is no store either, that is what is said.
            try opening.wait()
            throw error
        }
    }

    /// The origin of the store's log.
    func origin() throws -> String { try opening.wait().store.manifest.origin }

    /// Answers a question and prints its rows.
    ///
    /// - Parameters:
    ///   - limit: Most rows or groups; the question may say fewer.
    ///   - render: What rows become, where not what the format says; on any thread.
    func answer(
        _ text: String, format: QueryFormat, limit: Int?, render: (@Sendable (RowBatch) throws -> QueryPrinter.Piece)? = nil
    ) throws -> Told {
        let begin = Self.clock()
        let now = Timestamp.now
        let question: Query
        do { question = try QueryParser.question(text, now: now) } catch { throw VerbError.usage(error.description) }
        let resolved = try ResolvedFilter(question.filter) { try vault().tokens(ofPersonWith: $0) }
        // No act, no answer: rows wait until it is durable, their evaluation does not.
        let act = resolved.tokens.isEmpty ? nil : QueryAct(resolved: resolved, stages: question.stages).begin(in: layout, now: now)
        let snapshot: StoreSnapshot
        let most: Int?
        let outcome: Outcome
        do {
            snapshot = try self.snapshot()
            most = [limit, question.limit].compactMap { $0 }.min()
            let engine = QueryEngine(snapshot: snapshot, options: options, codes: codes)
            outcome =
                if let aggregation = question.aggregation {
                    try printGroups(engine, resolved, aggregation, format, most, act)
                } else {
                    try printRows(engine, resolved, format, render ?? { try QueryPrinter.render($0, format) }, most, act)
                }
        } catch {
            // The act of a question that failed is an act too, and it must be whole before the process ends.
            try act?.wait()
            throw error
        }
        try StandardOutput.flush()
        return Told(
            matchCount: outcome.matchCount, shown: outcome.shown, isGrouped: question.aggregation != nil,
            unknownNames: resolved.unknownNames, effort: outcome.effort, period: Self.period(resolved.filter, outcome.times),
            snapshot: snapshot, microseconds: Self.clock() - begin)
    }

    private struct Outcome {
        let matchCount: Int
        let shown: Int
        let effort: QueryEffort
        let times: ClosedRange<Timestamp>?
    }

    private func printRows(
        _ engine: QueryEngine, _ resolved: ResolvedFilter, _ format: QueryFormat,
        _ render: @escaping @Sendable (RowBatch) throws -> QueryPrinter.Piece, _ limit: Int?, _ act: Beside<Void>?
    ) throws -> Outcome {
        let printer = QueryPrinter(format)
        let summary = try engine.rows(
            resolved, limit: limit, render: render,
            deliver: { piece in
                try act?.wait()
                try printer.print(piece)
            })
        try act?.wait()
        try printer.finish()
        return Outcome(
            matchCount: summary.matchCount, shown: summary.effort.rowsBuilt, effort: summary.effort, times: summary.timeRange)
    }

    private func printGroups(
        _ engine: QueryEngine, _ resolved: ResolvedFilter, _ aggregation: Aggregation, _ format: QueryFormat, _ limit: Int?,
        _ act: Beside<Void>?
    ) throws -> Outcome {
        let answer = try engine.aggregate(resolved, aggregation)
        try act?.wait()
        let shown = min(answer.rowCount, limit ?? .max)
        try QueryPrinter(format).print(answer, count: shown)
        return Outcome(matchCount: answer.matchCount, shown: shown, effort: answer.effort, times: answer.timeRange)
    }

    private static func period(_ filter: Filter, _ times: ClosedRange<Timestamp>?) -> Range<Timestamp>? {
        let bounds = filter.timeBounds
        guard let from = bounds.from ?? times?.lowerBound,
            let until = bounds.until ?? times.map({ Timestamp(microseconds: $0.upperBound.microseconds + 1) }), from < until
        else { return nil }
        return from..<until
    }

    // MARK: Snapshot

    /// The store as of now: the one at hand where no file says that anything was committed, compacted or published since.
    private func snapshot() throws -> StoreSnapshot {
        let opened = try opening.wait()
        if known == nil { known = (opened.snapshot, opened.mark) }
        let mark = Self.commitMark(layout)
        if let known, known.mark == mark { return known.snapshot }
        let snapshot = try opened.store.snapshot()
        known = (snapshot, mark)
        return snapshot
    }

    /// Sizes and times of the files that every commit changes, read before the snapshot is taken.
    private static func commitMark(_ layout: StoreLayout) -> [Int64] {
        var mark: [Int64] = []
        for path in [layout.catalogue, layout.catalogue + "-wal", layout.log + "/checkpoint"] {
            var status = stat()
            guard stat(path, &status) == 0 else {
                mark.append(-1)
                continue
            }
            mark += [
                Int64(status.st_ino), Int64(status.st_size), Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            ]
        }
        return mark
    }

    private static func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
