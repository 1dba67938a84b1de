import AuditModel
import Cryptography
import Foundation
import GRDB

/// What only a rebuild writes.
extension Catalogue {
    /// Puts segments in, and says which batches have their rows there.
    func insert(_ segments: [(segment: CatalogueChange.Segment, batches: [UInt64], damage: String?)], replaced: [Int64], at time: Timestamp) throws {
        try write { db in
            for item in segments {
                try self.insert(item.segment, db)
                for batch in item.batches {
                    try db.cachedStatement(sql: "UPDATE batch SET segment = ? WHERE log_index = ?")
                        .execute(arguments: [item.segment.record.id, Int64(batch)])
                }
                if let damage = item.damage {
                    try db.execute(sql: "UPDATE segment SET damage = ? WHERE id = ?", arguments: [damage, item.segment.record.id])
                }
            }
            for id in replaced { try db.execute(sql: "INSERT INTO replaced_segment VALUES (?, ?)", arguments: [id, time.microseconds]) }
        }
    }

    /// Makes sure that no run of duplicate keys gets a number below this.
    func setNextDuplicateRun(_ next: Int64) throws {
        try write { db in
            try db.execute(sql: "DELETE FROM sqlite_sequence WHERE name = 'duplicate_run'")
            try db.execute(sql: "INSERT INTO sqlite_sequence VALUES ('duplicate_run', ?)", arguments: [next - 1])
        }
    }

    /// Records the index file of a segment of which it knew none.
    func setIndex(of segment: CatalogueChange.Segment, bytes: [UInt8], check: UInt64) throws {
        var record = segment.record
        record.checks.index = check
        try write { db in
            try db.execute(
                sql: "UPDATE segment SET index_size_bytes = ?, index_sha256 = ?, index_check = ?, row_check = ? WHERE id = ?",
                arguments: [bytes.count, Data(SHA256.hash(bytes).bytes), Int64(bitPattern: check), record.rowCheck, record.id])
        }
    }

    /// Moves SQLite's log into the file, so that it stands alone.
    func foldLog() throws {
        guard let writer = database as? DatabasePool else { return }
        do {
            try writer.writeWithoutTransaction { _ = try Row.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        } catch {
            throw Self.storeError(error, path: "catalogue")
        }
    }

    /// What SQLite's own check of its pages says is wrong; nil when nothing is.
    func brokenPage() throws -> String? {
        try read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check(1)").first { $0 != "ok" } }
    }
}
