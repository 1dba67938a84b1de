import AuditModel
import GRDB

extension Catalogue {
    /// Rows in a line of the whole.
    private static let lineRows = 1_000

    /// Says in lines all that neither the log nor segments say.
    func putLines(at position: CatalogueLine.Position, _ put: (CatalogueLine) throws -> Void) throws {
        try read { db in
            var line = CatalogueLine(position)
            line.isStart = true
            line.runsAdded = try Self.duplicateRuns(db)
            line.removed = try Self.removed(db).sorted { $0.key < $1.key }.map { CatalogueLine.Removed(logIndex: $0.key, rows: $0.value) }
            try put(line)
            line = CatalogueLine(position)
            func putIfFull(_ count: Int) throws {
                guard count >= Self.lineRows else { return }
                try put(line)
                line = CatalogueLine(position)
            }
            let ledger = try Row.fetchCursor(db, sql: "SELECT * FROM ledger ORDER BY log_index, source, content_id, from_byte")
            while let row = try ledger.next() {
                line.ledger.append(try LedgerRow(row))
                try putIfFull(line.ledger.count)
            }
            try putIfFull(line.ledger.isEmpty ? 0 : Self.lineRows)
            let cursors = try Row.fetchCursor(db, sql: "SELECT * FROM cursor ORDER BY source, content_id")
            while let row = try cursors.next() {
                line.cursors.append(CatalogueLine.Cursor(row: try CursorRow(row), logIndex: UInt64(try row.count("log_index"))))
                try putIfFull(line.cursors.count)
            }
            try putIfFull(line.cursors.isEmpty ? 0 : Self.lineRows)
            for key in try Self.duplicateTable(db) {
                line.keys.append(key)
                try putIfFull(line.keys.count)
            }
            if !line.keys.isEmpty { try put(line) }
        }
    }
}
