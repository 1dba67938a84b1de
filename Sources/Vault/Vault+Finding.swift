import Cryptography
import Foundation
import GRDB

/// Looking up without revealing, and without making anything.
extension Vault {
    /// The tokens of a real value, one per kind under which it is known, sorted. Empty when it was never seen or was erased.
    ///
    /// A number is looked up in every source that gave ids.
    public func lookup(_ value: String) throws -> [String] {
        try read { file, _ in try lookup(value, file).map(\.description).sorted() }
    }

    private func lookup(_ value: String, _ file: VaultFile) throws -> Set<Token> { Set(try found(value, file).map { try $0.spelled() }) }

    private func found(_ value: String, _ file: VaultFile) throws -> [VaultFile.Found] {
        let isNumber = Identity.isNumber(Identity.normalize(value, kind: .user))
        let namespaces = isNumber ? try file.names() : []
        var lookups: [SHA256Digest] = []
        for kind in IdentityKind.allCases {
            for namespace in [nil] + namespaces.map(Optional.some) {
                let lookup = lookup(of: Identity(kind, value, namespace: namespace))
                if !lookups.contains(lookup) { lookups.append(lookup) }
            }
        }
        return try lookups.compactMap { try file.find($0) }
    }

    /// All tokens of the subjects that a real value belongs to, sorted: "show everything of alice@example.com". Nothing is revealed.
    public func tokens(ofPersonWith value: String) throws -> [String] {
        try read { file, _ in
            let subjects = Set(try found(value, file).map(\.subject))
            return try subjects.flatMap { try file.tokens(of: $0).map { try $0.spelled().description } }.sorted()
        }
    }

    /// All tokens of the subject that a token belongs to, itself included, sorted. A token that this vault does not hold stands alone.
    public func tokens(ofSubjectOf token: String) throws -> [String] {
        guard let token = Token(token) else { return [] }
        return try read { file, _ in
            guard let found = try file.find(token) else { return [token.description] }
            return try file.tokens(of: found.subject).map { try $0.spelled().description }.sorted()
        }
    }

    /// A stable name for the subject of a token within this vault, or nil; equal for tokens of one person.
    public func subject(of token: String) throws -> Int64? {
        guard let token = Token(token) else { return nil }
        return try read { file, _ in try file.find(token)?.subject }
    }

    /// Tokens of subjects that met this one in an event without being merged: perhaps the same person, for a human to judge.
    public func aliases(of token: String) throws -> [String] {
        guard let subject = try subject(of: token) else { return [] }
        return try read { file, db in
            let sql = """
                SELECT second FROM alias WHERE first = ?1 AND merged = 0 UNION SELECT first FROM alias WHERE second = ?1 AND merged = 0
                """
            let others = try Int64.fetchAll(db, sql: sql, arguments: [subject])
            return try others.flatMap { try file.tokens(of: $0).map { try $0.spelled().description } }.sorted()
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
        try read { file, db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
            var status = Status()
            let held = try file.count()
            for (number, count) in held.tokens {
                if let kind = IdentityKind(rawValue: Int64(number)) { status.tokens[kind.prefix] = count }
            }
            status.subjects = held.subjects
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

    /// Reads pages as of one moment.
    func read<T>(_ body: (VaultFile, Database) throws -> T) throws -> T {
        lock.lock()
        defer { lock.unlock() }
        return try storage(directory) {
            let file = try openFile()
            return try database.read { db in
                try file.refresh()
                return try body(file, db)
            }
        }
    }

    func write<T>(_ body: (Database) throws -> T) throws -> T {
        try requireWriter()
        lock.lock()
        defer { lock.unlock() }
        return try storage(directory) { try database.write(body) }
    }

    /// Changes pages and whatever else in one transaction.
    func write<T>(_ body: (VaultFile, Database) throws -> T) throws -> T {
        try requireWriter()
        lock.lock()
        defer { lock.unlock() }
        return try storage(directory) {
            let file = try openFile()
            do {
                return try database.write { db in
                    try file.refresh()
                    return try body(file, db)
                }
            } catch {
                // What it thought of the pages did not come to be.
                try file.refresh()
                throw error
            }
        }
    }

    /// The pages of tokens. Under the lock, and in no transaction.
    func openFile() throws -> VaultFile {
        if let file { return file }
        let made = try database.inDatabase { try VaultFile($0, master: master, directory: directory) }
        file = made
        return made
    }
}
