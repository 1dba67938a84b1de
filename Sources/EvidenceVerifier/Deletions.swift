import AuditModel

/// What retention deleted of the batches in a pack, by the log's own `retention` entries: rows that no pack can hold or show any more.
struct Deletions {
    /// By the log index of the batch.
    private var rows: [UInt64: IndexRanges] = [:]
    /// Entries that cannot be, with why.
    private(set) var faults: [(logIndex: UInt64, message: String)] = []

    init(_ entries: [LogEntry]) {
        let seals = Dictionary(entries.compactMap { entry in entry.seal.map { (entry.logIndex, $0) } }, uniquingKeysWith: { first, _ in first })
        for entry in entries where entry.type == "retention" {
            do throws(Fault) {
                try add(MemberReader(entry.json), seals)
            } catch {
                faults.append((entry.logIndex, error.message))
            }
        }
        for (batch, ranges) in rows where ranges.overlaps { faults.append((batch, "rows of this batch are deleted twice")) }
    }

    private mutating func add(_ reader: MemberReader, _ seals: [UInt64: LogEntry.Seal]) throws(Fault) {
        let source = try reader.text("source")
        for item in try reader.list("batches", { (item: MemberReader) throws(Fault) in (try item.count("batch"), try item.member("removed")) }) {
            // Batches of sources outside the pack's scope are none of its business.
            guard let seal = seals[UInt64(item.0)] else { continue }
            guard seal.source == source else { throw Fault("the entry is about \(source) and deletes rows of \(seal.source)") }
            var ranges: [Range<Int>] = []
            for pair in item.1.array ?? [] {
                guard let range = IndexRanges.range(pair, upTo: Int(seal.count)) else {
                    throw Fault("the entry deletes rows that its batch does not have")
                }
                ranges.append(range)
            }
            rows[UInt64(item.0), default: IndexRanges()].add(ranges)
        }
    }

    /// Whether the row was deleted.
    func contains(_ row: InclusionCheck.Row) -> Bool { rows[row.logIndex]?.contains(Int(row.index)) ?? false }

    /// Rows deleted of all batches.
    var count: Int64 { rows.values.reduce(0) { $0 + Int64($1.count) } }
}
