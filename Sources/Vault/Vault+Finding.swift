import Cryptography
import Foundation
import GRDB

/// Looking up without revealing, and without making anything.
extension Vault {
    /// The tokens of a real value, one per kind under which it is known, sorted. Empty when it was never seen or was erased.
    ///
    /// A number is looked up in every source that gave ids.
    public func lookup(_ value: String) throws -> [String] {
        try read { db in
            let isNumber = Identity.isNumber(Identity.normalize(value, kind: .user))
            let namespaces = isNumber ? try String.fetchAll(db, sql: "SELECT name FROM namespace") : []
            var found: Set<String> = []
            for kind in IdentityKind.allCases {
                for namespace in [nil] + namespaces.map(Optional.some) {
                    let identity = Identity(kind, value, namespace: namespace)
                    let lookup = self.lookup(of: identity)
                    let sql = "SELECT bits, kind FROM token WHERE lookup_start = ? AND lookup = ?"
                    let arguments: StatementArguments = [TokenRows.start(lookup), Data(lookup.bytes)]
                    guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments) else {
                        continue
                    }
                    found.insert(try Self.token(row).description)
                }
            }
            return found.sorted()
        }
    }

    /// All tokens of the subjects that a real value belongs to, sorted: "show everything of alice@example.com". Nothing is revealed.
    public func tokens(ofPersonWith value: String) throws -> [String] {
        let own = try lookup(value)
        return Set(try own.flatMap { try tokens(ofSubjectOf: $0) }).sorted()
    }

    /// All tokens of the subject that a token belongs to, itself included, sorted. A token that this vault does not hold stands alone.
    public func tokens(ofSubjectOf token: String) throws -> [String] {
        guard let token = Token(token) else { return [] }
        let found = try read { db in
            let sql = "SELECT bits, kind FROM token WHERE subject = (SELECT subject FROM token WHERE bits = ? AND kind = ?)"
            let arguments: StatementArguments = [Int64(bitPattern: token.bits), token.kind.rawValue]
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).map { try Self.token($0).description }
        }
        return found.isEmpty ? [token.description] : found.sorted()
    }

    /// A stable name for the subject of a token within this vault, or nil; equal for tokens of one person.
    public func subject(of token: String) throws -> Int64? {
        guard let token = Token(token) else { return nil }
        return try read { db in
            try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT subject FROM token WHERE bits = ? AND kind = ?"),
                arguments: [Int64(bitPattern: token.bits), token.kind.rawValue])
        }
    }

    /// Tokens of subjects that met this one in an event without being merged: perhaps the same person, for a human to judge.
    public func aliases(of token: String) throws -> [String] {
        guard let subject = try subject(of: token) else { return [] }
        return try read { db in
            let sql = """
                SELECT bits, kind FROM token WHERE subject IN (
                    SELECT second FROM alias WHERE first = ?1 AND merged = 0 UNION SELECT first FROM alias WHERE second = ?1 AND merged = 0)
                """
            return try Row.fetchAll(db, sql: sql, arguments: [subject]).map { try Self.token($0).description }.sorted()
        }
    }

    /// Counts for a person to read.
    public struct Status: Hashable, Sendable {
        /// Tokens by prefix.
        public var tokens: [String: Int] = [:]
        public var subjects = 0
        /// Tokens whose commitment no seal holds yet.
        public var pendingBindings = 0
        public var erasedTokens = 0
        /// Pairs of subjects that met and stayed apart.
        public var aliases = 0
        public var disclosures = 0
        public var batchSalts = 0
    }

    /// What the vault holds, in numbers.
    public func status() throws -> Status {
        try read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
            var status = Status()
            for row in try Row.fetchAll(db, sql: "SELECT kind, count(*) FROM token GROUP BY kind") {
                if let kind = IdentityKind(rawValue: row[0]) { status.tokens[kind.prefix] = row[1] }
            }
            status.subjects = try count("subject")
            status.pendingBindings = try Int.fetchOne(db, sql: "SELECT coalesce(sum(length(tokens)), 0) / 8 FROM pending") ?? 0
            status.erasedTokens = try count("erased")
            status.aliases = try count("alias WHERE merged = 0")
            status.disclosures = try count("disclosure")
            status.batchSalts = try count("batch_salt")
            return status
        }
    }

    func read<T>(_ body: (Database) throws -> T) throws -> T {
        lock.lock()
        defer { lock.unlock() }
        return try storage(directory) { try database.read(body) }
    }

    func write<T>(_ body: (Database) throws -> T) throws -> T {
        try requireWriter()
        lock.lock()
        defer { lock.unlock() }
        return try storage(directory) { try database.write(body) }
    }
}
