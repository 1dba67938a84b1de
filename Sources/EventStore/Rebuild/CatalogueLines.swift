import AuditModel
import DurableIO
import TransparencyLog

/// The writer of `catalogue.jsonl`: a line after each transaction, so that a lost catalogue can be made again from segments, log and this file.
///
/// A line is appended when its transaction is durable and is not synced itself: losing the last lines matters only if the catalogue is lost
/// in the same moment, and opening for writing puts right what is missing. So it costs a commit one write. It never fails a commit: what could
/// not be written is made up for by writing the whole again. The whole is also written again where the file has grown to several times that.
final class CatalogueLines {
    /// Bytes that the file may grow by before it is written again, beside three times its size then.
    private static let growthBytes: UInt64 = 16 << 20

    private let path: String
    private let files: any FileSystem
    private let storeID: String
    private var file: (any OpenFile)?
    private var end: UInt64 = 0
    /// Length when the whole was written last.
    private var wholeBytes: UInt64 = 0
    /// Whether a line is missing.
    private var isBehind = true

    init(_ layout: StoreLayout, _ files: any FileSystem, storeID: String) {
        (path, self.files, self.storeID) = (layout.catalogueLines, files, storeID)
    }

    /// Takes the file over where it is whole and stands at this position.
    ///
    /// - Returns: whether it is; else ``rewrite(_:)`` makes it so.
    func adopt(at position: CatalogueLine.Position) -> Bool {
        guard let bytes = try? files.readFile(path) else { return false }
        var last: ArraySlice<UInt8>?
        var isOurs = false
        let ending = CatalogueLineFile.scan(bytes) { json in
            if last == nil { isOurs = CatalogueLineFile.isHeader(json, storeID: storeID) }
            last = json
        }
        guard ending == .whole, isOurs, let line = last.flatMap({ try? JSONValue(parsing: $0) }).flatMap({ CatalogueLine(json: $0) }),
            line.position.isCurrent(with: position), let opened = try? files.open(path, .readWrite)
        else { return false }
        (file, end, wholeBytes, isBehind) = (opened, UInt64(bytes.count), UInt64(bytes.count) / 4, false)
        return true
    }

    /// Appends a line; where that is not possible, or the file has grown too long, writes the whole.
    ///
    /// - Parameter isSynced: For what must outlive the files that are removed next.
    func append(_ line: CatalogueLine, isSynced: Bool, whole: (_ put: (CatalogueLine) throws -> Void) throws -> Void) {
        do {
            guard let file, !isBehind, end < 4 * wholeBytes + Self.growthBytes else { return try rewrite(whole) }
            let bytes = CatalogueLineFile.line(line.json)
            try file.writeAll(bytes, at: end)
            end += UInt64(bytes.count)
            if isSynced { try file.sync() }
        } catch {
            isBehind = true
            // The beginning of a line may be there, as on a full disk.
            try? file?.truncate(to: end)
        }
    }

    /// Makes what was appended durable; a failure is made up for later.
    func sync() {
        do { try file?.sync() } catch { isBehind = true }
    }

    /// Puts a new file in place that says the whole.
    ///
    /// - Parameter whole: Puts lines one after the other, of which the first is a start.
    /// - Throws: `DurableIOError`, ``StoreError``.
    func rewrite(_ whole: (_ put: (CatalogueLine) throws -> Void) throws -> Void) throws {
        isBehind = true
        let temporary = path + ".tmp"
        let output = try files.open(temporary, .readWriteCreating)
        defer { output.close() }
        try output.truncate(to: 0)
        var pending = CatalogueLineFile.header(storeID: storeID)
        var offset: UInt64 = 0
        func flush() throws {
            try output.writeAll(pending, at: offset)
            offset += UInt64(pending.count)
            pending.removeAll(keepingCapacity: true)
        }
        try whole { line in
            pending += CatalogueLineFile.line(line.json)
            if pending.count > 1 << 20 { try flush() }
        }
        try flush()
        try output.sync()
        try files.rename(temporary, to: path)
        try files.syncDirectory(files.directory(of: path))
        file?.close()
        file = try files.open(path, .readWrite)
        (end, wholeBytes, isBehind) = (offset, offset, false)
    }
}

extension EventStore {
    /// Opens the file of lines, and writes it again where it does not stand where the catalogue does.
    func openLines() throws {
        let lines = CatalogueLines(layout, options.fileSystem, storeID: manifest.storeID)
        if !lines.adopt(at: try linePosition()) { try lines.rewrite(wholeLines) }
        self.lines = lines
    }

    /// The line of a change that is committed.
    func appendLine(_ change: CatalogueChange) {
        guard let lines, let position = try? linePosition() else { return }
        lines.append(CatalogueLine(change, position), isSynced: !change.removed.isEmpty, whole: wholeLines)
    }

    private func linePosition() throws -> CatalogueLine.Position {
        guard let state = writer else { throw Self.notAWriter(layout) }
        let (ids, nextRun) = duplicates.locked { (duplicates.all.map(\.id), duplicates.nextID) }
        return CatalogueLine.Position(state.position, state.epoch, nextRun: nextRun, runIDs: ids)
    }

    private func wholeLines(_ put: (CatalogueLine) throws -> Void) throws {
        try catalogue.putLines(at: try linePosition(), put)
    }
}

extension Catalogue {
    /// Writes the file of lines of a store that nobody has open for writing.
    func writeLines(_ layout: StoreLayout, _ files: any FileSystem, storeID: String) throws {
        let position = CatalogueLine.Position(
            try position(), try openEpoch()?.epoch, nextRun: try nextDuplicateRun(), runIDs: try duplicateRuns().map(\.id))
        try CatalogueLines(layout, files, storeID: storeID).rewrite { put in try putLines(at: position, put) }
    }
}
