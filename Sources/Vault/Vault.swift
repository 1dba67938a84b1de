import Cryptography
import Foundation
import GRDB
import Glibc

/// Identities behind tokens: one SQLite file of its own, so that it can be backed up, held and erased on its own.
///
/// - Giving tokens: ``batch(_:)``, one durable transaction per batch; to many threads at once, made durable by ``flush(epoch:salts:)``.
/// - Finding: ``lookup(_:)``, ``tokens(ofPersonWith:)``, ``status()``.
/// - Binding: ``takePendingBindings()``, ``markBound(_:)``.
/// - Salts of batches: ``newBatchSalt(for:)``, ``batchSalt(for:)``, ``destroyBatchSalts(_:)``.
/// - Disclosure and end: ``reveal(_:request:now:)``, ``erase(_:now:)``.
///
/// Trusts its file no further than AES-GCM: a changed page, value, salt or key does not open and is a ``VaultError`` `damaged`. It is
/// durable (synchronous FULL) when ``batch(_:)`` or ``flush(epoch:salts:)`` returns, and so before the store's commit. One process writes; others read.
public final class Vault: Sendable {
    /// Whether this process may give tokens.
    public enum Access: Sendable {
        case writer, reader
    }

    /// The folder of the vault.
    public let directory: String
    let access: Access
    let database: DatabaseQueue
    let master: MasterKey
    let lookupKey: HMACSHA256
    let saltKey: [UInt8]
    /// Held by whoever uses the file or what follows: a batch that runs keeps others waiting.
    let lock = NSRecursiveLock()
    /// The pages of tokens, made at first use. Touched under `lock` only.
    nonisolated(unsafe) var file: VaultFile?
    /// Gives tokens and holds those that are not written yet. Touched under `lock` only.
    nonisolated(unsafe) var desk: TokenDesk?
    /// Commitments that no seal holds yet. Touched under `lock` only.
    nonisolated(unsafe) var bindings = PendingBindings()
    /// How often tokens that were given stopped being any (``epoch``). Touched under `lock` only.
    nonisolated(unsafe) var lostCount: UInt64 = 0

    /// The vault's file inside its folder.
    public static let fileName = "vault.sqlite"

    /// Makes a vault with a new master key in `directory`.
    ///
    /// - Parameter passphrase: Seals the key file; nil leaves it guarded by its mode alone.
    /// - Throws: ``VaultError`` `alreadyExists`, `storage`.
    @discardableResult
    public static func create(
        directory: String, passphrase: String? = nil, keyPath: String? = nil
    ) throws -> Vault {
        let path = directory + "/" + fileName
        guard !FileManager.default.fileExists(atPath: path) else {
            throw VaultError(.alreadyExists, "there is a vault already; open it, or choose another folder", path: path)
        }
        try PrivateDatabase.makeFolder(directory)
        let master = MasterKey.random()
        try master.write(to: keyPath ?? directory + "/" + MasterKey.fileName, passphrase: passphrase)
        let queue = try PrivateDatabase.open(path: path, access: .writer, mayCreate: true)
        try storage(path) {
            try queue.write { db in
                try VaultSchema.create(db)
                try db.execute(sql: "INSERT INTO meta VALUES ('check', ?)", arguments: [Data(checkValue(master))])
                try VaultFile(db, master: master, directory: directory).pages.writeRoot(VaultRoot().bytes)
            }
        }
        return Vault(directory: directory, access: .writer, database: queue, master: master)
    }

    /// Opens the vault of `directory`.
    ///
    /// - Throws: ``VaultError`` `notFound`, `wrongKey`, `newerFormat`, `storage`.
    public static func open(directory: String, masterKey: MasterKey, access: Access = .writer) throws -> Vault {
        let path = directory + "/" + fileName
        try requireFile(path)
        let queue = try PrivateDatabase.open(path: path, access: access, mayCreate: false)
        let (format, check) = try storage(path) {
            try queue.read { db in
                (
                    try Int.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'format'"),
                    try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'check'")
                )
            }
        }
        guard let format, let check else {
            throw VaultError(.damaged, "the vault's format and key check are missing; restore it from its backup", path: path)
        }
        guard format <= VaultSchema.formatVersion else {
            throw VaultError(.newerFormat, "a newer proofline wrote this vault (format \(format)); upgrade to open it", path: path)
        }
        guard format == VaultSchema.formatVersion else {
            throw VaultError(
                .damaged, "an older proofline wrote this vault (format \(format)); open it with that one, or ingest into a new store", path: path)
        }
        guard Array(check) == checkValue(masterKey) else {
            throw VaultError(
                .wrongKey, "this master key belongs to another vault; name the right one in \(MasterKey.fileVariable)", path: path)
        }
        return Vault(directory: directory, access: access, database: queue, master: masterKey)
    }

    /// Opens the vault of `directory` with the key that the environment names, else the one in the folder.
    public static func open(
        directory: String, access: Access = .writer, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Vault {
        try requireFile(directory + "/" + fileName)
        let key = try MasterKey.load(
            path: MasterKey.path(directory: directory, environment: environment),
            passphrase: environment[MasterKey.passphraseVariable])
        return try open(directory: directory, masterKey: key, access: access)
    }

    /// Tells a vault that is not there from one that this user may not see.
    private static func requireFile(_ path: String) throws {
        guard Glibc.access(path, R_OK) != 0 else { return }
        if errno == EACCES {
            throw VaultError(.storage, "no permission to open the vault; run proofline as the user that owns the store", path: path)
        }
        throw VaultError(.notFound, "there is no vault; run proofline init, or restore it from its backup", path: path)
    }

    private init(directory: String, access: Access, database: DatabaseQueue, master: MasterKey) {
        self.directory = directory
        self.access = access
        self.database = database
        self.master = master
        lookupKey = HMACSHA256(key: master.derive(.lookup))
        saltKey = master.derive(.batchSalts)
    }

    /// Closes the file; the vault is of no use afterwards. What was given and not flushed is forgotten.
    func shut() throws {
        lock.lock()
        defer { lock.unlock() }
        desk = nil
        file = nil
        try storage(directory) { try database.close() }
    }

    /// The key for a purpose outside the vault: duplicates, fingerprints, cursors.
    public func key(_ purpose: DerivedKey) -> [UInt8] { master.derive(purpose) }

    private static func checkValue(_ master: MasterKey) -> [UInt8] {
        HMACSHA256(key: master.derive(.check)).authenticate("proofline vault").bytes
    }

    func requireWriter() throws {
        guard access == .writer else {
            throw VaultError(.readOnly, "this vault is open for reading; only the store's writer changes it", path: directory)
        }
    }
}

/// Runs `body` and gives SQLite's failures the vault's error.
func storage<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch let error as DatabaseError {
        throw VaultError(.storage, "SQLite failed (full disk, a lock, or a damaged file?)", cause: error, path: path)
    }
}
