import AuditModel
import DurableIO
import GRDB
import TransparencyLog

extension StoreCheck {
    /// SQLite's own check of its pages and indexes.
    mutating func checkCatalogue(_ db: Database) throws {
        for line in try String.fetchAll(db, sql: "PRAGMA integrity_check(20)") where line != "ok" {
            find(.catalogue, line, layout.catalogue)
        }
        try checkSchema(db)
    }

    /// Sizes at which the tree's root will be needed: the published checkpoint's and those that were kept, if their signature holds.
    mutating func keptCheckpoints(
        _ db: Database, _ manifest: StoreManifest, _ verifier: NoteVerifier, _ published: SignedNote?
    ) throws -> [UInt64: Checkpoint] {
        var kept: [UInt64: Checkpoint] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT size, note FROM checkpoint ORDER BY size")
        while let row = try rows.next() {
            let size = UInt64(try row.count("size"))
            if let note = try? SignedNote(parsing: try row.blob("note")), (try? note.verify([verifier])) != nil,
                let checkpoint = try? Checkpoint(note: note), checkpoint.size == size, checkpoint.origin == manifest.origin
            {
                kept[size] = checkpoint
            } else {
                find(.checkpoint, "the kept checkpoint of size \(size) is not signed by the log's key, or of another log", layout.catalogue)
            }
        }
        return kept
    }

    /// Reads every entry and grows a tree from them.
    ///
    /// - Returns: the root at each size from 0 to the end that a checkpoint might name: those in `sizes`, and all the last 4,096.
    mutating func checkEntries(_ db: Database, sizes: [UInt64: Checkpoint]) throws -> [UInt64: MerkleHash] {
        guard let tree = try Row.fetchOne(db, sql: "SELECT size, frontier FROM tree") else {
            find(.catalogue, "the table of the tree is empty", layout.catalogue)
            return [:]
        }
        if try Int64.fetchOne(db, sql: "SELECT sum(id = 0) FROM tree") != 1 {
            find(.catalogue, "the table of the tree does not have one row with the id 0", layout.catalogue)
        }
        let size = UInt64(try tree.count("size"))
        var frontier = MerkleFrontier()
        var roots: [UInt64: MerkleHash] = [0: .empty]
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM entry ORDER BY log_index")
        while let row = try rows.next() {
            let index = UInt64(try row.count("log_index"))
            guard index == frontier.size else {
                find(.entry, "entries \(frontier.size) to \(index) are missing", layout.catalogue)
                return roots
            }
            let bytes = try row.blob("bytes")
            let leaf = MerkleHash.leaf(bytes)
            frontier.append(leaf)
            leaves.append(leaf)
            checkEntry(index, row, type: try row.text("type"), bytes)
            if sizes[frontier.size] != nil || frontier.size + 4_096 > size { roots[frontier.size] = frontier.root }
            if let checkpoint = sizes[frontier.size], checkpoint.root != roots[frontier.size] {
                find(.checkpoint, "the kept checkpoint of size \(frontier.size) has another root than the entries", layout.catalogue)
            }
        }
        report.entries = Int(frontier.size)
        let miscounted = try Row.fetchAll(
            db, sql: """
                SELECT type FROM (SELECT type, count(*) AS count FROM entry NOT INDEXED GROUP BY type) AS found
                FULL JOIN entry_count AS kept USING (type) WHERE found.count IS NOT kept.count
                """)
        for row in miscounted {
            find(.catalogue, "the kept number of entries of type \((try? row.text("type")) ?? "?") is not that of the entries", layout.catalogue)
        }
        let kept = MerkleFrontier(serialized: try tree.blob("frontier"))
        if frontier.size != size || kept != frontier {
            find(.entry, "the \(frontier.size) entries do not give the tree of \(size) that the catalogue keeps", layout.catalogue)
        }
        return roots
    }

    private mutating func checkEntry(_ index: UInt64, _ row: Row, type: String, _ bytes: [UInt8]) {
        guard bytes.count <= StoreLimits.entryBytes, let json = try? JSONValue(parsing: bytes), json.canonicalBytes == bytes,
            json["type"]?.string == type, LogEntryKind(rawValue: type) != nil, json["v"]?.integer == 1
        else {
            find(.entry, "entry \(index) is not canonical JSON of a known type within \(StoreLimits.entryBytes) bytes", layout.catalogue)
            return
        }
        let source = json["source"]?.string
        let copied = (try? row.optionalText("source")) ?? nil
        let committed = ((try? row.optionalTime("committed")) ?? nil)?.description
        if copied != source || committed != json[type == "batch" ? "committed" : "at"]?.string {
            find(.catalogue, "the catalogue's row of entry \(index) names another source or time than the entry", layout.catalogue)
        }
        if (try? EntryRow(row)) == nil {
            find(.catalogue, "the row of entry \(index) does not have its checksum", layout.catalogue)
        }
        switch LogEntryKind(rawValue: type) {
        case .batch: seals[index] = json
        case .heartbeat: heartbeats.append((index, json))
        default: break
        }
    }

    /// The published checkpoint against the entries, and every tile against the checkpoint.
    mutating func checkCheckpoint(
        _ db: Database, _ note: SignedNote?, _ manifest: StoreManifest, _ verifier: NoteVerifier, _ roots: [UInt64: MerkleHash]
    ) throws {
        let path = "\(layout.log)/checkpoint"
        guard let note else { return find(.checkpoint, "the file is missing", path) }
        guard (try? note.verify([verifier])) != nil, let checkpoint = try? Checkpoint(note: note) else {
            return find(.checkpoint, "it is not a checkpoint signed by the key in keys/log.vkey", path)
        }
        guard checkpoint.origin == manifest.origin else {
            return find(.checkpoint, "it is the checkpoint of another log (\(checkpoint.origin))", path)
        }
        guard let root = roots[checkpoint.size] else {
            return find(.checkpoint, "it covers \(checkpoint.size) entries, the catalogue has \(report.entries)", path)
        }
        guard root == checkpoint.root else {
            return find(.checkpoint, "its root is not that of the catalogue's first \(checkpoint.size) entries", path)
        }
        try checkTiles(db, size: Int(clamping: checkpoint.size), leaves: leaves)
    }
}
