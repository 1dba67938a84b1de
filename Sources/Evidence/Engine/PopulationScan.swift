import AuditModel
import Synchronization
import Timeline
import TransparencyLog

/// One pass over every row of a store: recomputes each batch's `rowsRoot`, keeps the rows that any report selects, and counts.
///
/// Nothing is looked up in an index and nothing is skipped: a row that the scan did not see does not exist, and a row that
/// the seals do not prove stops the scan.
struct PopulationScan {
    /// The seals, by log index ascending.
    private(set) var seals: [BatchSeal] = []
    /// Every log entry, exact bytes.
    let entries: [[UInt8]]
    /// Their types, empty where an entry says none.
    private(set) var entryTypes: [String] = []
    /// What retention deleted, as the entries say.
    private(set) var deleted = DeletedRows()
    /// By source id.
    private(set) var accounts: [String: SourceAccount] = [:]
    /// Rows by report id and set name, in time order.
    private var rows: [String: [String: [EventRow]]] = [:]

    /// Scans the store once for all definitions.
    ///
    /// - Throws: ``EvidenceError``: `integrity` where rows and seals disagree, `noLongerWhole` where salts or rows are gone.
    init(_ store: any EvidenceStore, definitions: [ReportDefinition], period: Period) throws {
        entries = try store.logEntries()
        for (index, bytes) in entries.enumerated() {
            let json: JSONValue
            do { json = try JSONValue(parsing: bytes) } catch {
                throw EvidenceError(.integrity, "log entry \(index) is not JSON: \(error.message); run `proofline fsck`")
            }
            deleted.add(json)
            entryTypes.append(json["type"]?.string ?? "")
            if let seal = try BatchSeal(json, logIndex: UInt64(index)) { seals.append(seal) }
        }
        for source in store.sources { accounts[source.id] = SourceAccount(source: source) }
        for seal in seals {
            let unknown = EvidenceSource(id: seal.source, parser: seal.parser, expectedIntervalMicroseconds: nil, isConfigured: false)
            accounts[seal.source, default: SourceAccount(source: unknown)].add(seal)
            accounts[seal.source]?.deleted += Int64(deleted.count(seal.logIndex))
        }

        let sets = try Self.resolve(definitions, store)
        try readRows(store, sets, period: period, wantsClocks: definitions.contains(where: \.asksSources))
        for report in rows.keys {
            for set in rows[report]?.keys.map({ $0 }) ?? [] { rows[report]?[set]?.sort(by: EventRow.isBefore) }
        }
    }

    /// The rows of a report's set, in time order.
    func rows(report: String, set: String) -> [EventRow] { rows[report]?[set] ?? [] }

    /// What proofline's own trail says about exceptions; another source cannot speak in its name.
    var explanations: Explanations {
        let own = Set(seals.filter { $0.parser == SourceCheck.ownParser }.map(\.logIndex))
        return Explanations(rows(report: "", set: Explanation.action).filter { own.contains($0.logIndex) })
    }

    private struct ScanSet {
        let report: String
        let name: String
        let filter: ResolvedFilter
    }

    private static func resolve(_ definitions: [ReportDefinition], _ store: any EvidenceStore) throws -> [ScanSet] {
        var sets: [ScanSet] = []
        for definition in definitions {
            for set in definition.sets {
                sets.append(
                    ScanSet(report: definition.id, name: set.name, filter: try ResolvedFilter(set.filter) { try store.tokens(of: $0) }))
            }
        }
        // Of no report: asked for by all.
        let explanations: Filter
        do { explanations = try QueryParser.parse("action:\(Explanation.action)", now: Timestamp(microseconds: 0)) } catch {
            preconditionFailure("the filter for explanations does not parse: \(error)")
        }
        sets.append(ScanSet(report: "", name: Explanation.action, filter: try ResolvedFilter(explanations) { try store.tokens(of: $0) }))
        return sets
    }

    /// What one batch gives.
    private struct ScannedBatch: Sendable {
        /// By index, without deleted ones.
        var times: [Timestamp] = []
        /// What the events of the period say of their source's clock.
        var clock = ClockFacts()
        /// For each set the rows that it selects, by index.
        var selected: [[EventRow]] = []
    }

    /// Results of some batches, by their place among them. Each is written by one thread.
    private final class ScannedBatches: @unchecked Sendable {
        private let batches = Mutex<[Int: ScannedBatch]>([:])
        func put(_ batch: ScannedBatch, at place: Int) { batches.withLock { $0[place] = batch } }
        func take(_ place: Int) -> ScannedBatch { batches.withLock { $0.removeValue(forKey: place) } ?? ScannedBatch() }
    }

    /// Batches that are read together: what threads make of them waits for its turn.
    private static let batchesAtOnce = 8

    /// Goes through all rows on all processors; what they give is taken in the order of the log.
    ///
    /// - Parameter wantsClocks: Whether a report asks how the sources' clocks went.
    private mutating func readRows(_ store: any EvidenceStore, _ sets: [ScanSet], period: Period, wantsClocks: Bool) throws {
        let filters = BlockFilters(sets.map(\.filter))
        let workers = QueryWorkers(count: QueryWorkers.processorCount)
        let full = seals.filter { $0.count > 0 }
        let deleted = deleted
        let clockPeriod = wantsClocks ? period : nil
        var first = 0
        while first < full.count {
            let some = Array(full[first..<min(first + Self.batchesAtOnce, full.count)])
            let results = ScannedBatches()
            _ = try workers.run(items: some.count, state: { results }) { results, place in
                results.put(try Self.read(some[place], store, filters, deleted: deleted.count(some[place].logIndex), clockPeriod: clockPeriod), at: place)
            }
            for (place, seal) in some.enumerated() {
                let batch = results.take(place)
                for time in batch.times { accounts[seal.source]?.add(time) }
                accounts[seal.source]?.clock.add(batch.clock)
                for (set, found) in zip(sets, batch.selected) where !found.isEmpty { rows[set.report, default: [:]][set.name, default: []] += found }
            }
            first += some.count
        }
    }

    /// Reads a batch, holds it against its seal, and selects.
    private static func read(
        _ seal: BatchSeal, _ store: any EvidenceStore, _ filters: BlockFilters, deleted: Int, clockPeriod: Period?
    ) throws -> ScannedBatch {
        let batch = try store.block(logIndex: seal.logIndex)
        guard batch.block.rowCount == seal.count - deleted, batch.indexes.count == batch.block.rowCount, batch.tree.size == UInt64(seal.count) else {
            throw EvidenceError(
                .integrity,
                "log entry \(seal.logIndex) seals \(seal.count) events of \(seal.source), retention deleted \(deleted), the store has \(batch.block.rowCount); run `proofline fsck`"
            )
        }
        guard batch.tree.root == seal.rowsRoot else {
            throw EvidenceError(
                .integrity,
                "the events \(seal.firstSeq) to \(seal.firstSeq + Int64(seal.count) - 1) of \(seal.source) are not those that were sealed (log entry \(seal.logIndex)); run `proofline fsck`"
            )
        }
        var order = Array(batch.indexes.indices)
        if !zip(batch.indexes, batch.indexes.dropFirst()).allSatisfy({ $0 < $1 }) { order.sort { batch.indexes[$0] < batch.indexes[$1] } }
        var result = ScannedBatch()
        let block = batch.block
        result.times = order.map { Timestamp(microseconds: block.time[$0] ?? block.observed[$0] ?? 0) }
        if let clockPeriod { result.clock = ClockFacts(block, order: order, period: clockPeriod) }
        // An event that several sets select is made once.
        var made: [Int: EventRow] = [:]
        result.selected = filters.rows(of: block).map { rows in
            rows.sorted { batch.indexes[$0] < batch.indexes[$1] }.map { row in
                if let known = made[row] { return known }
                let index = batch.indexes[row]
                let event = EventRow(seq: seal.firstSeq + Int64(index), logIndex: seal.logIndex, index: index, event: block.event(row))
                made[row] = event
                return event
            }
        }
        return result
    }
}
