import AuditModel
import Foundation
import GRDB
import TransparencyLog

/// What retention reads and changes in the catalogue.
extension Catalogue {
    /// Records deleted rows, within the transaction of their entries and before their segment is replaced.
    func removeRows(_ change: CatalogueChange, _ db: Database) throws {
        for item in change.removed {
            let index = Int64(item.logIndex)
            for table in ["removed_rows", "removed_subtree", "removed_batch"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE log_index = ?", arguments: [index])
            }
            try db.execute(sql: "INSERT INTO removed_batch VALUES (?, ?)", arguments: [index, Int64(item.rows.entry)])
            for range in item.rows.rows.ranges {
                try db.cachedStatement(sql: "INSERT INTO removed_rows VALUES (?, ?, ?)")
                    .execute(arguments: [index, range.lowerBound, range.upperBound])
            }
            for subtree in item.rows.subtrees {
                try db.cachedStatement(sql: "INSERT INTO removed_subtree VALUES (?, ?, ?, ?)")
                    .execute(arguments: [index, subtree.level, Int64(subtree.index), Data(subtree.hash.bytes)])
            }
            try db.execute(sql: "UPDATE batch SET segment = NULL WHERE log_index = ? AND count = ?", arguments: [index, item.rows.count])
        }
    }

    /// What is deleted, by the log index of its batch.
    static func removed(_ db: Database) throws -> [UInt64: RemovedRows] {
        var found: [UInt64: RemovedRows] = [:]
        let rows = try db.cachedStatement(sql: "SELECT from_index, to_index FROM removed_rows WHERE log_index = ? ORDER BY from_index")
        let subtrees = try db.cachedStatement(sql: "SELECT level, node, hash FROM removed_subtree WHERE log_index = ? ORDER BY level, node")
        for batch in try Row.fetchAll(db, sql: "SELECT log_index, entry FROM removed_batch") {
            let index = try batch.count("log_index")
            let ranges = try Row.fetchAll(rows, arguments: [index]).map { row -> Range<Int> in
                let from = Int(try row.count("from_index"))
                return from..<max(from, Int(try row.count("to_index")))
            }
            let nodes = try Row.fetchAll(subtrees, arguments: [index]).map { row -> PrunedSubtree in
                guard let hash = MerkleHash(try row.blob("hash")) else {
                    throw StoreError(.damaged, "a hash of deleted rows is damaged: run `proofline fsck`")
                }
                return PrunedSubtree(level: Int(try row.count("level")), index: UInt64(try row.count("node")), hash: hash)
            }
            found[UInt64(index)] = RemovedRows(rows: IndexRanges(ranges), subtrees: nodes, entry: UInt64(try batch.count("entry")))
        }
        return found
    }
}
