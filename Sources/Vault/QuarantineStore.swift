import Cryptography
import Foundation
import GRDB

/// Records that could not be parsed, sealed, with the reason, until a parser is mended.
///
/// A file of its own beside the vault (`quarantine.sqlite`). Record and reason are sealed under a key derived from the master, for a
/// reason may quote the record; source, place and parser are in the open. Durable before the store's commit.
public final class QuarantineStore: Sendable {
    /// One record that was set aside.
    public struct Entry: Hashable, Sendable {
        public var source: String
        /// The keyed fingerprint of the content that held it.
        public var contentID: String
        /// Where the record begins in the decompressed content, in bytes.
        public var offset: UInt64
        /// Where it begins, counted from 1.
        public var line: UInt64
        public var parser: String
        public var parserVersion: String
        /// Why it could not be parsed.
        public var reason: String
        /// The record as the source wrote it.
        public var record: [UInt8]

        public init(
            source: String, contentID: String, offset: UInt64, line: UInt64, parser: String, parserVersion: String, reason: String,
            record: [UInt8]
        ) {
            self.source = source
            self.contentID = contentID
            self.offset = offset
            self.line = line
            self.parser = parser
            self.parserVersion = parserVersion
            self.reason = reason
            self.record = record
        }
    }

    private let database: DatabaseQueue
    private let key: [UInt8]
    private let path: String

    /// The store's file inside the vault's folder.
    public static let fileName = "quarantine.sqlite"

    /// Opens the quarantine beside a vault, making it at first use.
    public init(vault: Vault) throws {
        path = vault.directory + "/" + Self.fileName
        key = vault.key(.quarantine)
        database = try PrivateDatabase.open(path: path, access: vault.access, mayCreate: vault.access == .writer)
        guard vault.access == .writer else { return }
        try storage(path) {
            try database.write { db in
                try db.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS record (
                            id INTEGER PRIMARY KEY, source TEXT NOT NULL, content TEXT NOT NULL, offset INTEGER NOT NULL,
                            line INTEGER NOT NULL, parser TEXT NOT NULL, parser_version TEXT NOT NULL, box BLOB NOT NULL,
                            UNIQUE (source, content, offset));
                        """)
            }
        }
    }

    /// Keeps records in one durable transaction. A place that is kept already is left as it is.
    ///
    /// - Returns: How many were new.
    @discardableResult
    public func put(_ entries: [Entry]) throws -> Int {
        guard !entries.isEmpty else { return 0 }
        return try storage(path) {
            try database.write { db in
                let statement = try db.cachedStatement(
                    sql: """
                        INSERT OR IGNORE INTO record (source, content, offset, line, parser, parser_version, box)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """)
                var inserted = 0
                for entry in entries {
                    let reason = Array(entry.reason.utf8)
                    let opened = Vault.bigEndian(UInt64(reason.count)) + reason + entry.record
                    let box = try AESGCM.seal(opened, key: key, aad: aad(entry.source, entry.contentID, entry.offset))
                    try statement.execute(arguments: [
                        entry.source, entry.contentID, Int64(bitPattern: entry.offset), Int64(bitPattern: entry.line), entry.parser,
                        entry.parserVersion, Data(box),
                    ])
                    inserted += db.changesCount
                }
                return inserted
            }
        }
    }

    /// How many records are set aside, by source.
    public func counts() throws -> [String: Int] {
        try storage(path) {
            try database.read { db in
                var counts: [String: Int] = [:]
                for row in try Row.fetchAll(db, sql: "SELECT source, count(*) FROM record GROUP BY source") { counts[row[0]] = row[1] }
                return counts
            }
        }
    }

    /// The records of a source, opened, in the order of their place; `limit` at most.
    ///
    /// - Parameters:
    ///   - after: Gives those behind this one, for the next page.
    ///   - limitBytes: Sealed bytes after which no further record is opened; one at least is given.
    public func list(source: String, after: Entry? = nil, limit: Int = 1_000, limitBytes: Int = 64 << 20) throws -> [Entry] {
        let rows = try storage(path) {
            try database.read { db in
                let cursor = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT content, offset, line, parser, parser_version, box FROM record
                        WHERE source = ? AND (content, offset) > (?, ?) ORDER BY content, offset LIMIT ?
                        """,
                    arguments: [source, after?.contentID ?? "", after.map { Int64(bitPattern: $0.offset) } ?? Int64.min, limit])
                var rows: [Row] = []
                var bytes = 0
                while bytes < limitBytes, let row = try cursor.next() {
                    rows.append(row.copy())
                    bytes += (row[5] as Data).count
                }
                return rows
            }
        }
        return try rows.map { row in
            let contentID: String = row[0]
            let offset = UInt64(bitPattern: row[1] as Int64)
            let box: Data = row[5]
            guard let opened = try? AESGCM.open(Array(box), key: key, aad: aad(source, contentID, offset)), opened.count >= 8,
                case let size = opened[..<8].reduce(0, { $0 << 8 | Int($1) }), size <= opened.count - 8
            else {
                throw VaultError(.damaged, "a quarantined record of \(source) does not open; restore the file from its backup", path: path)
            }
            return Entry(
                source: source, contentID: contentID, offset: offset, line: UInt64(bitPattern: row[2] as Int64), parser: row[3],
                parserVersion: row[4], reason: String(decoding: opened[8..<(8 + size)], as: UTF8.self), record: Array(opened[(8 + size)...])
            )
        }
    }

    /// Removes records, as after a successful reparse. Idempotent.
    public func remove(source: String, contentID: String, offsets: [UInt64]) throws {
        try storage(path) {
            try database.write { db in
                for offset in offsets {
                    try db.execute(
                        sql: "DELETE FROM record WHERE source = ? AND content = ? AND offset = ?",
                        arguments: [source, contentID, Int64(bitPattern: offset)])
                }
            }
            try database.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        }
    }

    /// Removes the records that begin in a stretch of a content. Idempotent.
    ///
    /// - Returns: How many were there.
    @discardableResult
    public func remove(source: String, contentID: String, in range: Range<UInt64>) throws -> Int {
        try storage(path) {
            try database.write { db in
                try db.execute(
                    sql: "DELETE FROM record WHERE source = ? AND content = ? AND offset >= ? AND offset < ?",
                    arguments: [source, contentID, Int64(bitPattern: range.lowerBound), Int64(bitPattern: range.upperBound)])
                return db.changesCount
            }
        }
    }

    /// Takes removed records out of the journal too.
    public func forgetRemoved() throws {
        try storage(path) { try database.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") } }
    }

    private func aad(_ source: String, _ contentID: String, _ offset: UInt64) -> [UInt8] {
        Array(source.utf8) + [0] + Array(contentID.utf8) + [0] + Vault.bigEndian(offset)
    }
}
