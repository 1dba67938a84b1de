import AuditModel
import DurableIO
import Parquet

/// Which of the files in `segments/` hold the rows of the log's batches.
///
/// A file counts when the log has all its seals, byte for byte, and it has as many rows as they have but for those that `retention` entries name:
/// so neither what was never committed nor what was rewritten since is taken. Where several files hold the same batches, a compaction came between,
/// and the newest is taken.
struct RebuiltSegments {
    /// Segments for the catalogue, with the log indexes of their batches.
    private(set) var chosen: [(segment: CatalogueChange.Segment, batches: [UInt64], damage: String?)] = []
    /// Files whose rows are in newer ones.
    private(set) var replaced: [Int64] = []
    /// Files that the log does not name.
    private(set) var unnamed: [Int64] = []
    private(set) var lost: [String] = []
    /// A number that no segment ever had, as far as can be seen.
    private(set) var nextSegment: Int64 = 1
    private let layout: StoreLayout
    private let files: any FileSystem
    private let log: RebuiltLog
    /// Batches whose rows have been found.
    private var found: Set<UInt64> = []

    init(_ layout: StoreLayout, _ files: any FileSystem, _ log: RebuiltLog) {
        (self.layout, self.files, self.log) = (layout, files, log)
    }

    /// Looks at all files.
    ///
    /// - Parameter entry: Gives a log entry's bytes.
    mutating func choose(_ entry: (UInt64) throws -> [UInt8]?) throws {
        let ids = try files.list(layout.segments).compactMap { name -> Int64? in
            name.hasSuffix(".parquet") ? Int64(name.dropLast(8)) : nil
        }
        nextSegment = max(ids.max() ?? 0, log.damage.map(\.segment).max() ?? 0) + 1
        let damaged = Dictionary(log.damage.map { ($0.segment, $0) }, uniquingKeysWith: { _, last in last })
        for id in ids.sorted(by: >) { try look(at: id, damaged[id]?.reason, entry) }
        for item in damaged.values.sorted(by: { $0.segment < $1.segment }) where !chosen.contains(where: { $0.segment.record.id == item.segment }) {
            putInDamaged(item)
        }
        chosen.sort { $0.segment.record.id < $1.segment.record.id }
        let missing = log.batches.filter { !found.contains($0.key) && rowsLeft($0.key, $0.value) > 0 }
        for (index, batch) in missing.sorted(by: { $0.key < $1.key }) {
            lost.append("the rows of the batch at log index \(index) (\(batch.count) events): no segment has them")
        }
    }

    private func rowsLeft(_ index: UInt64, _ batch: RebuiltLog.Batch) -> Int {
        batch.count - (log.removed[index]?.bits.count(where: { $0 }) ?? 0)
    }

    private mutating func look(at id: Int64, _ damage: String?, _ entry: (UInt64) throws -> [UInt8]?) throws {
        guard let evidence = try SegmentEvidence(id, layout: layout, files: files) else {
            if damage == nil { lost.append("what \(layout.segment(id)) holds: it cannot be read") }
            return
        }
        var rows = 0
        var isNamed = !evidence.batches.isEmpty
        for batch in evidence.batches {
            guard let known = log.batches[batch.logIndex], try entry(batch.logIndex) == batch.entry else {
                isNamed = false
                break
            }
            rows += rowsLeft(batch.logIndex, known)
        }
        let indexes = evidence.batches.map(\.logIndex)
        guard isNamed, rows == evidence.rowCount else {
            // Rows of a batch that are in a file from before a retention or in one that was never committed.
            unnamed.append(id)
            return
        }
        guard found.isDisjoint(with: indexes) else {
            if found.isSuperset(of: indexes) { replaced.append(id) } else { unnamed.append(id) }
            return
        }
        found.formUnion(indexes)
        if evidence.isContradicted {
            lost.append("the certainty that \(layout.segment(id)) is as it was committed: its index has other checksums of its bytes")
        }
        chosen.append((evidence.record(seqs: span(of: indexes)), indexes, damage))
    }

    private func span(of indexes: [UInt64]) -> Range<Int64> {
        let batches = indexes.compactMap { log.batches[$0] }
        let first = batches.map(\.firstSeq).min() ?? 0
        return first..<max(first, batches.map { $0.firstSeq + Int64($0.count) }.max() ?? 0)
    }

    /// A segment that was set aside and cannot be read: its batches are those from its first position on that nothing else has.
    private mutating func putInDamaged(_ item: RebuiltLog.Damage) {
        var rows: Int64 = 0
        var indexes: [UInt64] = []
        for (index, batch) in log.batches.sorted(by: { $0.key < $1.key }) where batch.firstSeq >= item.firstSeq && !found.contains(index) && rowsLeft(index, batch) > 0 {
            guard rows < item.rowCount else { break }
            rows += Int64(rowsLeft(index, batch))
            indexes.append(index)
        }
        guard !indexes.isEmpty else { return }
        found.formUnion(indexes)
        let record = SegmentRecord(
            id: item.segment, seqs: span(of: indexes), rowCount: Int(rows), minTime: nil, maxTime: nil, sizeBytes: 0, damage: nil)
        let segment = CatalogueChange.Segment(
            record: record, sha256: SegmentEvidence.unknown, indexSizeBytes: 0, indexSHA256: SegmentEvidence.unknown, firstLogIndex: indexes.min() ?? 0)
        chosen.append((segment, indexes, item.reason))
    }
}
