import AuditModel
import DurableIO
import TransparencyLog

/// Tokens that stand for nobody any more, as `erasure` entries of a log name them (docs/formats/seal.md).
public enum ErasedTokens {
    /// Tokens in one entry.
    static let inEntry = 500

    static func tokens(in entry: JSONValue) -> [String] { entry["tokens"]?.array?.compactMap(\.string) ?? [] }

    /// Reads a log's folder, or that of a store: a copy of the log that is newer than a backup.
    ///
    /// Nothing in it is believed but what leads to a checkpoint signed by the key.
    ///
    /// - Parameter vkey: The log's public key, a C2SP vkey line.
    /// - Returns: sorted; with the number of entries that were read.
    /// - Throws: ``StoreError`` with `damaged` where it is not this log, or not whole.
    public static func read(
        log folder: String, vkey: String, files: any FileSystem = RealFileSystem()
    ) throws -> (tokens: [String], size: UInt64) {
        let inner = StoreLayout(directory: folder).log
        let directory = (try? files.exists(inner)) ?? false ? inner : StoreLayout(directory: folder).directory
        do {
            guard let note = try LogTileWriter.published(fileSystem: files, directory: directory) else {
                throw StoreError(.damaged, "is neither a store nor a log: there is no checkpoint in it", path: folder)
            }
            _ = try note.verify([try NoteVerifier(vkey: vkey)])
            let checkpoint = try Checkpoint(note: note)
            let reader = LogTileReader(fileSystem: files, directory: directory, size: checkpoint.size)
            try reader.audit(root: checkpoint.root)
            var tokens: Set<String> = []
            try reader.forEachEntry(in: 0..<checkpoint.size) { _, bytes in
                guard let json = try? JSONValue(parsing: bytes), json["type"]?.string == LogEntryKind.erasure.rawValue else { return }
                tokens.formUnion(Self.tokens(in: json))
            }
            return (tokens.sorted(), checkpoint.size)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.damaged, "is not a whole log of the backup's store", path: directory, cause: error)
        }
    }
}

extension EventStore {
    /// Writes that tokens stand for nobody from now on. To be called before the vault erases them: said and not done is done again, done and not said
    /// would come back with a backup.
    ///
    /// - Returns: the entries' places in the log.
    @discardableResult
    public func appendErasure(of tokens: [String]) throws -> [UInt64] {
        let sorted = tokens.sorted()
        return try stride(from: 0, to: sorted.count, by: ErasedTokens.inEntry).map { start in
            let part = sorted[start..<min(start + ErasedTokens.inEntry, sorted.count)]
            return try appendEntry(.erasure, ["tokens": .array(part.map { .string($0) })])
        }
    }
}

extension StoreSnapshot {
    /// Tokens that `erasure` entries under the checkpoint name, sorted.
    public func erasedTokens() throws -> [String] {
        try Set(entries([.erasure]).flatMap { ErasedTokens.tokens(in: $0.json) }).sorted()
    }
}
