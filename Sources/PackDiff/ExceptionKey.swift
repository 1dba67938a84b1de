import AuditModel
import Cryptography

/// What makes an exception the same one in two packs, for packs whose tables do not name it (column `key`).
enum ExceptionKey {
    /// `K-` and 12 hex digits over report, rule and what identifies the row.
    static func derived(report: String, rule: String, same: [String]) -> String {
        "K-" + SHA256.hash(([report, rule] + same).joined(separator: "\n")).hex.prefix(12)
    }

    /// What identifies an item beyond its quarter: its id, or, where that is the place of an event, its cells that are no times.
    struct Identities {
        private var cells: [String: [String]] = [:]

        init(_ population: (header: [String], rows: [[String]])?) {
            guard let population, population.header.count >= 5 else { return }
            for row in population.rows where row[0].contains("seq:") {
                // Between the item's place and its result lie the definition's columns.
                cells[row[0]] = row[3..<(row.count - 2)].filter { Timestamp(rfc3339: $0) == nil }
            }
        }

        func of(_ item: String) -> [String] { cells[item] ?? [item] }
    }
}
