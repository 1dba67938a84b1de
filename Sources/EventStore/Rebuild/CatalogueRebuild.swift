import AuditModel
import DurableIO
import Foundation
import TransparencyLog

/// Makes a lost or damaged catalogue again from the log, the segments and `catalogue.jsonl` (docs/formats/store.md).
///
/// The log is believed as far as its signed checkpoint covers it, every entry hashed again; segments as far as the log names their seals; lines as far
/// as they stand under the checkpoint. What was committed behind the checkpoint was seen by no reader; it is undone together with its cursors, so
/// that the next ingest reads those records again. Nothing is deleted: the old catalogue and segments that the log does not name go to `aside/`. Killed
/// at any point, it is run again.
public struct CatalogueRebuild {
    /// What was made, and what could not be.
    public struct Report: Sendable {
        public internal(set) var entries: UInt64 = 0
        public internal(set) var batches = 0
        public internal(set) var segments = 0
        public internal(set) var ledgerRows = 0
        public internal(set) var cursors = 0
        public internal(set) var duplicateKeys = 0
        /// One line for each thing that is lost.
        public internal(set) var lost: [String] = []
        /// Where the old catalogue lies now, and what nobody names; nil where there was nothing.
        public internal(set) var aside: String?
    }

    private let layout: StoreLayout
    private let manifest: StoreManifest
    private let options: StoreOptions
    private let files: any FileSystem
    private let now: Timestamp
    private var report = Report()

    private init(_ layout: StoreLayout, _ manifest: StoreManifest, _ options: StoreOptions) {
        (self.layout, self.manifest, self.options, files, now) = (layout, manifest, options, options.fileSystem, options.clock())
    }

    /// Why the catalogue has to be made again: it is missing, broken, or not that of the published checkpoint. Nil where it can be used.
    public static func reason(directory: String, options: StoreOptions = StoreOptions()) throws -> String? {
        let layout = StoreLayout(directory: directory)
        _ = try StoreManifest(reading: layout, fileSystem: options.fileSystem)
        guard FileManager.default.fileExists(atPath: layout.catalogue) else { return "it is missing" }
        do {
            let store = try EventStore.open(directory: directory, access: .reader, options: options)
            defer { store.close() }
            if let fault = try store.catalogue.brokenPage() { return fault }
            let position = try store.catalogue.position()
            _ = try store.snapshot()
            _ = try store.catalogue.segmentFiles()
            let root = try store.catalogueRoot(at: position.frontier.size, MerkleFrontier())
            return root == position.frontier.root ? nil : "its entries do not give its tree"
        } catch let error as StoreError where error.code == .damaged {
            return error.message
        }
    }

    /// Makes the catalogue again.
    ///
    /// - Parameter mayLosePositions: Goes on where `catalogue.jsonl` is missing or ends early: what only it says is then lost.
    /// - Throws: ``StoreError`` with `damaged` where the log is not whole or positions would be lost; then nothing was changed.
    public static func run(directory: String, options: StoreOptions = StoreOptions(), mayLosePositions: Bool = false) throws -> Report {
        let layout = StoreLayout(directory: directory)
        let manifest = try StoreManifest(reading: layout, fileSystem: options.fileSystem)
        do {
            let lock = try EventStore.takeLock(layout, options.fileSystem)
            defer { lock.release() }
            var rebuild = CatalogueRebuild(layout, manifest, options)
            try rebuild.make(mayLosePositions)
            return rebuild.report
        } catch let error as TransparencyLogError {
            throw StoreError(.damaged, "the log is not whole, so nothing can be made again from it: restore it from a backup", path: layout.log, cause: error)
        } catch {
            throw EventStore.ioError(error, "the catalogue cannot be made again", layout.directory)
        }
    }

    private mutating func make(_ mayLosePositions: Bool) throws {
        let checkpoint = try checkpoint()
        let reader = LogTileReader(fileSystem: files, directory: layout.log, size: checkpoint.size)
        try reader.audit(root: checkpoint.root)
        let lines = try lines(checkpoint.size, mayLosePositions)
        let path = layout.catalogue + ".new"
        try Self.removeCatalogue(path)
        try RealFileSystem().createFile(path, [])
        let catalogue = try Catalogue(path: path, access: .writer)
        var unnamed: [Int64] = []
        do {
            let log = try RebuiltLog(reader, into: catalogue, now: now)
            report.entries = reader.size
            report.batches = log.batchCount
            var segments = RebuiltSegments(layout, files, log)
            try segments.choose { try catalogue.entry($0) }
            try catalogue.insert(segments.chosen, replaced: segments.replaced, at: now)
            unnamed = segments.unnamed
            report.segments = segments.chosen.count
            report.lost += segments.lost
            try finish(catalogue, log, lines, nextSegment: segments.nextSegment)
            try keepHeads(catalogue, log)
            try catalogue.foldLog()
            catalogue.close()
        } catch {
            catalogue.close()
            throw error
        }
        try putInPlace(path, unnamed)
        try writeLines()
    }

    private func checkpoint() throws -> Checkpoint {
        let vkey = try files.readFile(layout.logVerifierKey, limitBytes: 4_096)
        let verifier = try NoteVerifier(vkey: String(decoding: vkey.prefix { $0 != 0x0A }, as: UTF8.self))
        guard let note = try LogTileWriter.published(fileSystem: files, directory: layout.log) else {
            throw StoreError(.damaged, "the log has no checkpoint: restore it from a backup", path: layout.log)
        }
        _ = try note.verify([verifier])
        let checkpoint = try Checkpoint(note: note)
        guard checkpoint.origin == manifest.origin else {
            throw StoreError(.damaged, "the checkpoint is that of another log: restore it from a backup", path: layout.log)
        }
        return checkpoint
    }

    private mutating func lines(_ size: UInt64, _ mayLosePositions: Bool) throws -> CatalogueLineState {
        let path = layout.catalogueLines
        let found = try CatalogueLineFile.state(path, files, storeID: manifest.storeID, limit: size)
        var fault = found?.fault
        if found == nil { fault = "it is missing" }
        if let state = found?.state, fault == nil {
            if state.isBeyondLimit { fault = "it begins behind the checkpoint" }
            let end = state.position?.size ?? 0
            if end < size { fault = "it ends at log entry \(end) of \(size)" }
        }
        guard let fault else { return found?.state ?? CatalogueLineState() }
        guard mayLosePositions else {
            throw StoreError(
                .damaged, "\(fault), and where sources were read to stands nowhere else: restore the store from a backup, or go on without (--lose-positions)",
                path: path)
        }
        report.lost.append(
            "where sources were read to, what their bytes became, and keys of duplicates, as far as \(path) does not say: \(fault). The next ingest reads such contents from their beginning")
        return found?.state ?? CatalogueLineState()
    }

    /// Ledger, cursors, keys, deleted rows and counters.
    private mutating func finish(_ catalogue: Catalogue, _ log: RebuiltLog, _ lines: CatalogueLineState, nextSegment: Int64) throws {
        var change = log.change
        change.ledger = lines.ledger
        change.cursors = lines.cursors.values.map { ($0.row, $0.logIndex) }
        // Keys whose time is over may have been forgotten before.
        change.duplicateKeys = lines.keys.filter { $0.value >= now.microseconds }.map { DuplicateKey(id: $0.key.id, bytes: $0.key.bytes, expires: $0.value) }
        change.duplicateRunsAdded = lines.runs.values.sorted { $0.id < $1.id }
        for run in change.duplicateRunsAdded where try !files.exists(layout.duplicateRun(run.id)) {
            report.lost.append("the \(run.count) duplicate keys in \(layout.duplicateRun(run.id)), which is missing")
        }
        for (batch, item) in log.removed.sorted(by: { $0.key < $1.key }) {
            let rows = IndexRanges(of: item.bits)
            let kept = lines.removed[batch].flatMap { $0.rows == rows ? $0.subtrees : nil }
            if kept == nil { report.lost.append("the hashes that stand for deleted rows of the batch at log index \(batch): nothing proves its other rows") }
            change.removed.append((batch, RemovedRows(rows: rows, subtrees: kept ?? [], entry: item.entry)))
        }
        change.nextEpoch = log.closedEpochs + 1
        if let open = openEpoch(log, lines) {
            change.epochSteps = [.open(number: change.nextEpoch, session: open.session, at: open.at)]
            change.nextEpoch += 1
        }
        change.nextSegment = max(nextSegment, lines.position?.nextSegment ?? 1)
        try catalogue.apply(change) {}
        if let next = lines.position?.nextRun, next > 1 { try catalogue.setNextDuplicateRun(next) }
        report.ledgerRows = change.ledger.count
        report.cursors = change.cursors.count
        report.duplicateKeys = change.duplicateKeys.count + change.duplicateRunsAdded.reduce(0) { $0 + $1.count }
    }

    private func openEpoch(_ log: RebuiltLog, _ lines: CatalogueLineState) -> (session: EventStore.SessionKind, at: Timestamp)? {
        if let open = lines.position?.epoch, open.number == log.closedEpochs + 1, let session = EventStore.SessionKind(rawValue: open.session) {
            return (session, Timestamp(microseconds: open.opened))
        }
        return log.openedBySeal.map { (.ingest, $0) }
    }

    /// Heads at the end of each epoch, signed again: an Ed25519 signature of the same text is the same.
    private mutating func keepHeads(_ catalogue: Catalogue, _ log: RebuiltLog) throws {
        guard !log.heads.isEmpty else { return }
        guard let key = try? files.readFile(layout.logKey, limitBytes: 4_096),
            let signer = try? NoteSigner(encoded: String(decoding: key.prefix { $0 != 0x0A }, as: UTF8.self)), signer.verifier.key.name == manifest.origin
        else {
            report.lost.append("signed heads at the end of each epoch, since \(layout.logKey) cannot be read: packs begin at the last checkpoint only")
            return
        }
        for head in log.heads {
            let note = try Checkpoint(origin: manifest.origin, size: head.size, root: head.root).signed(by: signer)
            try catalogue.keepCheckpoint(size: head.size, time: head.time, note: note)
        }
    }

    // MARK: Files

    private static func removeCatalogue(_ path: String) throws {
        let disk = RealFileSystem()
        for suffix in ["", "-wal", "-shm", "-journal"] where try disk.exists(path + suffix) { try disk.remove(path + suffix) }
    }

    /// Moves what was there aside, then the new catalogue to its place.
    private mutating func putInPlace(_ path: String, _ unnamed: [Int64]) throws {
        let disk = RealFileSystem()
        let aside = "\(layout.directory)/aside/\(now.microseconds)"
        let file = try disk.open(path, .readWrite)
        try file.sync()
        file.close()
        for suffix in ["-wal", "-shm"] where try disk.exists(path + suffix) { try disk.remove(path + suffix) }
        for suffix in ["", "-wal", "-shm", "-journal"] where try disk.exists(layout.catalogue + suffix) {
            try disk.createDirectories(aside)
            try disk.rename(layout.catalogue + suffix, to: "\(aside)/catalogue.sqlite\(suffix)")
            report.aside = aside
        }
        for id in unnamed {
            for name in [layout.segment(id), layout.index(id)] where try files.exists(name) {
                try files.createDirectories(aside)
                try files.rename(name, to: "\(aside)/\(name.dropFirst(layout.segments.utf8.count + 1))")
                report.aside = aside
            }
        }
        if !unnamed.isEmpty { try files.syncDirectory(layout.segments) }
        try disk.rename(path, to: layout.catalogue)
        try disk.syncDirectory(layout.directory)
    }

    private func writeLines() throws {
        let catalogue = try Catalogue(path: layout.catalogue, access: .reader)
        defer { catalogue.close() }
        try catalogue.writeLines(layout, files, storeID: manifest.storeID)
    }
}
