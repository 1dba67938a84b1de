import AuditModel

/// Which rows of which batches retention deleted, by the log's own `retention` entries.
struct DeletedRows: Sendable {
    /// By the log index of the batch. Ranges of several entries never overlap.
    private var rows: [UInt64: IndexRanges] = [:]

    /// Takes note of an entry of any type.
    mutating func add(_ entry: JSONValue) {
        guard entry["type"]?.string == "retention" else { return }
        for item in entry["batches"]?.array ?? [] {
            guard let batch = item["batch"]?.integer.flatMap({ UInt64(exactly: $0) }) else { continue }
            rows[batch, default: IndexRanges()].add((item["removed"]?.array ?? []).compactMap { IndexRanges.range($0, upTo: .max) })
        }
    }

    /// Number of rows deleted of a batch.
    func count(_ batch: UInt64) -> Int { rows[batch]?.count ?? 0 }

    /// Whether a row is gone.
    func contains(_ batch: UInt64, _ index: Int) -> Bool { rows[batch]?.contains(index) ?? false }
}
