import AuditModel
import Cryptography
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
    /// By source id.
    private(set) var accounts: [String: SourceAccount] = [:]
    /// Rows by report id and set name, in time order.
    private var rows: [String: [String: [EventRow]]] = [:]

    /// Scans the store once for all definitions.
    ///
    /// - Throws: ``EvidenceError``: `integrity` where rows and seals disagree, `noLongerWhole` where salts or rows are gone.
    init(_ store: any EvidenceStore, definitions: [ReportDefinition]) throws {
        entries = try store.logEntries()
        var sealByIndex: [UInt64: BatchSeal] = [:]
        for (index, bytes) in entries.enumerated() {
            let json: JSONValue
            do { json = try JSONValue(parsing: bytes) } catch {
                throw EvidenceError(.integrity, "log entry \(index) is not JSON: \(error.message); run `proofline fsck`")
            }
            if let seal = try BatchSeal(json, logIndex: UInt64(index)) {
                seals.append(seal)
                sealByIndex[UInt64(index)] = seal
            }
        }
        for source in store.sources { accounts[source.id] = SourceAccount(source: source) }
        for seal in seals {
            let unknown = EvidenceSource(id: seal.source, parser: seal.parser, expectedIntervalMicroseconds: nil, isConfigured: false)
            accounts[seal.source, default: SourceAccount(source: unknown)].add(seal)
        }

        let sets = try Self.resolve(definitions, store)
        var unseen = Set(seals.filter { $0.count > 0 }.map(\.logIndex))
        try store.forEachBatch { logIndex, events in
            guard let seal = sealByIndex[logIndex] else {
                throw EvidenceError(.integrity, "the store has rows of a batch that the log does not know (entry \(logIndex)); run `proofline fsck`")
            }
            try Self.check(events, seal, store)
            unseen.remove(logIndex)
            for (index, event) in events.enumerated() {
                let row = EventRow(seq: seal.firstSeq + Int64(index), logIndex: logIndex, index: index, event: event)
                accounts[seal.source]?.add(row)
                for set in sets where set.filter.matches(event) { rows[set.report, default: [:]][set.name, default: []].append(row) }
            }
        }
        if let missing = unseen.min() {
            throw EvidenceError(.noLongerWhole, "the rows of the batch sealed by log entry \(missing) are gone; no whole population can be built from this store")
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
                sets.append(ScanSet(report: definition.id, name: set.name, filter: try ResolvedFilter(set.filter) { try store.tokens(of: $0) }))
            }
        }
        return sets
    }

    /// Recomputes the batch's root from its rows.
    private static func check(_ events: [Event], _ seal: BatchSeal, _ store: any EvidenceStore) throws {
        guard events.count == seal.count else {
            throw EvidenceError(
                .integrity, "log entry \(seal.logIndex) seals \(seal.count) events of \(seal.source), the store has \(events.count); run `proofline fsck`")
        }
        guard seal.count > 0 else { return }
        let leaves = try BatchLines(events, seal: seal, store: store).leaves
        guard MerkleTree.root(of: leaves) == seal.rowsRoot else {
            throw EvidenceError(
                .integrity, "the events \(seal.firstSeq) to \(seal.firstSeq + Int64(seal.count) - 1) of \(seal.source) are not those that were sealed (log entry \(seal.logIndex)); run `proofline fsck`")
        }
    }
}

/// The canonical lines of a batch, with their salts.
struct BatchLines {
    /// Lines without line feed, in index order.
    let lines: [[UInt8]]

    var leaves: [MerkleHash] { lines.map { MerkleHash.leaf($0) } }

    init(_ events: [Event], seal: BatchSeal, store: any EvidenceStore) throws {
        guard let batchSalt = try store.batchSalt(firstSeq: seal.firstSeq) else {
            throw EvidenceError(.noLongerWhole, "the salt of the batch sealed by log entry \(seal.logIndex) was destroyed with its events; this body cannot be built again")
        }
        lines = events.enumerated().map { index, event in event.canonicalLine(salt: Self.salt(batchSalt, index: UInt64(index))) }
    }

    /// First 16 bytes, in hex, of SHA-256(batchSalt ‖ u64 index, big-endian).
    static func salt(_ batchSalt: [UInt8], index: UInt64) -> String {
        var bytes = batchSalt
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: index >> UInt64(shift))) }
        return Hex.encode(Array(SHA256.hash(bytes).bytes.prefix(16)))
    }
}
