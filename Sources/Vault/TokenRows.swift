import Cryptography
import Foundation
import GRDB
import GRDBSQLite

/// The rows of tokens and subjects in the vault's file, for ``TokenDesk``: single look-ups, and what is pending by the ten thousand.
///
/// Reads go to SQLite directly, on the connection of the vault's queue; the vault's lock keeps everybody else off it meanwhile. A vault of some size is
/// asked for unknown values often while a new source comes in: then the look-ups of all tokens are read once, half their first bytes each, and most
/// unknown values are known to be unknown without SQL.
final class TokenRows {
    private let database: DatabaseQueue
    private let wrapKey: [UInt8]
    private let directory: String
    private let connection: OpaquePointer
    private var findStatement: VaultStatement?
    /// The first eight bytes of every look-up in the file, once there were enough questions; nil before and where there are too many.
    private var known: Set<Int64>?
    private var misses = 0

    private static let missesBeforeReading = 512
    private static let mostKnown = 1 << 19

    init(database: DatabaseQueue, wrapKey: [UInt8], directory: String) throws {
        self.database = database
        self.wrapKey = wrapKey
        self.directory = directory
        connection = try database.inDatabase { db in
            guard let connection = db.sqliteConnection else {
                throw VaultError(.storage, "the vault is closed; open it again", path: directory)
            }
            return connection
        }
    }

    /// The highest number of a subject, or 0.
    func lastSubject() throws -> Int64 {
        let statement = try VaultStatement(connection, "SELECT coalesce(max(id), 0) FROM subject")
        defer { statement.reset() }
        return try statement.next() ? statement.integer(0) : 0
    }

    func isEmpty() throws -> Bool {
        let statement = try VaultStatement(connection, "SELECT EXISTS (SELECT 1 FROM token)")
        defer { statement.reset() }
        return try !statement.next() || statement.integer(0) == 0
    }

    /// Forgets what was read ahead.
    func forget() {
        known = nil
        misses = 0
    }

    struct Found {
        let bits: UInt64
        let subject: Int64
        let role: Identity.Role
        let namespace: String?
    }

    func find(_ lookup: SHA256Digest) throws -> Found? {
        if let known, !known.contains(Self.start(lookup)) { return nil }
        let statement =
            try findStatement
            ?? VaultStatement(connection, "SELECT bits, subject, role, namespace FROM token WHERE lookup_start = ?2 AND lookup = ?1")
        findStatement = statement
        let row: Found? = try lookup.withUnsafeBytes { bytes in
            statement.bind(1, blob: bytes.baseAddress!, count: bytes.count)
            statement.bind(2, Self.start(lookup))
            guard try statement.next() else { return nil }
            defer { statement.reset() }
            return Found(
                bits: UInt64(bitPattern: statement.integer(0)), subject: statement.integer(1),
                role: Identity.Role(rawValue: statement.integer(2)) ?? .name, namespace: statement.text(3))
        }
        if row == nil, known == nil {
            misses += 1
            if misses == Self.missesBeforeReading { try readAhead() }
        }
        return row
    }

    /// The first eight bytes of a look-up, as the column `lookup_start` holds them.
    static func start(_ lookup: SHA256Digest) -> Int64 { lookup.withUnsafeBytes { start($0) } }

    private static func start(_ lookup: UnsafeRawBufferPointer) -> Int64 { Int64(bigEndian: lookup.loadUnaligned(as: Int64.self)) }

    private func readAhead() throws {
        let count = try VaultStatement(connection, "SELECT count(*) FROM token")
        defer { count.reset() }
        guard try count.next(), count.integer(0) <= Self.mostKnown else { return }
        var read: Set<Int64> = []
        read.reserveCapacity(Int(count.integer(0)))
        let statement = try VaultStatement(connection, "SELECT lookup_start FROM token")
        while try statement.next() { read.insert(statement.integer(0)) }
        known = read
    }

    /// The sources in which a subject has an id.
    func namespaces(of subject: Int64) throws -> [String] {
        let sql = "SELECT namespace FROM token WHERE subject = ? AND role = \(Identity.Role.id.rawValue) AND namespace IS NOT NULL"
        let statement = try VaultStatement(connection, sql)
        statement.bind(1, subject)
        var names: [String] = []
        while try statement.next() { if let name = statement.text(0) { names.append(name) } }
        return names
    }

    func key(of subject: Int64) throws -> [UInt8] {
        let statement = try VaultStatement(connection, "SELECT wrapped_key FROM subject WHERE id = ?")
        statement.bind(1, subject)
        defer { statement.reset() }
        guard try statement.next(),
            let key = try? AESGCM.open(Array(statement.blob(0)), key: wrapKey, aad: Vault.bigEndian(UInt64(bitPattern: subject)))
        else {
            throw VaultError(.damaged, "a subject's key does not open; restore the vault from its backup", path: directory)
        }
        return key
    }

    // MARK: Writing

    /// Writes what is pending; the caller holds the transaction open.
    ///
    /// - Returns: The number of the row that lists the new tokens as waiting for a seal, or nil where there are none.
    func write(_ pending: PendingWrites, names: (Int32) -> String, key: (Int64) throws -> [UInt8], _ db: Database) throws -> Int64? {
        try pending.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            try writeSubjects(pending, base)
            try writeTokens(pending, base, names)
        }
        for scope in pending.scopes { try db.execute(sql: "INSERT OR IGNORE INTO namespace VALUES (?)", arguments: [scope]) }
        for link in pending.links { try write(link, key, db) }
        if known != nil, !pending.tokens.isEmpty { noteLookups(pending) }
        guard !pending.tokens.isEmpty else { return nil }
        let list = pending.tokens.flatMap { Vault.bigEndian($0.bits) }
        try db.execute(sql: "INSERT INTO pending (tokens) VALUES (?)", arguments: [Data(list)])
        return db.lastInsertedRowID
    }

    private func noteLookups(_ pending: PendingWrites) {
        pending.bytes.withUnsafeBytes { bytes in
            for token in pending.tokens { known?.insert(Self.start(UnsafeRawBufferPointer(rebasing: bytes[token.start...]))) }
        }
    }

    private func writeSubjects(_ pending: PendingWrites, _ base: UnsafeRawPointer) throws {
        let statement = try VaultStatement(connection, "INSERT INTO subject VALUES (?, ?)")
        for subject in pending.subjects.sorted(by: { $0.id < $1.id }) {
            statement.bind(1, subject.id)
            statement.bind(2, blob: base + subject.start, count: PendingWrites.wrappedKeyBytes)
            try statement.run()
        }
    }

    private func writeTokens(_ pending: PendingWrites, _ base: UnsafeRawPointer, _ names: (Int32) -> String) throws {
        let statement = try VaultStatement(
            connection,
            """
            INSERT INTO token (bits, kind, subject, role, namespace, lookup, box, commitment, lookup_start) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        let erased = try VaultStatement(connection, "SELECT 1 FROM erased WHERE bits = ?")
        let mayBeErased = try VaultStatement(connection, "SELECT 1 FROM erased LIMIT 1").next()
        var namespace = Int32(-1)
        var name: [CChar] = []
        // In the order of their random bits: the order of first sight is nobody's business.
        for token in pending.tokens.sorted(by: { Int64(bitPattern: $0.bits) < Int64(bitPattern: $1.bits) }) {
            statement.bind(1, Int64(bitPattern: token.bits))
            statement.bind(2, token.kind.rawValue)
            statement.bind(3, token.subject)
            statement.bind(4, token.role.rawValue)
            if token.namespace < 0 {
                statement.bindNull(5)
            } else if token.namespace != namespace {
                namespace = token.namespace
                name = Array(names(namespace).utf8CString)
            }
            let start = base + token.start
            statement.bind(6, blob: start, count: PendingWrites.digestBytes)
            statement.bind(7, blob: start + 2 * PendingWrites.digestBytes, count: token.boxCount)
            statement.bind(8, blob: start + PendingWrites.digestBytes, count: PendingWrites.digestBytes)
            statement.bind(9, Self.start(UnsafeRawBufferPointer(start: start, count: PendingWrites.digestBytes)))
            if token.namespace < 0 {
                try statement.run()
            } else {
                try name.withUnsafeBufferPointer { name in
                    statement.bind(5, text: name.baseAddress!, count: name.count - 1)
                    try statement.run()
                }
            }
            if mayBeErased {
                erased.bind(1, Int64(bitPattern: token.bits))
                // Erased tokens are never given again; chance alone leads here, once in billions of vaults.
                guard try !erased.next() else {
                    erased.reset()
                    throw VaultError(.storage, "a new token equals an erased one, by chance; run it again", path: directory)
                }
            }
        }
    }

    private func write(_ link: PendingWrites.Link, _ key: (Int64) throws -> [UInt8], _ db: Database) throws {
        switch link {
        case .alias(let first, let second, let isMerged):
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO alias VALUES (?, ?, ?)").execute(arguments: [
                first, second, isMerged ? 1 : 0,
            ])
        case .merge(let other, let subject): try merge(other, into: subject, key, db)
        }
    }

    /// Moves every value of `other` under the key of `subject` and destroys the other's key.
    private func merge(_ other: Int64, into subject: Int64, _ key: (Int64) throws -> [UInt8], _ db: Database) throws {
        let (oldKey, newKey) = (try key(other), try key(subject))
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT bits, kind, box FROM token WHERE subject = ?"), arguments: [other])
        let update = try db.cachedStatement(sql: "UPDATE token SET subject = ?, box = ? WHERE bits = ?")
        for row in rows {
            let token = try Vault.token(row)
            let opened = try Vault.openBox(row[2], token, key: oldKey)
            let box = try AESGCM.seal(opened, key: newKey, aad: Vault.aad(token))
            try update.execute(arguments: [subject, Data(box), Int64(bitPattern: token.bits)])
        }
        try db.cachedStatement(sql: "DELETE FROM subject WHERE id = ?").execute(arguments: [other])
    }
}
