import Foundation
import GRDB
import Glibc

/// Opens the SQLite files that hold identities: mode 0600 in a folder of mode 0700, secure delete, WAL with full syncs.
enum PrivateDatabase {
    /// Pages that a writer keeps in memory, in KiB; what a transaction changes beyond them goes to SQLite's log before its end.
    private static let cacheKiB = 16_384
    /// Pages of SQLite's log after which they move into the file. Rows are appended, so that a short log that is used again costs less than a long one.
    private static let checkpointPages = 1_024

    /// Opens a file, creating it when `mayCreate`.
    static func open(path: String, access: Vault.Access, mayCreate: Bool) throws -> DatabaseQueue {
        if mayCreate {
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw VaultError(.storage, "cannot create it: \(String(cString: strerror(errno)))", path: path)
            }
            close(descriptor)
        }
        var configuration = Configuration()
        configuration.readonly = access == .reader
        configuration.busyMode = .timeout(10)
        configuration.label = "vault"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            if access == .writer {
                try queue.inDatabase { db in
                    try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                    try db.execute(sql: "PRAGMA cache_size = -\(cacheKiB); PRAGMA wal_autocheckpoint = \(checkpointPages)")
                }
            }
            return queue
        } catch {
            // Even a reader of a write-ahead log keeps a file beside it.
            if (error as? DatabaseError)?.resultCode == .SQLITE_CANTOPEN,
                Glibc.access((path as NSString).deletingLastPathComponent, W_OK) != 0
            {
                throw VaultError(
                    .storage, "it cannot be read where nothing may be written: copy the store to a writable place and use that", path: path)
            }
            throw VaultError(.storage, "SQLite cannot open it; see the cause", cause: error, path: path)
        }
    }

    /// Makes a folder of mode 0700, or narrows an existing one.
    static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw VaultError(.storage, "cannot make the vault's folder", cause: error, path: path)
        }
        guard chmod(path, 0o700) == 0 else {
            throw VaultError(.storage, "cannot narrow the folder's mode to 0700: \(String(cString: strerror(errno)))", path: path)
        }
    }
}
