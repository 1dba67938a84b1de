import Foundation
import GRDB
import Glibc

extension Vault {
    /// Copies the vault's files into a folder, consistently, while another process may be writing them.
    ///
    /// Call it after the store's catalogue was copied: a vault may know more tokens than the events that are in a backup, never fewer.
    ///
    /// - Parameter holdsMasterKey: Whether to copy the master key too, when it lies in the vault's folder. Without it the copy opens nothing.
    /// - Returns: The names of the files written.
    /// - Throws: ``VaultError`` `storage`.
    public func backUp(to folder: String, holdsMasterKey: Bool) throws -> [String] {
        try PrivateDatabase.makeFolder(folder)
        var names = [Self.fileName]
        // The desk reads on the same connection, under the lock alone.
        try lock.withLock { try storage(folder) { try Self.copy(database, to: folder + "/" + Self.fileName) } }
        let quarantine = directory + "/" + QuarantineStore.fileName
        if FileManager.default.fileExists(atPath: quarantine) {
            let queue = try PrivateDatabase.open(path: quarantine, access: .reader, mayCreate: false)
            try storage(folder) { try Self.copy(queue, to: folder + "/" + QuarantineStore.fileName) }
            names.append(QuarantineStore.fileName)
        }
        let key = directory + "/" + MasterKey.fileName
        if holdsMasterKey, FileManager.default.fileExists(atPath: key) {
            try Self.copyKey(key, to: folder + "/" + MasterKey.fileName)
            names.append(MasterKey.fileName)
        }
        return names
    }

    /// By SQLite's backup in one step into a new file, which then takes the old one's place.
    private static func copy(_ source: DatabaseQueue, to path: String) throws {
        let temporary = path + ".tmp"
        for suffix in ["", "-journal", "-wal", "-shm"] { unlink(temporary + suffix) }
        let copy = try PrivateDatabase.open(path: temporary, access: .writer, mayCreate: true)
        try source.backup(to: copy)
        try copy.writeWithoutTransaction { _ = try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE") }
        try copy.close()
        try moveDurably(temporary, to: path)
    }

    private static func copyKey(_ source: String, to path: String) throws {
        let temporary = path + ".tmp"
        unlink(temporary)
        guard let bytes = FileManager.default.contents(atPath: source),
            FileManager.default.createFile(atPath: temporary, contents: bytes, attributes: [.posixPermissions: 0o600])
        else { throw VaultError(.storage, "the master key cannot be copied", path: source) }
        try moveDurably(temporary, to: path)
    }

    private static func moveDurably(_ temporary: String, to path: String) throws {
        let descriptor = Glibc.open(temporary, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
            throw VaultError(.storage, "the copy cannot be put in place: \(String(cString: strerror(errno)))", path: path)
        }
    }
}

extension Vault {
    /// The tokens that were erased, sorted: what a restore of an older backup must erase again.
    public func erasedTokens() throws -> [String] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT bits, kind FROM erased").map { try Self.token($0).description }.sorted()
        }
    }
}
