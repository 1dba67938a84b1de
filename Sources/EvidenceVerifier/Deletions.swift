import AuditModel

/// What retention deleted of the batches in a pack, by the log's own `retention` entries: rows that no pack can hold or show any more.
struct Deletions {
    /// Index ranges by the log index of the batch, ascending, none overlapping.
    private var ranges: [UInt64: [Range<Int64>]] = [:]
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
        for batch in ranges.keys {
            let sorted = ranges[batch, default: []].sorted { $0.lowerBound < $1.lowerBound }
            ranges[batch] = sorted
            if zip(sorted, sorted.dropFirst()).contains(where: { $0.upperBound > $1.lowerBound }) {
                faults.append((batch, "rows of this batch are deleted twice"))
            }
        }
    }

    private mutating func add(_ reader: MemberReader, _ seals: [UInt64: LogEntry.Seal]) throws(Fault) {
        let source = try reader.text("source")
        for item in try reader.list("batches", { (item: MemberReader) throws(Fault) in (try item.count("batch"), try item.member("removed")) }) {
            // Batches of sources outside the pack's scope are none of its business.
            guard let seal = seals[UInt64(item.0)] else { continue }
            guard seal.source == source else { throw Fault("the entry is about \(source) and deletes rows of \(seal.source)") }
            for pair in item.1.array ?? [] {
                guard let pair = pair.array, pair.count == 2, let from = pair[0].integer, let to = pair[1].integer, from >= 0, from < to, to <= seal.count
                else { throw Fault("the entry deletes rows that its batch does not have") }
                ranges[UInt64(item.0), default: []].append(from..<to)
            }
        }
    }

    /// Whether the row was deleted.
    func contains(_ row: InclusionCheck.Row) -> Bool {
        guard let own = ranges[row.logIndex] else { return false }
        var low = 0
        var high = own.count
        while low < high {
            let middle = (low + high) / 2
            if own[middle].upperBound <= row.index { low = middle + 1 } else { high = middle }
        }
        return low < own.count && own[low].contains(row.index)
    }

    /// Rows deleted of all batches.
    var count: Int64 { ranges.values.reduce(0) { $0 + $1.reduce(0) { $0 + Int64($1.count) } } }
}
