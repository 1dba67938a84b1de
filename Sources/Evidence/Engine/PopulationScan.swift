import AuditModel
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
    /// What retention deleted, as the entries say.
    private(set) var deleted = DeletedRows()
    /// By source id.
    private(set) var accounts: [String: SourceAccount] = [:]
    /// Rows by report id and set name, in time order.
    private var rows: [String: [String: [EventRow]]] = [:]

    /// Scans the store once for all definitions.
    ///
    /// - Throws: ``EvidenceError``: `integrity` where rows and seals disagree, `noLongerWhole` where salts or rows are gone.
    init(_ store: any EvidenceStore, definitions: [ReportDefinition]) throws {
        entries = try store.logEntries()
        for (index, bytes) in entries.enumerated() {
            let json: JSONValue
            do { json = try JSONValue(parsing: bytes) } catch {
                throw EvidenceError(.integrity, "log entry \(index) is not JSON: \(error.message); run `proofline fsck`")
            }
            deleted.add(json)
            if let seal = try BatchSeal(json, logIndex: UInt64(index)) { seals.append(seal) }
        }
        for source in store.sources { accounts[source.id] = SourceAccount(source: source) }
        for seal in seals {
            let unknown = EvidenceSource(id: seal.source, parser: seal.parser, expectedIntervalMicroseconds: nil, isConfigured: false)
            accounts[seal.source, default: SourceAccount(source: unknown)].add(seal)
            accounts[seal.source]?.deleted += Int64(deleted.count(seal.logIndex))
        }

        let sets = try Self.resolve(definitions, store)
        for seal in seals where seal.count > 0 {
            let batch = try Self.batch(of: seal, store, deleted: deleted.count(seal.logIndex))
            for (index, event) in zip(batch.indexes, batch.events) {
                let row = EventRow(seq: seal.firstSeq + Int64(index), logIndex: seal.logIndex, index: index, event: event)
                accounts[seal.source]?.add(row)
                for set in sets where set.filter.matches(event) { rows[set.report, default: [:]][set.name, default: []].append(row) }
            }
        }
        for report in rows.keys {
            for set in rows[report]?.keys.map({ $0 }) ?? [] { rows[report]?[set]?.sort(by: EventRow.isBefore) }
        }
    }

    /// The rows of a report's set, in time order.
    func rows(report: String, set: String) -> [EventRow] { rows[report]?[set] ?? [] }

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
        return sets
    }

    /// Reads a batch and holds it against its seal.
    private static func batch(of seal: BatchSeal, _ store: any EvidenceStore, deleted: Int) throws -> EvidenceBatch {
        let batch = try store.batch(logIndex: seal.logIndex)
        guard batch.events.count == seal.count - deleted, batch.lines.count == batch.events.count, batch.tree.size == UInt64(seal.count) else {
            throw EvidenceError(
                .integrity,
                "log entry \(seal.logIndex) seals \(seal.count) events of \(seal.source), retention deleted \(deleted), the store has \(batch.events.count); run `proofline fsck`"
            )
        }
        guard batch.tree.root == seal.rowsRoot else {
            throw EvidenceError(
                .integrity,
                "the events \(seal.firstSeq) to \(seal.firstSeq + Int64(seal.count) - 1) of \(seal.source) are not those that were sealed (log entry \(seal.logIndex)); run `proofline fsck`"
            )
        }
        return batch
    }
}
