public import AuditModel
import Cryptography
import DurableIO
public import TransparencyLog

/// What a retention did.
public struct RetentionReport: Sendable {
    /// By source id, as planned.
    public internal(set) var sources: [String: RetentionPlan.Source] = [:]
    /// Rows deleted.
    public internal(set) var rows = 0
    /// The entries that say so.
    public internal(set) var entries: [UInt64] = []
    /// Batches without a row left: their salts are to be destroyed.
    public internal(set) var emptied: [EmptiedBatch] = []

    /// A batch whose last row is gone.
    public struct EmptiedBatch: Hashable, Sendable {
        public let firstSeq: Int64
        /// Its raw records' root, under which the vault keeps their salt.
        public let rawRoot: MerkleHash?
    }
}

extension EventStore {
    /// Which rows these rules would delete now. Changes nothing.
    public func planRetention(_ rules: [RetentionRule], now: Timestamp) throws -> RetentionPlan {
        try RetentionPlan(snapshot(), rules: rules, now: now)
    }

    /// Deletes the rows that are older than their source's rule and under no hold.
    ///
    /// Segment by segment: the rows of every batch concerned are led to the root in its seal first, so that nothing is deleted from what was tampered
    /// with; the rows that stay are written into a new segment; one transaction swaps it in, keeps the fewest hashes that stand for what is
    /// gone, and adds `retention` entries that name batches and exact index ranges; then the old files are removed at once. Killed at any point, a
    /// row is there as before or gone with its entry. Run again it goes on where it was.
    ///
    /// - Parameters:
    ///   - salt: A batch's 32-byte salt by the position of its first event.
    ///   - isStopped: Asked between segments.
    /// - Returns: Also which batches have no row left: the caller destroys their salts in the vault, after this and again should it have failed to.
    /// - Throws: ``StoreError``; what was deleted before stays deleted and sealed.
    public func applyRetention(
        _ rules: [RetentionRule], now: Timestamp, salt: (_ firstSeq: Int64) throws -> [UInt8]?, isStopped: () -> Bool = { false }
    ) throws -> RetentionReport {
        let view = try snapshot()
        let plan = try RetentionPlan(view, rules: rules, now: now)
        var report = RetentionReport()
        report.sources = plan.sources
        report.emptied = try plan.emptied.map { try Self.emptied($0, view) }
        for id in plan.removals.keys.sorted() where !isStopped() {
            guard let removals = plan.removals[id] else { continue }
            let rewrite = try prepare(segment: id, removals, view, salt)
            try apply(rewrite, plan, view, &report)
        }
        return report
    }

    private static func emptied(_ batch: BatchRecord, _ view: StoreSnapshot) throws -> RetentionReport.EmptiedBatch {
        let seal = try JSONValue(parsing: view.entry(batch.logIndex))
        return RetentionReport.EmptiedBatch(firstSeq: batch.firstSeq, rawRoot: seal["rawRoot"]?.string.flatMap { MerkleHash(hex: $0) })
    }

    /// A segment without the rows that go, and what is left of those.
    private struct Rewrite {
        let old: Int64
        /// Nil where no row stays.
        var new: (files: SegmentFiles, segment: CatalogueChange.Segment)?
        /// By batch: all that is gone, with what was gone before, and what goes now.
        var removed: [(batch: BatchRecord, all: [Bool], subtrees: [PrunedSubtree], now: [Range<Int>])] = []
    }

    /// Reads, checks and encodes; writes nothing that is named.
    private func prepare(
        segment id: Int64, _ removals: [UInt64: [Bool]], _ view: StoreSnapshot, _ salt: (Int64) throws -> [UInt8]?
    ) throws -> Rewrite {
        guard let record = view.segments.first(where: { $0.id == id }) else {
            throw StoreError(.notFound, "segment \(id) is gone", path: layout.segments)
        }
        let reader = try view.reader(record)
        let rows = try reader.block(rows: Array(0..<record.rowCount))
        let batches = view.batches.filter { $0.segment == id }
        var rewrite = Rewrite(old: id)
        var kept: [SegmentFiles.Batch] = []
        var going: Set<Int64> = []
        for batch in batches {
            var all = [Bool](repeating: false, count: batch.count)
            for range in view.removed(of: batch)?.rows.ranges ?? [] { for index in range { all[index] = true } }
            if let bits = removals[batch.logIndex] {
                guard let key = try salt(batch.firstSeq) else {
                    throw StoreError(.damaged, "the salt of the batch at log index \(batch.logIndex) is gone while rows of it are there: restore the vault from a backup")
                }
                let tree = try view.verifiedBatch(batch, salt: key).tree
                for (index, bit) in bits.enumerated() where bit {
                    all[index] = true
                    going.insert(batch.firstSeq + Int64(index))
                }
                rewrite.removed.append((batch, all, tree.subtrees(where: all), IndexRanges(of: bits).ranges))
            }
            guard all.contains(false) else { continue }
            kept.append(try reader.movedBatch(batch, entry: try view.entry(batch.logIndex), index: layout.index, removed: all))
        }
        let gone = (0..<rows.rowCount).filter { going.contains(rows.seq.values[$0]) }
        guard gone.count < rows.rowCount else { return rewrite }
        rows.remove(rows: gone)
        let sorted = EventBlock(rows, order: Compactor.timeOrder(rows))
        let files = try SegmentFiles.encode(compacted: sorted, batches: kept)
        let times = sorted.time.values.filter { $0 != IntegerColumn.absent }.map { Timestamp(microseconds: $0) }
        let newID = try exclusively { try reserveSegmentNumber() }
        let new = SegmentRecord(
            id: newID, seqs: (kept.first?.firstSeq ?? 0)..<(kept.last?.seqs.upperBound ?? 0), rowCount: sorted.rowCount, minTime: times.first, maxTime: times.last, sizeBytes: Int64(files.parquet.count),
            damage: nil, checks: files.checks)
        rewrite.new = (files, CatalogueChange.Segment(new, files, firstLogIndex: kept.first?.logIndex ?? 0))
        return rewrite
    }

    private func apply(_ rewrite: Rewrite, _ plan: RetentionPlan, _ view: StoreSnapshot, _ report: inout RetentionReport) throws {
        if let new = rewrite.new { try write(new.files, id: new.segment.record.id) }
        let rows = rewrite.removed.reduce(0) { $0 + $1.now.reduce(0) { $0 + $1.count } }
        let indexes = try exclusively { () -> [UInt64] in
            try prepareToWrite()
            guard let state = writer else { throw Self.notAWriter(layout) }
            let now = options.clock()
            var change = state.change(committed: now)
            var indexes: [UInt64] = []
            var lastEntry: [UInt64: UInt64] = [:]
            for entry in try RetentionEntries.make(rewrite.removed.map { ($0.batch, $0.now) }, sources: plan.sources, at: now) {
                let index = change.append(.retention, source: entry.source, entry.bytes)
                indexes.append(index)
                for batch in entry.batches { lastEntry[batch] = index }
            }
            change.replacement = CatalogueChange.Replacement(
                old: [rewrite.old], new: rewrite.new?.segment, since: Timestamp(microseconds: 0))
            change.removed = rewrite.removed.map { item in
                (item.batch.logIndex, RemovedRows(rows: IndexRanges(of: item.all), subtrees: item.subtrees, entry: lastEntry[item.batch.logIndex] ?? 0))
            }
            try apply(change)
            publish()
            return indexes
        }
        try removeReplacedFiles()
        report.rows += rows
        report.entries += indexes
        for item in rewrite.removed where !item.all.contains(false) { report.emptied.append(try Self.emptied(item.batch, view)) }
    }
}

/// `retention` entries (docs/formats/seal.md): which rows of which batches went, and by which rule.
enum RetentionEntries {
    /// One source's entry; a source with many ranges has several.
    static func make(
        _ removed: [(batch: BatchRecord, ranges: [Range<Int>])], sources: [String: RetentionPlan.Source], at now: Timestamp
    ) throws -> [(source: String, batches: [UInt64], bytes: [UInt8])] {
        var entries: [(source: String, batches: [UInt64], bytes: [UInt8])] = []
        let bySource = Dictionary(grouping: removed, by: \.batch.source)
        for (source, batches) in bySource.sorted(by: { $0.key < $1.key }) {
            guard let rule = sources[source] else { continue }
            var parts: [JSONValue] = []
            var size = 0
            func close() throws {
                guard !parts.isEmpty else { return }
                let fields: [String: JSONValue] = [
                    "source": .string(source), "rule": "age", "keepSeconds": .integer(rule.keepSeconds), "before": .string(rule.cutoff.description),
                    "batches": .array(parts),
                ]
                let named = parts.compactMap { $0["batch"]?.integer.flatMap { UInt64(exactly: $0) } }
                entries.append((source, named, try EventStore.entry(.retention, at: now, fields)))
                (parts, size) = ([], 0)
            }
            for (batch, ranges) in batches {
                var rest = ranges[...]
                while !rest.isEmpty {
                    // About 16 bytes a range; an entry has 16 KiB.
                    if size > 11_000 { try close() }
                    let now = rest.prefix(600)
                    rest = rest.dropFirst(now.count)
                    let list = now.map { JSONValue.array([.integer(Int64($0.lowerBound)), .integer(Int64($0.upperBound))]) }
                    parts.append(["batch": .integer(Int64(batch.logIndex)), "removed": .array(list)])
                    size += 40 + 16 * now.count
                    if size > 11_000 { try close() }
                }
            }
            try close()
        }
        return entries
    }
}
