import AuditModel
import Parquet
import TransparencyLog

/// The checksum over a row of the catalogue that queries rely on: XXH64 of the table's name and the row's values.
///
/// SQLite notices a damaged page only where its structure breaks; a flipped bit in a number would move rows out of sight.
struct RowCheck {
    private var bytes: [UInt8]

    init(table: String) { bytes = Array(table.utf8) }

    /// Adds an integer, or that there is none.
    mutating func add(_ value: Int64?) {
        bytes.append(value == nil ? 0 : 1)
        bytes.appendInteger(value ?? 0)
    }

    /// Adds a text.
    mutating func add(_ text: String) {
        add(Int64(text.utf8.count))
        bytes += Array(text.utf8)
    }

    /// Adds bytes, or that there are none.
    mutating func add(_ value: [UInt8]?) {
        add(value.map { Int64($0.count) })
        bytes += value ?? []
    }

    /// The checksum as SQLite keeps it.
    var value: Int64 { Int64(bitPattern: bytes.withUnsafeBytes { XXH64.hash($0) }) }
}

extension SegmentRecord {
    /// The checksum of its row. Why it is quarantined is not under it, as that changes.
    var rowCheck: Int64 {
        var check = RowCheck(table: "segment")
        for value in [id, seqs.lowerBound, seqs.upperBound, Int64(rowCount), minTime?.microseconds, maxTime?.microseconds, sizeBytes] {
            check.add(value)
        }
        check.add(Int64(checks.tailBytes))
        check.add(Int64(bitPattern: checks.tail))
        check.add(Int64(bitPattern: checks.index))
        return check.value
    }
}

extension BatchRecord {
    /// The checksum of its row. Its segment is not under it, as compaction moves rows.
    var rowCheck: Int64 {
        var check = RowCheck(table: "batch")
        check.add(Int64(logIndex))
        check.add(source)
        check.add(mode.rawValue)
        for value in [epoch, committed.microseconds, firstSeq, Int64(count), minTime?.microseconds, maxTime?.microseconds] { check.add(value) }
        check.add(rowsRoot.map { Array($0.bytes) })
        for value in [counts.received, counts.parsed, counts.duplicates, counts.quarantined, counts.skipped] { check.add(value) }
        return check.value
    }
}

/// A row of the table `entry`.
struct EntryRow {
    var logIndex: Int64
    var type: String
    var source: String?
    /// Microseconds since 1970-01-01T00:00:00Z.
    var committed: Int64
    /// The entry, exactly.
    var bytes: [UInt8]

    /// The checksum of the row.
    var check: Int64 {
        var check = RowCheck(table: "entry")
        check.add(logIndex)
        check.add(type)
        check.add(source.map { Array($0.utf8) })
        check.add(committed)
        check.add(bytes)
        return check.value
    }
}
