import Cryptography
import DurableIO
import TransparencyLog

/// Puts a backup in place as a store (docs/formats/backup.md).
///
/// Trusts nothing in the backup but what its manifest's hashes confirm: a file that is missing or differs stops the restore with its name, and
/// what was written so far is no store, since `store.json` comes last. Files that the manifest does not list are left behind.
public enum BackupRestore {
    /// Copies every listed file of `backup` into `directory`, which must be missing or empty, checking each, and writes the log's tiles.
    ///
    /// - Parameters:
    ///   - keys: More files to copy, by their place in the store: keys that the backup left out.
    ///   - beforeOpen: Called when all files but `store.json` are in place: the caller replays erasures here, before anybody can open the store.
    /// - Throws: ``StoreError``: `damaged` naming the file, `noStore` where there is no backup, `exists`.
    public static func run(
        from backup: String, to directory: String, keys: [(path: String, place: String)] = [], files: any FileSystem = RealFileSystem(),
        beforeOpen: (_ directory: String) throws -> Void = { _ in }
    ) throws -> BackupManifest {
        let source = StoreLayout(directory: backup).directory
        let target = StoreLayout(directory: directory)
        do {
            guard let manifest = try BackupManifest(of: source, fileSystem: files) else {
                throw StoreError(.noStore, "there is no finished backup here: \(BackupManifest.fileName) is missing", path: source)
            }
            guard try !files.exists(target.directory) || files.list(target.directory).isEmpty else {
                throw StoreError(.exists, "is not empty: restore into a new folder", path: target.directory)
            }
            guard let last = manifest.files.first(where: { $0.path == "store.json" }) else {
                throw StoreError(.damaged, "the backup does not list store.json: use another backup", path: source)
            }
            var touched: Set<String> = []
            try files.createDirectories(target.directory)
            for file in manifest.files where file != last && file.path != "log/checkpoint" {
                try copy(file, source, target, files, &touched)
            }
            for key in keys { _ = try BackupFolder.copy(key.path, to: "\(target.directory)/\(key.place)", files, &touched) }
            for folder in [target.segments, target.bindings, target.duplicates, target.log, target.keys, target.spool, target.vault] {
                try files.createDirectories(folder)
            }
            try writeLog(manifest, source, target, files)
            try beforeOpen(target.directory)
            for folder in touched.sorted() { try files.syncDirectory(folder) }
            try copy(last, source, target, files, &touched)
            try files.syncDirectory(target.directory)
            return manifest
        } catch {
            throw EventStore.ioError(error, "the backup could not be restored", directory)
        }
    }

    private static func copy(
        _ file: BackupManifest.File, _ source: String, _ target: StoreLayout, _ files: any FileSystem, _ touched: inout Set<String>
    ) throws {
        let path = "\(source)/\(file.stored)"
        let copied: FileDigest
        do {
            copied = try BackupFolder.copy(path, to: "\(target.directory)/\(file.path)", files, &touched)
        } catch let error as DurableIOError where error.code == .notFound {
            throw StoreError(.damaged, "is missing from the backup: use another backup", path: path)
        }
        guard copied.sha256.hex == file.sha256 else {
            // What is not as it was must not stay: least of all a store.json, with which the folder would be a store.
            try files.remove("\(target.directory)/\(file.path)")
            throw changed(path)
        }
    }

    private static func changed(_ path: String) -> StoreError {
        StoreError(.damaged, "is not as it was when the backup was made: use another backup", path: path)
    }

    /// Tiles from the catalogue's entries, then the checkpoint that was published when the backup was made.
    private static func writeLog(
        _ manifest: BackupManifest, _ source: String, _ target: StoreLayout, _ files: any FileSystem
    ) throws {
        guard let file = manifest.files.first(where: { $0.path == "log/checkpoint" }) else {
            throw StoreError(.damaged, "the backup lists no checkpoint: use another backup", path: source)
        }
        let path = "\(source)/\(file.stored)"
        guard try FileDigest(of: path, files).sha256.hex == file.sha256 else { throw changed(path) }
        let note = try SignedNote(parsing: files.readFile(path, limitBytes: 1 << 20))
        let size = try Checkpoint(note: note).size
        let catalogue = try Catalogue(path: target.catalogue, access: .reader)
        defer { catalogue.close() }
        var tiles = try LogTileWriter(fileSystem: files, directory: target.log, size: 0)
        while tiles.size < size {
            let entries = try catalogue.entries(in: tiles.size..<min(size, tiles.size + 4_096))
            guard !entries.isEmpty else { throw StoreError(.damaged, "lacks log entries: use another backup", path: target.catalogue) }
            try tiles.append(entries)
        }
        try tiles.publish(note)
        try catalogue.writeLines(target, files, storeID: manifest.storeID)
    }
}
