import Cryptography
import DurableIO
import GRDB

extension StoreCheck {
    /// The runs of duplicate keys: each file is there, has the checksums that were committed, and its keys ascend (docs/formats/store.md).
    mutating func checkDuplicateKeys(_ db: Database) throws {
        var names: Set<String> = []
        for row in try Row.fetchAll(db, sql: "SELECT * FROM duplicate_run ORDER BY id") {
            let id = try row.count("id")
            let path = layout.duplicateRun(id)
            names.insert("\(StoreLayout.name(id)).keys")
            guard let bytes = try? files.readFile(path) else {
                if try isStillNamed(id) { find(.duplicates, "the file cannot be read", path) }
                continue
            }
            guard Int64(bytes.count) == (try row.count("size_bytes")) else {
                find(.duplicates, "the file has \(bytes.count) bytes, it had \(try row.count("size_bytes"))", path)
                continue
            }
            if let fault = Self.faultOfRun(
                bytes, count: try row.count("count"), days: try row.count("min_day")...max(row.count("min_day"), row.count("max_day")),
                sha256: try row.blob("sha256"))
            {
                find(.duplicates, fault, path)
            }
        }
        report.leftovers += (try? files.list(layout.duplicates))?.filter { !names.contains($0) }.map { "\(layout.duplicates)/\($0)" } ?? []
    }

    /// Whether the catalogue still names a run: a merge beside this check takes files away.
    private func isStillNamed(_ id: Int64) throws -> Bool {
        let now = try Catalogue(path: layout.catalogue, access: .reader)
        defer { now.close() }
        return try now.read { db in try Bool.fetchOne(db, sql: "SELECT 1 FROM duplicate_run WHERE id = ?", arguments: [id]) ?? false }
    }

    /// What is wrong with a run's bytes; nil when nothing is.
    private static func faultOfRun(_ bytes: [UInt8], count: Int64, days: ClosedRange<Int64>, sha256: [UInt8]) -> String? {
        func number(_ offset: Int, _ width: Int) -> UInt64 {
            bytes[offset..<offset + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard bytes.count >= 96, bytes[..<8].elementsEqual(Array("PLDUPKY".utf8) + [0]), number(8, 4) == 1, number(12, 4) == 4_096,
            count > 0, number(16, 8) == UInt64(count), number(24, 2) == UInt64(days.lowerBound), number(26, 2) == UInt64(days.upperBound),
            bytes[28..<64].allSatisfy({ $0 == 0 })
        else { return "its header is not the one that was committed" }
        let width = days.lowerBound == days.upperBound ? 16 : 18
        let blocks = (Int(count) + 4_095) / 4_096
        let directory = 64 + Int(count) * width
        guard bytes.count == directory + 16 * blocks + 32 else { return "its length does not fit its header" }
        let sum = SHA256.hash(Array(bytes[..<64] + bytes[directory..<(bytes.count - 32)])).bytes
        guard sum == sha256, bytes[(bytes.count - 32)...].elementsEqual(sum) else { return "its directory is not the one that was committed" }
        var last: (UInt64, UInt64) = (0, 0)
        for block in 0..<blocks {
            let start = 64 + block * 4_096 * width
            let keys = min(4_096, Int(count) - block * 4_096)
            let entry = directory + 16 * block
            guard SHA256.hash(Array(bytes[start..<(start + keys * width)])).bytes.prefix(8).elementsEqual(bytes[(entry + 8)..<(entry + 16)]) else {
                return "block \(block) is changed"
            }
            guard number(entry, 8) == number(start, 8) else { return "block \(block) begins with another key than its directory says" }
            for key in 0..<keys {
                let pair = (number(start + 16 * key, 8), number(start + 16 * key + 8, 8))
                guard block + key == 0 || last < pair else { return "the keys of block \(block) do not ascend" }
                last = pair
                if width == 18, !days.contains(Int64(number(start + keys * 16 + 2 * key, 2))) { return "a day in block \(block) is out of range" }
            }
        }
        return nil
    }
}
