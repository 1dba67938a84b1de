import AuditModel
import Foundation
import GRDB

/// What compaction reads and changes in the catalogue.
extension Catalogue {
    /// The batches of some segments, by segment, in log order.
    func batches(inSegments ids: Set<Int64>) throws -> [Int64: [BatchRecord]] {
        try read { db in
            var found: [Int64: [BatchRecord]] = [:]
            let statement = try db.cachedStatement(sql: "SELECT * FROM batch WHERE segment = ? ORDER BY log_index")
            for id in ids { found[id] = try Row.fetchAll(statement, arguments: [id]).map(BatchRecord.init) }
            return found
        }
    }

    /// Makes sure that no commit takes this number.
    func reserveSegment(_ id: Int64) throws {
        try write { db in
            try db.execute(sql: "UPDATE tree SET next_segment = ? WHERE next_segment = ?", arguments: [id + 1, id])
            guard db.changesCount == 1 else {
                throw StoreError(.damaged, "the catalogue's next segment is not \(id): close the store and open it again")
            }
        }
    }

    /// Puts a segment in the place of others, or nothing where no row is left, within the transaction of a change.
    func replaceSegments(_ replacement: CatalogueChange.Replacement, _ db: Database) throws {
        if let new = replacement.new { try insert(new, db) }
        for id in replacement.old {
            try db.execute(sql: "UPDATE batch SET segment = ? WHERE segment = ?", arguments: [replacement.new?.record.id, id])
            try db.execute(sql: "DELETE FROM segment WHERE id = ? AND damage IS NULL", arguments: [id])
            guard db.changesCount == 1 else {
                throw StoreError(.damagedSegment(id), "segment \(id) changed meanwhile; nothing was changed")
            }
            try db.execute(sql: "INSERT INTO replaced_segment VALUES (?, ?)", arguments: [id, replacement.since.microseconds])
        }
    }

    /// Segments whose rows moved elsewhere before this time; with nil all of them.
    func replacedSegments(before time: Timestamp? = nil) throws -> [Int64] {
        try read { db in
            try Int64.fetchAll(
                db, sql: "SELECT id FROM replaced_segment WHERE replaced < ? ORDER BY id", arguments: [time?.microseconds ?? Int64.max])
        }
    }

    /// Notes that a replaced segment's files are gone.
    func forgetReplaced(_ id: Int64) throws {
        try write { try $0.execute(sql: "DELETE FROM replaced_segment WHERE id = ?", arguments: [id]) }
    }
}
