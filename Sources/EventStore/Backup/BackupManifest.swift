public import AuditModel
import Cryptography
import DurableIO
import TransparencyLog

/// `backup.json`: every file of a backup with its size and SHA-256, and the checkpoint that the backup stands at (docs/formats/backup.md).
///
/// It is written last, so a folder without it holds no finished backup, and one with an older list still holds that backup whole. Read as
/// hostile input.
public struct BackupManifest: Hashable, Sendable {
    /// The format that this build reads and writes.
    public static let currentVersion = 1
    /// The file's name inside the folder.
    public static let fileName = "backup.json"
    static let format = "proofline-backup"

    /// One file.
    public struct File: Hashable, Sendable {
        /// Place in the store, `/` between components.
        public var path: String
        /// Place in the backup's folder: the same for files that never change under their name, else below `state/`.
        public var stored: String
        public var sizeBytes: UInt64
        /// 64 lower-case hex digits.
        public var sha256: String
    }

    /// The store's id, from its `store.json`.
    public var storeID: String
    /// When the backup began.
    public var taken: Timestamp
    /// Log entries under the backup's checkpoint.
    public var checkpointSize: UInt64
    /// Whether the log's private key and the vault's master key are in it.
    public var holdsKeys: Bool
    /// Sorted by path.
    public var files: [File]

    var bytes: [UInt8] {
        let json: JSONValue = [
            "format": .string(Self.format), "version": .integer(Int64(Self.currentVersion)), "storeId": .string(storeID),
            "taken": .string(taken.description), "checkpoint": .integer(Int64(clamping: checkpointSize)),
            "keys": .string(holdsKeys ? "included" : "left out"),
            "files": .array(
                files.map { file in
                    [
                        "path": .string(file.path), "stored": .string(file.stored), "size": .integer(Int64(clamping: file.sizeBytes)), "sha256": .string(file.sha256),
                    ]
                }),
        ]
        return Array((json.prettyText() + "\n").utf8)
    }

    init(storeID: String, taken: Timestamp, checkpointSize: UInt64, holdsKeys: Bool, files: [File]) {
        self.storeID = storeID
        self.taken = taken
        self.checkpointSize = checkpointSize
        self.holdsKeys = holdsKeys
        self.files = files
    }

    /// Reads the manifest of a backup; nil where the folder holds none.
    ///
    /// - Throws: ``StoreError`` with `damaged` for a manifest that is none, or that names a file outside its folder; `newerFormat`.
    public init?(of folder: String, fileSystem: any FileSystem = RealFileSystem()) throws {
        let path = "\(folder)/\(Self.fileName)"
        guard try fileSystem.exists(path) else { return nil }
        let bytes = try fileSystem.readFile(path, limitBytes: 1 << 30)
        let damaged = StoreError(.damaged, "is not a backup's list of files: use another backup", path: path)
        guard let json = try? JSONValue(parsing: bytes), json["format"]?.string == Self.format, let version = json["version"]?.integer else {
            throw damaged
        }
        guard version <= Self.currentVersion else {
            throw StoreError(
                .newerFormat(found: Int(clamping: version), known: Self.currentVersion),
                "a newer proofline made this backup: use that version to restore it; nothing was changed", path: folder)
        }
        guard let storeID = json["storeId"]?.string, let taken = json["taken"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let checkpoint = json["checkpoint"]?.integer, checkpoint >= 0, let list = json["files"]?.array
        else { throw damaged }
        let files = list.compactMap { item -> File? in
            guard let path = item["path"]?.string, Self.isInside(path), let stored = item["stored"]?.string, Self.isInside(stored),
                let size = item["size"]?.integer, size >= 0, let sha256 = item["sha256"]?.string, sha256.utf8.count == 64
            else { return nil }
            return File(path: path, stored: stored, sizeBytes: UInt64(size), sha256: sha256)
        }
        guard files.count == list.count, Set(files.map(\.path)).count == files.count else { throw damaged }
        self.init(
            storeID: storeID, taken: taken, checkpointSize: UInt64(checkpoint), holdsKeys: json["keys"]?.string == "included", files: files)
    }

    /// A relative path that leads nowhere else.
    private static func isInside(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return path.utf8.count <= 512 && !path.utf8.contains(0) && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
