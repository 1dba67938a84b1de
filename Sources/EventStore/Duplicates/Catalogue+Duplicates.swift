import AuditModel
import Cryptography
import Foundation
import GRDB

extension Catalogue {
    /// The runs of duplicate keys, oldest first.
    func duplicateRuns() throws -> [DuplicateRunRecord] {
        try read(Self.duplicateRuns)
    }

    static func duplicateRuns(_ db: Database) throws -> [DuplicateRunRecord] {
        try Row.fetchAll(db, sql: "SELECT * FROM duplicate_run ORDER BY id").map { row in
            guard let sha256 = SHA256Digest(try row.blob("sha256")), let minDay = UInt16(exactly: try row.count("min_day")),
                let maxDay = UInt16(exactly: try row.count("max_day")), minDay <= maxDay
            else { throw StoreError(.damaged, "a row of duplicate_run is damaged: run `proofline fsck`") }
            return DuplicateRunRecord(
                id: try row.count("id"), count: Int(try row.count("count")), minDay: minDay, maxDay: maxDay,
                sizeBytes: try row.count("size_bytes"), sha256: sha256)
        }
    }

    /// A number that no run ever had.
    func nextDuplicateRun() throws -> Int64 {
        try read { db in
            try Int64.fetchOne(db, sql: "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'duplicate_run'") ?? 1
        }
    }

    /// How many keys are in the table.
    func duplicateTableCount() throws -> Int {
        try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM duplicate_key") ?? 0 }
    }

    /// All keys of the table; ``StoreLimits/duplicateTableKeys`` bounds them.
    func duplicateTable() throws -> [DuplicateKey] {
        try read(Self.duplicateTable)
    }

    static func duplicateTable(_ db: Database) throws -> [DuplicateKey] {
        var keys: [DuplicateKey] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT id, bytes, expires FROM duplicate_key")
        while let row = try rows.next() {
            keys.append(
                DuplicateKey(id: UInt64(bitPattern: try row.integer("id")), bytes: UInt64(bitPattern: try row.integer("bytes")), expires: try row.integer("expires")))
        }
        return keys
    }

    /// What the table knows of each key, as ``DuplicateRun/Mark``, in the same order.
    func duplicateMarks(_ keys: [OrderedDuplicateKey]) throws -> [UInt8] {
        try read { db in
            let find = try db.cachedStatement(sql: "SELECT max(bytes = ?) FROM duplicate_key WHERE id = ?")
            return try keys.map { key in
                let found = try Int64.fetchOne(find, arguments: [Int64(bitPattern: key.bytes), Int64(bitPattern: key.id)])
                return switch found {
                case nil: DuplicateRun.Mark.new
                case 1: DuplicateRun.Mark.duplicate
                default: DuplicateRun.Mark.idReused
                }
            }
        }
    }

    /// What a change says of duplicate keys, within its transaction.
    func insertDuplicates(_ change: CatalogueChange, _ db: Database) throws {
        if change.emptiesDuplicateTable { try db.execute(sql: "DELETE FROM duplicate_key") }
        if !change.duplicateKeys.isEmpty {
            let insert = try db.cachedStatement(sql: "INSERT OR REPLACE INTO duplicate_key VALUES (?, ?, ?)")
            for key in change.duplicateKeys {
                try insert.execute(arguments: [Int64(bitPattern: key.id), Int64(bitPattern: key.bytes), key.expires])
            }
        }
        for run in change.duplicateRunsAdded {
            try db.execute(
                sql: "INSERT INTO duplicate_run VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [run.id, run.count, Int64(run.minDay), Int64(run.maxDay), run.sizeBytes, Data(run.sha256.bytes)])
        }
        for id in change.duplicateRunsRemoved { try db.execute(sql: "DELETE FROM duplicate_run WHERE id = ?", arguments: [id]) }
    }

    /// Forgets keys of the table that expired.
    func removeDuplicateKeys(expiredBefore time: Timestamp) throws {
        try write { db in
            try db.execute(sql: "DELETE FROM duplicate_key WHERE expires < ?", arguments: [time.microseconds])
        }
    }
}
