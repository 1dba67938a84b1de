import AuditModel
import Cryptography
import DurableIO
import Foundation
import GRDB
import TransparencyLog

/// What a backup did.
public struct BackupReport: Hashable, Sendable {
    /// The folder's list of files.
    public let manifest: BackupManifest
    /// Files written by this run; the rest was there from the backup before.
    public let copiedFiles: Int
    /// Their bytes.
    public let copiedBytes: UInt64
}

extension EventStore {
    /// Copies the store into a folder, consistently, while another process may be writing it (docs/formats/backup.md).
    ///
    /// Order, each step durable before the next: the published checkpoint is read; then the catalogue is copied in one SQLite transaction, so it
    /// covers the checkpoint; then whatever `beside` copies (the vault, which may only be newer); then the files that the copied
    /// catalogue names, none of which changes under its name; last the manifest. Tiles are not copied: a restore writes them from the
    /// catalogue's entries. Run again into the same folder it copies what is new. Whenever it is killed, the backup before stays whole.
    ///
    /// - Parameters:
    ///   - holdsKeys: Whether to copy the log's private key; `beside` does the same for the vault's.
    ///   - verifiesOld: Reads the files again that the backup before listed.
    ///   - beside: Is given a folder that stands for the store's; returns the paths in it of the files that it wrote.
    /// - Throws: ``StoreError``: `damaged` for a segment that is not as it was committed, `exists` for a folder of another store.
    public func backUp(
        to directory: String, holdsKeys: Bool, verifiesOld: Bool = false, beside: (_ directory: String) throws -> [String]
    ) throws -> BackupReport {
        let files = options.fileSystem
        do {
            let target = StoreLayout(directory: directory).directory
            let previous = try previousBackup(target)
            let taken = options.clock()
            guard let note = try LogTileWriter.published(fileSystem: files, directory: layout.log) else {
                throw StoreError(.damaged, "the log has no checkpoint: run `proofline fsck`", path: layout.log)
            }
            let checkpoint = try Checkpoint(note: note)
            let folder = try BackupFolder(target, files: files, previous: previous, taken: taken, verifiesOld: verifiesOld)
            try copyWhatIsNamed(folder, beside)
            try folder.putState(note.bytes, as: "log/checkpoint")
            try folder.takeState(layout.manifest, as: "store.json")
            try folder.takeState(layout.logVerifierKey, as: "keys/log.vkey")
            if holdsKeys { try folder.takeState(layout.logKey, as: "keys/log.key") }
            for name in try files.list(layout.spool) where !name.hasSuffix(".tmp") {
                try folder.takeState("\(layout.spool)/\(name)", as: "spool/\(name)")
            }
            var made: BackupManifest?
            try folder.finish { list in
                let manifest = BackupManifest(
                    storeID: manifest.storeID, taken: taken, checkpointSize: checkpoint.size, holdsKeys: holdsKeys, files: list)
                made = manifest
                return manifest
            }
            guard let made else { preconditionFailure("a finished backup has a manifest") }
            return BackupReport(manifest: made, copiedFiles: folder.copiedFiles, copiedBytes: folder.copiedBytes)
        } catch {
            throw Self.ioError(error, "the backup could not be made; the store itself is unchanged", directory)
        }
    }

    /// The manifest of the backup in a folder, if it is one of this store; refuses a folder that is something else.
    private func previousBackup(_ target: String) throws -> BackupManifest? {
        let files = options.fileSystem
        if let previous = try BackupManifest(of: target, fileSystem: files) {
            guard previous.storeID == manifest.storeID else {
                throw StoreError(.exists, "holds the backup of another store: choose another folder", path: target)
            }
            return previous
        }
        guard try !files.exists("\(target)/store.json") else {
            throw StoreError(.exists, "is a store, not a backup: choose another folder", path: target)
        }
        let others = try files.exists(target) ? files.list(target).filter { !["state", "segments", "bindings", "duplicates"].contains($0) } : []
        guard others.isEmpty else {
            throw StoreError(.exists, "holds something else (\(others[0])): choose a new folder, or one with a backup of this store", path: target)
        }
        return nil
    }

    /// A compaction may remove segments, a merge runs of duplicate keys, between the catalogue's copy and theirs; then the newer catalogue names others.
    private func copyWhatIsNamed(_ folder: BackupFolder, _ beside: (String) throws -> [String]) throws {
        var attempt = 1
        while true {
            do {
                try copyCatalogue(into: folder)
                for name in try beside(folder.path(folder.state)) { try folder.listState(name) }
                try copyNamedFiles(folder)
                return
            } catch let error as DurableIOError where error.code == .notFound && attempt < 5 {
                attempt += 1
            }
        }
    }

    /// The catalogue, by SQLite's backup in one step, which sees one state and blocks no writer in WAL mode.
    private func copyCatalogue(into folder: BackupFolder) throws {
        let path = folder.path("\(folder.state)/catalogue.sqlite")
        let disk = RealFileSystem()
        if try disk.exists(path) { try disk.remove(path) }
        try disk.createFile(path, [])
        let copy = try DatabaseQueue(path: path)
        try catalogue.database.backup(to: copy)
        // One file, without a log beside it.
        try copy.writeWithoutTransaction { _ = try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE") }
        try copy.close()
        try folder.listState("catalogue.sqlite")
    }

    /// Segments, indexes, runs of duplicate keys and bindings that the copied catalogue names.
    private func copyNamedFiles(_ folder: BackupFolder) throws {
        let copied = try Catalogue(path: folder.path("\(folder.state)/catalogue.sqlite"), access: .reader)
        defer { copied.close() }
        for segment in try copied.segmentFiles() {
            let id = segment.record.id
            // What is known to be damaged is kept as it is: it may be all that is left.
            let isWhole = segment.record.damage == nil
            for (path, sha256) in [(layout.segment(id), segment.sha256), (layout.index(id), segment.indexSHA256)] {
                guard try isWhole || folder.files.exists(path) else { continue }
                try folder.takeUnchanging(path, as: relative(path), sha256: isWhole ? sha256.hex : nil)
            }
        }
        for run in try copied.duplicateRuns() {
            let path = layout.duplicateRun(run.id)
            try folder.takeUnchanging(path, as: relative(path))
        }
        let nextSeq = try copied.position().nextSeq
        for name in try folder.files.list(layout.bindings) {
            guard let firstSeq = Int64(name.prefix { $0 != "." }), firstSeq < nextSeq, !name.hasSuffix(".tmp") else { continue }
            try folder.takeUnchanging("\(layout.bindings)/\(name)", as: "bindings/\(name)")
        }
    }

    private func relative(_ path: String) -> String { String(path.dropFirst(layout.directory.count + 1)) }
}
