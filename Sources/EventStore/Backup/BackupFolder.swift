import AuditModel
import Cryptography
import DurableIO

/// The folder that a backup is written to: copies what it lacks, and remembers every file for the manifest.
///
/// A file whose content never changes under its name (a segment, an index, bindings) keeps that name and is taken over from the backup
/// before when that one listed it with the same size; ``verifiesOld`` reads it again. All others go into a folder of this backup's own below
/// `state/`, so that the backup before stays whole until the manifest is replaced. Everything is synced before the manifest names it.
final class BackupFolder {
    let directory: String
    let files: any FileSystem
    /// The files of the backup before, by their place in the store; empty for a first one.
    let previous: [String: BackupManifest.File]
    /// Whether files taken over are hashed again.
    let verifiesOld: Bool
    /// Name of this backup's own folder, such as `state/1790000000000000`.
    let state: String
    private(set) var listed: [String: BackupManifest.File] = [:]
    private(set) var copiedFiles = 0
    private(set) var copiedBytes: UInt64 = 0
    private var touchedFolders: Set<String> = []

    init(_ directory: String, files: any FileSystem, previous: BackupManifest?, taken: Timestamp, verifiesOld: Bool) throws {
        self.directory = directory
        self.files = files
        self.verifiesOld = verifiesOld
        self.previous = Dictionary(uniqueKeysWithValues: (previous?.files ?? []).map { ($0.path, $0) })
        var stamp = taken.microseconds
        while self.previous.values.contains(where: { $0.stored.hasPrefix("state/\(stamp)/") }) { stamp += 1 }
        state = "state/\(stamp)"
        try files.createDirectories("\(directory)/\(state)")
    }

    /// A place inside the folder.
    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Takes a file that never changes under its name.
    ///
    /// - Parameter sha256: What it must hold, where that is known.
    /// - Throws: ``StoreError`` with `damaged` when it holds something else.
    func takeUnchanging(_ source: String, as name: String, sha256: String? = nil) throws {
        if let known = previous[name], known.stored == name, sha256 == nil || sha256 == known.sha256,
            try files.status(path(name))?.sizeBytes == known.sizeBytes,
            try files.status(source)?.sizeBytes == known.sizeBytes,
            try !verifiesOld || FileDigest(of: path(name), files).sha256.hex == known.sha256
        {
            listed[name] = known
            return
        }
        let copy = try Self.copy(source, to: path(name), files, &touchedFolders)
        guard sha256 == nil || sha256 == copy.sha256.hex else {
            throw StoreError(.damaged, "does not hold what was committed, so no backup of it was made: run `proofline fsck`", path: source)
        }
        list(BackupManifest.File(path: name, stored: name, sizeBytes: copy.sizeBytes, sha256: copy.sha256.hex))
    }

    /// Copies a file that changes, by its place in the store.
    func takeState(_ source: String, as name: String) throws {
        let copy = try Self.copy(source, to: path("\(state)/\(name)"), files, &touchedFolders)
        list(BackupManifest.File(path: name, stored: "\(state)/\(name)", sizeBytes: copy.sizeBytes, sha256: copy.sha256.hex))
    }

    /// Writes a file of the state from memory.
    func putState(_ bytes: [UInt8], as name: String) throws {
        let place = path("\(state)/\(name)")
        touchedFolders.insert(files.directory(of: place))
        try files.createDirectories(files.directory(of: place))
        try files.replaceFile(place, bytes)
        list(BackupManifest.File(path: name, stored: "\(state)/\(name)", sizeBytes: UInt64(bytes.count), sha256: SHA256.hash(bytes).hex))
    }

    /// Lists a file that somebody else put into the state's folder.
    func listState(_ name: String) throws {
        let place = path("\(state)/\(name)")
        let file = try files.open(place, .readWrite)
        try file.sync()
        file.close()
        touchedFolders.insert(files.directory(of: place))
        let found = try FileDigest(of: place, files)
        list(BackupManifest.File(path: name, stored: "\(state)/\(name)", sizeBytes: found.sizeBytes, sha256: found.sha256.hex))
    }

    /// Makes all names durable, then the manifest, and then removes what only the backup before listed.
    func finish(_ manifest: (_ files: [BackupManifest.File]) -> BackupManifest) throws {
        for folder in touchedFolders.sorted() { try files.syncDirectory(folder) }
        try files.atomicReplace(path(BackupManifest.fileName), manifest(listed.values.sorted { $0.path < $1.path }).bytes)
        let kept = Set(listed.values.map(\.stored))
        for old in previous.values where !kept.contains(old.stored) {
            if try files.exists(path(old.stored)) { try files.remove(path(old.stored)) }
        }
        // States of earlier backups, finished or not.
        for name in try files.list(path("state")) where "state/\(name)" != state { try files.removeTree(path("state/\(name)")) }
    }

    private func list(_ file: BackupManifest.File) {
        listed[file.path] = file
        copiedFiles += 1
        copiedBytes += file.sizeBytes
    }

    // MARK: Files

    /// Copies a file, syncs it and puts it in place; its name is durable once the folders noted are synced.
    static func copy(
        _ source: String, to path: String, _ files: any FileSystem, _ touched: inout Set<String>
    ) throws -> FileDigest {
        let input = try files.open(source, .read)
        defer { input.close() }
        let folder = files.directory(of: path)
        if touched.insert(folder).inserted { try files.createDirectories(folder) }
        let output = try files.open(path + ".tmp", .readWriteCreating)
        defer { output.close() }
        try output.truncate(to: 0)
        let found = try FileDigest(of: input) { piece, offset in try output.writeAll(piece, at: offset) }
        try output.sync()
        try files.rename(path + ".tmp", to: path)
        return found
    }
}
