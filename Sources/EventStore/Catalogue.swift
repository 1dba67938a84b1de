import AuditModel
import Cryptography
import Foundation
import GRDB
import Synchronization
import TransparencyLog

/// The catalogue: an SQLite database with one row per segment, batch, ledger range, cursor and log entry.
///
/// A transaction here is the moment at which a commit happened: the journal is a WAL and `synchronous` is FULL, so a transaction
/// that returned survives a power cut. Foreign processes read beside the writer.
final class Catalogue: Sendable {
    let database: any DatabaseReader & Sendable
    private let writer: (any DatabaseWriter & Sendable)?
    private let path: String
    /// Whether this process only reads, over one connection.
    let isReader: Bool
    /// What ``content(below:)`` gave last to a reader.
    let known = Mutex<(version: Int64, size: UInt64, content: Content)?>(nil)

    /// Opens the catalogue, or creates it.
    ///
    /// - Throws: ``StoreError`` with `damaged`, `newerFormat` or `ioFailure`.
    init(path: String, access: EventStore.Access) throws {
        self.path = path
        isReader = access == .reader
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.readonly = access == .reader
        do {
            switch access {
            case .reader:
                database = try DatabaseQueue(path: path, configuration: configuration)
                writer = nil
            case .writer:
                let pool = try DatabasePool(path: path, configuration: configuration)
                // GRDB lowers it to NORMAL when it turns the WAL on; then a commit could vanish with the power.
                try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
                database = pool
                writer = pool
                try CatalogueSchema.migrator.migrate(pool)
            }
            let isSuperseded = try database.read { try CatalogueSchema.migrator.hasBeenSuperseded($0) }
            guard !isSuperseded else {
                throw StoreError(
                    .newerFormat(found: StoreManifest.currentVersion + 1, known: StoreManifest.currentVersion),
                    "the catalogue was written by a newer proofline: use that version; nothing was changed", path: path)
            }
        } catch {
            throw Self.storeError(error, path: path)
        }
    }

    /// Closes the connections; later calls fail. A writer leaves no journal behind where no reader holds it: the first reader to come would
    /// have to go through all of it.
    func close() {
        // A reader in the middle of something keeps it; nobody waits long for that one.
        try? writer?.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 200; PRAGMA wal_checkpoint(TRUNCATE)") }
        try? (database as? DatabasePool)?.close()
        try? (database as? DatabaseQueue)?.close()
    }

    /// Reads within one transaction.
    func read<R>(_ body: (Database) throws -> R) throws -> R {
        do {
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let result = try database.read { try body($0) }
            return result
        } catch {
            throw Self.storeError(error, path: path)
        }
    }

    /// Writes within one durable transaction.
    func write<R>(_ body: (Database) throws -> R) throws -> R {
        guard let writer else { throw StoreError(.readOnly, "the store was opened for reading", path: path) }
        do {
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let result = try writer.write { try body($0) }
            return result
        } catch {
            throw Self.storeError(error, path: path)
        }
    }

    static func storeError(_ error: any Error, path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let sqlite = error as? DatabaseError else {
            return StoreError(.ioFailure, "the catalogue cannot be used", path: path, cause: error)
        }
        switch sqlite.resultCode {
        case .SQLITE_FULL:
            return StoreError(.noSpace, "the disk is full: free some space and start again; nothing is lost", path: path, cause: error)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return StoreError(.damaged, "the catalogue is damaged: make it again with `proofline fsck --rebuild`", path: path, cause: error)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
            return StoreError(.ioFailure, "the catalogue cannot be opened: check the path and its permissions", path: path, cause: error)
        case .SQLITE_ERROR:
            return StoreError(.damaged, "the catalogue lacks something it should have: run `proofline fsck`", path: path, cause: error)
        default:
            return StoreError(.ioFailure, "the catalogue cannot be used", path: path, cause: error)
        }
    }
}
