import AuditModel
import DurableIO
import GRDB

extension StoreCheck {
    /// `catalogue.jsonl` against the catalogue: each line's checksum, and that both say the same of the ledger, cursors, keys, runs and deleted rows.
    ///
    /// The file may end a few transactions early (a crash, a commit at this moment) or late; what it says is compared as far as both go. Nothing else says
    /// these things, so a flipped bit in either of them is found here.
    mutating func checkLines(_ db: Database, _ manifest: StoreManifest, now: Timestamp) throws {
        let path = layout.catalogueLines
        guard let tree = try Row.fetchOne(db, sql: "SELECT size FROM tree") else { return }
        let size = UInt64(try tree.count("size"))
        guard let (state, fault) = try readLines(path, manifest, size) else { return find(.lines, "the file is missing: the next ingest writes it again", path) }
        if let fault { return find(.lines, fault, path) }
        guard let position = state.position, position.size == size, !state.isBeyondLimit else {
            report.linesEndAt = state.position?.size ?? 0
            return
        }
        try compareLedger(db, state)
        try compareCursors(db, state)
        try compareKeys(db, state, now)
        let runs = try Catalogue.duplicateRuns(db)
        if CatalogueLine.check(runs: runs.map(\.id)) == position.runs, Set(runs) != Set(state.runs.values) {
            find(.lines, "the runs of duplicate keys are not those of the catalogue", path)
        }
        let removed = try Catalogue.removed(db)
        for batch in Set(removed.keys).union(state.removed.keys).sorted() where removed[batch] != state.removed[batch] {
            find(.lines, "what was deleted of the batch at log index \(batch) is not what the catalogue says", path)
        }
        let open = try Row.fetchOne(db, sql: "SELECT number, session, opened FROM epoch WHERE closed IS NULL")
        if let open, let known = position.epoch, try open.integer("number") == known.number,
            try open.text("session") != known.session || open.integer("opened") != known.opened
        {
            find(.lines, "the open epoch is not the one that the catalogue has", path)
        }
    }

    /// A line that is being written at this moment has no end yet: then the file is read again.
    private func readLines(_ path: String, _ manifest: StoreManifest, _ size: UInt64) throws -> (CatalogueLineState, String?)? {
        var found: (CatalogueLineState, String?)?
        for _ in 0..<3 {
            found = try CatalogueLineFile.state(path, files, storeID: manifest.storeID, limit: size)
            if found?.1 == nil { break }
        }
        return found
    }

    private mutating func compareLedger(_ db: Database, _ state: CatalogueLineState) throws {
        var rest = Set(state.ledger)
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM ledger")
        while let row = try rows.next() {
            let entry = try LedgerRow(row)
            if rest.remove(entry) == nil { find(.lines, "the ledger of the batch at log index \(entry.logIndex) is not the one in the catalogue", layout.catalogueLines) }
        }
        for entry in rest.prefix(100) {
            find(.lines, "a range of the batch at log index \(entry.logIndex) is not in the catalogue's ledger", layout.catalogueLines)
        }
    }

    private mutating func compareCursors(_ db: Database, _ state: CatalogueLineState) throws {
        var rest = state.cursors
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM cursor")
        while let row = try rows.next() {
            let cursor = CatalogueLine.Cursor(row: try CursorRow(row), logIndex: UInt64(try row.count("log_index")))
            let content = CatalogueLineState.Content(source: cursor.row.source, contentID: cursor.row.contentID)
            if rest.removeValue(forKey: content) != cursor {
                find(.lines, "the cursor of content \(content.contentID) of \(content.source) is not the one in the catalogue", layout.catalogueLines)
            }
        }
        for content in rest.keys.prefix(100) {
            find(.lines, "the catalogue lacks the cursor of content \(content.contentID) of \(content.source)", layout.catalogueLines)
        }
    }

    /// The catalogue may have forgotten keys whose time is over.
    private mutating func compareKeys(_ db: Database, _ state: CatalogueLineState, _ now: Timestamp) throws {
        var rest = state.keys
        for key in try Catalogue.duplicateTable(db)
        where rest.removeValue(forKey: CatalogueLineState.Halves(id: key.id, bytes: key.bytes)) != key.expires {
            find(.lines, "a duplicate key in the catalogue is not there, or ends at another time", layout.catalogueLines)
        }
        let lost = rest.values.count { $0 >= now.microseconds }
        if lost > 0 { find(.lines, "the catalogue lacks \(lost) duplicate keys", layout.catalogueLines) }
    }

    /// The schema is the one that this version makes, to the letter: a changed name or rule would change what rows mean.
    mutating func checkSchema(_ db: Database) throws {
        let fresh = try DatabaseQueue()
        try CatalogueSchema.migrator.migrate(fresh)
        let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema"
        let expected = try fresh.read { try Self.rows($0, sql) }
        for row in try Self.rows(db, sql).symmetricDifference(expected).sorted(by: { $0[1] < $1[1] }) {
            find(.catalogue, "the definition of \(row[1]) is not the one that this version makes", layout.catalogue)
        }
        let migrations = "SELECT identifier FROM grdb_migrations"
        if try Self.rows(db, migrations) != fresh.read({ try Self.rows($0, migrations) }) {
            find(.catalogue, "the list of migrations is not the one of this version", layout.catalogue)
        }
    }

    /// Rows as text; two rows are the same where all their values are.
    private static func rows(_ db: Database, _ sql: String) throws -> Set<[String]> {
        try Set(Row.fetchAll(db, sql: sql).map { row in row.databaseValues.map { String(describing: $0) } })
    }
}
