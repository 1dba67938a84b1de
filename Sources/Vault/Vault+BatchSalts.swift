import Cryptography
import Foundation
import GRDB

/// Which salt of which batch.
public enum BatchSaltKey: Hashable, Sendable {
    /// Salts of the leaves of the batch that begins at this `seq`.
    case rows(firstSeq: Int64)
    /// The salt of a batch's raw records, by their root.
    case raw(root: SHA256Digest)

    var bytes: [UInt8] {
        switch self {
        case .rows(let firstSeq): [1] + Vault.bigEndian(UInt64(bitPattern: firstSeq))
        case .raw(let root): [2] + root.bytes
        }
    }
}

/// Salts that make leaves unguessable. They live here alone and are destroyed with the batch's last event.
extension Vault {
    /// Makes, keeps and returns a new 32-byte salt, durable on return.
    ///
    /// A salt already kept under the same key is replaced: the writer asks under the store's lock and before its commit, so an older one
    /// belongs to a batch that was never committed.
    public func newBatchSalt(for key: BatchSaltKey) throws -> [UInt8] {
        let salt = SecureRandom.bytes(32)
        try putBatchSalts([(key, salt)])
        return salt
    }

    /// Keeps salts that the caller made, in one transaction.
    public func putBatchSalts(_ salts: [(key: BatchSaltKey, salt: [UInt8])]) throws {
        try write { try put(salts, $0) }
    }

    func put(_ salts: [(key: BatchSaltKey, salt: [UInt8])], _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "INSERT OR REPLACE INTO batch_salt VALUES (?, ?)")
        for (key, salt) in salts {
            let box = try AESGCM.seal(salt, key: saltKey, aad: key.bytes)
            try statement.execute(arguments: [Data(key.bytes), Data(box)])
        }
    }

    /// The salt, or nil when it was destroyed.
    public func batchSalt(for key: BatchSaltKey) throws -> [UInt8]? {
        let box = try read { db in
            try Data.fetchOne(db.cachedStatement(sql: "SELECT box FROM batch_salt WHERE key = ?"), arguments: [Data(key.bytes)])
        }
        guard let box else { return nil }
        guard let salt = try? AESGCM.open(Array(box), key: saltKey, aad: key.bytes), salt.count == 32 else {
            throw VaultError(.damaged, "a batch salt does not open; restore the vault from its backup", path: directory)
        }
        return salt
    }

    /// The salt of the batch whose first event is `firstSeq`, or nil when it was destroyed.
    public func batchSalt(firstSeq: Int64) throws -> [UInt8]? { try batchSalt(for: .rows(firstSeq: firstSeq)) }

    /// Destroys salts: afterwards nothing confirms a guess at a deleted event. Idempotent.
    public func destroyBatchSalts(_ keys: [BatchSaltKey]) throws {
        try write { db in
            for key in keys {
                try db.execute(sql: "DELETE FROM batch_salt WHERE key = ?", arguments: [Data(key.bytes)])
            }
        }
        try truncateLog()
    }
}
