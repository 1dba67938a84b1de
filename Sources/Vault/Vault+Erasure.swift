import AuditModel
import Foundation
import GRDB

/// What a person must bring to have somebody forgotten.
public struct ErasureRequest: Hashable, Sendable {
    public var reason: String
    public var requestedBy: String
    /// Another person.
    public var approvedBy: String

    public init(reason: String, requestedBy: String, approvedBy: String) {
        self.reason = reason
        self.requestedBy = requestedBy
        self.approvedBy = approvedBy
    }

    /// Refuses a request without a reason or a second person.
    ///
    /// - Throws: ``VaultError`` `eraseRefused`.
    public func check() throws {
        if let fault = DualControl.fault("an erasure", reason: reason, requestedBy: requestedBy, approvedBy: approvedBy) {
            throw VaultError(.eraseRefused, fault)
        }
    }
}

/// The rule that two people decide, each with a name, and that a reason is given.
enum DualControl {
    /// What the request breaks; nil when nothing.
    static func fault(_ what: String, reason: String, requestedBy: String, approvedBy: String) -> String? {
        func blank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
        func person(_ text: String) -> String { Identity.normalize(text, kind: .user).lowercased() }
        if blank(reason) { return "\(what) needs a reason" }
        if blank(requestedBy) || blank(approvedBy) { return "\(what) needs a person who asks and another who agrees" }
        return person(requestedBy) == person(approvedBy) ? "nobody approves \(what) of their own; ask a second person" : nil
    }
}

/// What an erasure did, for its certificate and for the store's `erasure` entry.
public struct ErasureReceipt: Hashable, Sendable {
    /// Every token that stands for nobody now, sorted; those erased earlier included.
    public let tokens: [String]
    /// Tokens that this call erased.
    public let erasedNow: Int
    /// Packs that already hold a disclosure of one of them, sorted.
    public let packs: [String]
    /// False when a reader kept SQLite's log from being truncated: the old pages go at the next write. Close readers and repeat.
    public let isLogTruncated: Bool
}

extension Vault {
    /// Erases the person that a real value names: all tokens of that subject. A shared address stands on its own.
    public func erase(personWith value: String, now: Timestamp) throws -> ErasureReceipt {
        try flush()
        return try erase(try lookup(value), now: now)
    }

    /// Destroys the subjects of these tokens: keys, values, salts and look-up entries of every token of theirs.
    ///
    /// Idempotent, and so also the replay of erasures before a restored backup opens: tokens that the backup does not hold are noted as
    /// erased and never given. An erased identity that returns gets a new token.
    public func erase(_ tokens: [String], now: Timestamp) throws -> ErasureReceipt {
        let asked = tokens.compactMap { Token($0) }
        guard asked.count == tokens.count else {
            throw VaultError(.unknownToken, "one of these is no token; tokens look like usr_abcdefghijklm")
        }
        lock.lock()
        defer { lock.unlock() }
        // What was given and not written is erased too.
        try flush()
        try loadBindings()
        let (all, erasedNow, packs) = try write { file, db in
            var all = Set(asked)
            var subjects: Set<Int64> = []
            for token in asked {
                if let found = try file.find(token) { subjects.insert(found.subject) }
            }
            var erasedNow = 0
            for subject in subjects {
                for token in try file.erase(subject) {
                    all.insert(try token.spelled())
                    erasedNow += 1
                }
                try db.execute(sql: "DELETE FROM alias WHERE first = ?1 OR second = ?1", arguments: [subject])
            }
            var packs: Set<String> = []
            for token in all {
                let bits = Int64(bitPattern: token.bits)
                try db.execute(
                    sql: "INSERT OR IGNORE INTO erased VALUES (?, ?, ?)", arguments: [bits, token.kind.rawValue, now.microseconds])
                packs.formUnion(
                    try String.fetchAll(db, sql: "SELECT pack FROM disclosure WHERE bits = ? AND pack IS NOT NULL", arguments: [bits]))
            }
            try bindings.remove(Set(all.map(\.bits)), db)
            return (all, erasedNow, packs)
        }
        takeBack()
        return ErasureReceipt(
            tokens: all.map(\.description).sorted(), erasedNow: erasedNow, packs: packs.sorted(), isLogTruncated: try truncateLog())
    }

    /// Moves SQLite's log into the file and empties it, so that no old page stays behind.
    @discardableResult
    func truncateLog() throws -> Bool {
        lock.lock()
        defer { lock.unlock() }
        return try storage(directory) {
            try database.writeWithoutTransaction { db in
                let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return (row?[0] as Int?) == 0
            }
        }
    }
}
