import AuditModel
import DurableIO
import Synchronization
import TransparencyLog

/// The store: segments of events, a catalogue, and a transparency log, which change together or not at all.
///
/// Life of a commit (``commit(_:)``): the segment and its index are written and synced; one SQLite transaction with full
/// synchronisation records segment, ledger, cursors, log entries and tree frontier, and *is* the commit; then the log's tiles
/// and the signed checkpoint follow. Opening for writing redoes the last two and removes what never was committed.
///
/// One process writes (a lock says who); any number read, at any time, through ``snapshot()``, and block nobody. The store
/// trusts its directory's owner and nothing it reads: a file that does not fit its checksum is an alarm, never a truncation.
public final class EventStore: @unchecked Sendable {
    // Safe to share: everything that changes is touched only inside `exclusively`.

    /// How a store is opened.
    public enum Access: Hashable, Sendable {
        /// The one writer.
        case writer
        /// One of many readers.
        case reader
    }

    /// What kind of process writes.
    public enum SessionKind: String, Hashable, Sendable {
        /// The service that owns its sources: its down-time is a gap.
        case service
        /// One run over files.
        case ingest
    }

    /// Names of the files.
    public let layout: StoreLayout
    /// Format and identity.
    public let manifest: StoreManifest
    /// How it was opened.
    public let access: Access

    let options: StoreOptions
    let catalogue: Catalogue
    let verifier: NoteVerifier
    /// Mapped segments and decoded pages, shared by all snapshots.
    let pool: SegmentPool
    let duplicates: DuplicateRuns
    var lock: (any FileLock)?
    var signer: NoteSigner?
    var writer: WriterState?
    /// The writer's file of lines; nil until it is opened, and for readers.
    var lines: CatalogueLines?
    /// Why tiles or checkpoint lag behind the catalogue; nil when they do not.
    var publishFailure: (any Error)?
    private let mutex = Mutex(())

    init(
        layout: StoreLayout, manifest: StoreManifest, access: Access, options: StoreOptions, catalogue: Catalogue,
        verifier: NoteVerifier
    ) {
        self.layout = layout
        self.manifest = manifest
        self.access = access
        self.options = options
        self.catalogue = catalogue
        self.verifier = verifier
        pool = SegmentPool(options)
        duplicates = DuplicateRuns(layout: layout, fileSystem: options.fileSystem)
    }

    /// Position that the next event gets. Only for the writer, between its commits.
    public var nextSeq: Int64 { exclusively { writer?.position.nextSeq ?? 0 } }

    /// Runs one operation of the writer at a time.
    func exclusively<R>(_ body: () throws -> R) rethrows -> R {
        try mutex.withLock { _ in
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let result = try body()
            return result
        }
    }

    // MARK: Reading

    /// How far one content was read; nil when it is unknown.
    public func cursor(source: String, contentID: String) throws -> CursorRow? {
        try catalogue.cursor(source: source, contentID: contentID)
    }

    /// All cursors of a source, by content id.
    public func cursors(source: String) throws -> [CursorRow] {
        try catalogue.cursors(source: source)
    }

    /// An immutable view as of the published checkpoint.
    public func snapshot() throws -> StoreSnapshot {
        try StoreSnapshot(layout: layout, options: options, catalogue: catalogue, verifier: verifier, pool: pool)
    }

    /// Gives the lock up. The session should be closed before.
    public func close() {
        exclusively {
            writer = nil
            lines?.sync()
            lines = nil
            lock?.release()
            lock = nil
        }
        catalogue.close()
    }
}
