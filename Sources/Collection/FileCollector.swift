import AuditModel
import DurableIO

/// Reads files: those that are there, those that come, and what is added to them, through rotation in both styles.
///
/// - A file is known by its content, so a rename, a copy and a compressed twin of what was read add nothing, and a copy that holds
///   what a truncation took away is read on from where the original stopped. The inode only saves work.
/// - Plain files are read as they grow; an unfinished last line waits for its end. Compressed files are read once whole.
/// - When following, inotify tells when to look; a look at everything every two seconds is the safety net.
/// - Memory: one read buffer and the unfinished record per open file; at most ``maximumIdleReaders`` idle files stay open.
///
/// Not safe for use from several threads at once.
public final class FileCollector: Collector {
    public let source: String

    let patterns: [Glob]
    let fileSystem: any FileSystem
    let hashing: any ContentHashing
    let mode: Mode
    let modified: Timestamp?
    let watcher: DirectoryWatcher?

    var known = KnownContents()
    var files: [FileKey: TrackedFile] = [:]
    /// Contents with a reader, in the order in which they are asked.
    var reading: [KnownContent] = []
    /// Contents by the file that their cursor last saw them in.
    var places: [FileKey: KnownContent] = [:]
    /// In ``Mode/once``: what is still to be read.
    var queue: [(path: String, status: FileStatus)] = []
    var nextScan: UInt64 = 0
    var earliestScan: UInt64 = 0
    /// Whether something happened that only a look at everything tells.
    var wantsScan = false
    /// Whether a file turned into something else since the last look.
    var mustLook = false
    var firstScan: UInt64?
    var hasSearchedForLost = false
    var noted: Set<String> = []

    /// Whether to stop at the end.
    public enum Mode: Hashable, Sendable {
        /// Read what is there to its end, then stop.
        case once
        /// Go on as files grow and come.
        case follow
    }

    /// A file as the operating system tells files apart, while it exists.
    struct FileKey: Hashable {
        let device: UInt64
        let inode: UInt64

        init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }

        init(_ status: FileStatus) { self.init(device: status.device, inode: status.inode) }
    }

    /// A file seen by the last look.
    struct TrackedFile {
        var path: String
        var status: FileStatus
        var role: Role
    }

    /// What a seen file is to us.
    enum Role {
        /// Too short to be known yet, or still being written.
        case waiting
        /// Its content is being read here.
        case reading(KnownContent)
        /// It holds a content that is or was read elsewhere, or here to its end.
        case settled(KnownContent)
        /// It cannot be read, is damaged, or is none of ours.
        case failed
    }

    /// How often everything is looked at, whatever inotify says.
    static let scanMilliseconds: UInt64 = 2_000
    /// How long a content whose file was truncated or removed waits for a copy of it.
    static let graceMilliseconds: UInt64 = 3_000
    /// How long an unfinished last line waits for its end before it is taken as it is.
    static let unfinishedMilliseconds: UInt64 = 60_000
    /// After how much silence a record of several lines is taken to be complete.
    static let quietMilliseconds: UInt64 = 500
    /// Decompressed bytes after which a step ends, however few bytes of the file they were.
    static let deliveredBytes: UInt64 = 16 << 20
    /// How many files stay open while nothing happens in them.
    static let maximumIdleReaders = 256

    /// - Parameters:
    ///   - patterns: Path patterns (`*`, `?`, `[…]`, `**`).
    ///   - cursors: What the store has for this source.
    ///   - modified: When given, the time at which every content is taken to have been last changed.
    /// - Throws: ``CollectionError``.
    public init(
        source: String, patterns: [String], mode: Mode, cursors: [CollectorCursor], hashing: any ContentHashing,
        fileSystem: any FileSystem = RealFileSystem(), modified: Timestamp? = nil
    ) throws(CollectionError) {
        self.source = source
        var globs: [Glob] = []
        for pattern in patterns { globs.append(try Glob(pattern)) }
        self.patterns = globs
        self.mode = mode
        self.hashing = hashing
        self.fileSystem = fileSystem
        self.modified = modified
        watcher = mode == .follow ? try DirectoryWatcher() : nil
        for cursor in cursors {
            let content = KnownContent(try FileCursor(cursor))
            known.add(content)
            if let place = content.cursor.place { places[FileKey(device: place.device, inode: place.inode)] = content }
        }
    }

    public var readiness: Int32? { watcher?.descriptor }

    /// In ``Mode/once`` after the first call: bytes of all matching files, for progress.
    public internal(set) var totalBytes: UInt64 = 0

    public func collect(budgetBytes: Int, into sink: any CollectionSink, now: UInt64) throws -> CollectorProgress {
        do {
            return mode == .once ? try collectOnce(budgetBytes, sink, now) : try collectFollowing(budgetBytes, sink, now)
        } catch let error as SinkError {
            throw error.error
        }
    }

    public func cursors(parserState: (_ contentID: String) throws -> [UInt8]) rethrows -> [CollectorCursor] {
        for content in reading { updateCursor(of: content) }
        var moved: [CollectorCursor] = []
        for content in known.all where content.isDirty {
            if content.reader != nil { content.cursor.parserState = try parserState(content.cursor.contentID) }
            content.isDirty = false
            moved.append(
                CollectorCursor(
                    source: source, contentID: content.cursor.contentID, offset: content.cursor.offset, text: content.cursor.text))
        }
        return moved.sorted { $0.contentID < $1.contentID }
    }

    public func close() {
        for content in reading { content.reader = nil }
        reading = []
        files = [:]
    }

    /// Brings a content's cursor up to where its reader is.
    func updateCursor(of content: KnownContent) {
        let old = content.cursor
        content.update(hashing, isRead: content.reader.map { !$0.hasUnfinishedRecord && !$0.isLive } ?? true)
        if content.cursor.prefixLength != old.prefixLength { known.prefixGrew(content, from: old) }
    }
}
