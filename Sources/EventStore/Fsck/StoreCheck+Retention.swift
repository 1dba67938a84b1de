import AuditModel
import GRDB
import TransparencyLog

extension StoreCheck {
    /// What `retention` entries say is gone, held against what the catalogue says is gone: rows that are missing without an entry were tampered with.
    mutating func checkRetention(_ db: Database) throws {
        var sealed: [UInt64: [Bool]] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT log_index, bytes FROM entry WHERE type = 'retention' ORDER BY log_index")
        while let row = try rows.next() {
            let index = try row.count("log_index")
            guard let json = try? JSONValue(parsing: try row.blob("bytes")), let batches = json["batches"]?.array else {
                find(.entry, "the retention at log index \(index) cannot be read")
                continue
            }
            for item in batches {
                guard let batch = item["batch"]?.integer.flatMap({ UInt64(exactly: $0) }), let seal = seals[batch],
                    seal["source"] == json["source"], let count = seal["count"]?.integer.map({ Int($0) }), let ranges = Self.ranges(item["removed"], count)
                else {
                    find(.entry, "the retention at log index \(index) names rows that no seal of its source has")
                    continue
                }
                for place in ranges.joined() { sealed[batch, default: [Bool](repeating: false, count: count)][place] = true }
            }
        }
        removed = try Catalogue.removed(db)
        for batch in Set(sealed.keys).union(removed.keys).sorted() {
            if sealed[batch].map(IndexRanges.init(of:)) ?? IndexRanges() != removed[batch]?.rows ?? IndexRanges() {
                find(.retention, "of the batch at log index \(batch) other rows are gone than retention entries say", layout.catalogue)
            }
        }
    }

    private static func ranges(_ json: JSONValue?, _ count: Int) -> [Range<Int>]? {
        guard let list = json?.array else { return nil }
        let ranges = list.compactMap { IndexRanges.range($0, upTo: count) }
        return ranges.count == list.count ? ranges : nil
    }
}
