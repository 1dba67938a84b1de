import AuditModel

/// Which rows of which batches retention deleted, by the log's own `retention` entries.
struct DeletedRows: Sendable {
    /// Index ranges by the log index of the batch.
    private(set) var ranges: [UInt64: [Range<Int>]] = [:]

    /// Takes note of an entry of any type.
    mutating func add(_ entry: JSONValue) {
        guard entry["type"]?.string == "retention" else { return }
        for item in entry["batches"]?.array ?? [] {
            guard let batch = item["batch"]?.integer.flatMap({ UInt64(exactly: $0) }) else { continue }
            for range in item["removed"]?.array ?? [] {
                guard let pair = range.array, pair.count == 2, let from = pair[0].integer, let to = pair[1].integer, from >= 0, from < to else { continue }
                ranges[batch, default: []].append(Int(from)..<Int(to))
            }
        }
    }

    /// Number of rows deleted of a batch. Ranges of several entries never overlap.
    func count(_ batch: UInt64) -> Int { ranges[batch]?.reduce(0) { $0 + $1.count } ?? 0 }

    /// Whether a row is gone.
    func contains(_ batch: UInt64, _ index: Int) -> Bool { ranges[batch]?.contains { $0.contains(index) } ?? false }
}
