import AuditModel
import GRDB

extension StoreCheck {
    /// What `reparse` entries resolve, told from the log alone: each record once, of a batch that counts it as quarantined, by a seal that says so.
    mutating func checkCorrections(_ db: Database) throws {
        var resolved: [UInt64: Int64] = [:]
        var bySeal: [UInt64: [Int64]] = [:]
        var stretches: [String: [(from: Int64, to: Int64)]] = [:]
        let names = ["records", "parsed", "duplicates", "skipped"]
        let entries = try Row.fetchCursor(db, sql: "SELECT log_index, bytes FROM entry WHERE type = 'reparse' ORDER BY log_index")
        while let row = try entries.next() {
            let index = UInt64(try row.count("log_index"))
            guard let json = try? JSONValue(parsing: try row.blob("bytes")), let batch = json["batch"]?.integer.flatMap(UInt64.init(exactly:)),
                let sealIndex = json["seal"]?.integer.flatMap(UInt64.init(exactly:)), batch < sealIndex, sealIndex < index, let old = seals[batch],
                let new = seals[sealIndex], let content = json["content"]?.string, let list = json["ranges"]?.array, !list.isEmpty
            else {
                find(.ledger, "the reparse at log index \(index) names no batch, seal or range")
                continue
            }
            let counts = names.map { json["resolved"]?[$0]?.integer ?? -1 }
            if counts.contains(where: { $0 < 0 || $0 > 1 << 40 }) || counts[0] != counts[1] + counts[2] + counts[3] || counts[0] == 0 {
                find(.ledger, "the reparse at log index \(index): records are not parsed + duplicates + skipped")
                continue
            }
            if old["source"] != json["source"] || new["source"] != json["source"] || new["mode"]?.string != "reparse"
                || new["parser"] != json["parser"] || old["parser"] != json["before"] || new["parserBefore"] != json["before"]
            {
                find(.ledger, "the reparse at log index \(index) and its seals name other sources or definitions")
            }
            resolved[batch, default: 0] += counts[0]
            bySeal[sealIndex] = zip(bySeal[sealIndex] ?? [0, 0, 0, 0], counts).map { $0 + $1 }
            try checkRanges(db, list, index, batch: batch, source: json["source"]?.string ?? "", content: content, &stretches)
        }
        for (batch, count) in resolved.sorted(by: { $0.key < $1.key }) where count > seals[batch]?["quarantined"]?.integer ?? 0 {
            find(.ledger, "of the batch at log index \(batch) more records are resolved than were quarantined")
        }
        for (key, list) in stretches {
            let ordered = list.sorted { $0.from < $1.from }
            for (one, next) in zip(ordered, ordered.dropFirst()) where next.from < one.to {
                find(.ledger, "bytes \(next.from) to \(one.to) of content \(key.split(separator: "\u{0}").last ?? "") are resolved twice")
            }
        }
        for (index, seal) in seals.sorted(by: { $0.key < $1.key }) {
            let own = seal["resolved"].map { resolved in names.map { resolved[$0]?.integer ?? -1 } }
            if own != bySeal[index] || (seal["mode"]?.string == "reparse") != (own != nil) {
                find(.ledger, "the seal at log index \(index) resolves other records than the reparse entries behind it")
            }
            if own != nil, seal["received"]?.integer != 0 {
                find(.ledger, "the seal at log index \(index) counts records that were received before")
            }
        }
    }

    /// Each range lies in what the batch accounts for of the content, and no byte is resolved twice.
    private mutating func checkRanges(
        _ db: Database, _ list: [JSONValue], _ index: UInt64, batch: UInt64, source: String, content: String,
        _ stretches: inout [String: [(from: Int64, to: Int64)]]
    ) throws {
        let row = try Row.fetchOne(
            db, sql: "SELECT min(from_byte) AS low, max(to_byte) AS high FROM ledger WHERE log_index = ? AND source = ? AND content_id = ?",
            arguments: [Int64(clamping: batch), source, content])
        let low = try row?.optionalInteger("low") ?? 0
        let high = try row?.optionalInteger("high") ?? -1
        let key = "\(source)\u{0}\(content)"
        for item in list {
            guard let pair = item.array, pair.count == 2, let from = pair[0].integer, let to = pair[1].integer, low <= from, from < to, to <= high else {
                find(.ledger, "the reparse at log index \(index) names bytes that its batch does not account for")
                continue
            }
            stretches[key, default: []].append((from, to))
        }
    }
}
