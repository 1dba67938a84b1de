public import DurableIO

/// Writes a log's entries and tree as static files (c2sp.org/tlog-tiles): `tile/entries/…`, `tile/<L>/…`, `checkpoint`.
///
/// Life of an entry: its bytes join the last bundle and its hash the last tile of level 0; a tile that reaches 256 hashes is
/// written once and for ever, its own hash goes to the level above, and its partial forms are removed. What is left over at the
/// end of an ``append(_:)`` is written as partial tiles. All files are durable when `append` returns; only then may a checkpoint of
/// the new size be published.
///
/// The writer trusts the files at the right border that it starts from. Writing the same entries again at the same place gives the
/// same files, so after a crash the entries behind the last checkpoint are simply appended again.
public struct LogTileWriter: Sendable {
    private let fileSystem: any FileSystem
    private let directory: String

    /// Number of entries whose tiles are on disk.
    public private(set) var size: UInt64

    /// Entries of the last, unfinished bundle.
    private var bundle: [UInt8] = []
    /// Hashes of the last, unfinished tile of each level, lowest first.
    private var borders: [[MerkleHash]] = []
    /// Folders with new names that are not durable yet.
    private var unsynced: Set<String> = []

    /// Goes on after the first `size` entries of the log in `directory`, which is made when it does not exist.
    ///
    /// - Throws: ``TransparencyLogError`` with code `tileMissing` or `tileDamaged` when the right border cannot be read.
    public init(fileSystem: any FileSystem, directory: String, size: UInt64) throws {
        self.fileSystem = fileSystem
        self.directory = directory
        self.size = size
        try fileSystem.createDirectories(directory)
        try loadBorder()
    }

    private mutating func loadBorder() throws {
        let reader = LogTileReader(fileSystem: fileSystem, directory: directory, size: size)
        var level = 0
        while size >> UInt64(level * TilePath.height) > 0 {
            let count = size >> UInt64(level * TilePath.height)
            let width = count % TilePath.width
            borders.append(width == 0 ? [] : try reader.hashes(level: level, tile: count / TilePath.width))
            level += 1
        }
        let width = size % TilePath.width
        guard width > 0 else { return }
        for entry in try reader.bundle(size / TilePath.width) { EntryBundle.append(Array(entry), to: &bundle) }
    }

    /// Adds entries at the end and makes their files durable.
    ///
    /// - Throws: ``TransparencyLogError`` with code `entryTooLarge`, or a `DurableIOError`. After an error the writer is spent: make
    ///   a new one from the last published size.
    public mutating func append(_ entries: [[UInt8]]) throws {
        guard !entries.isEmpty else { return }
        for entry in entries {
            guard entry.count <= EntryBundle.maximumEntrySizeBytes else {
                throw TransparencyLogError(
                    .entryTooLarge, "a log entry has at most 65,535 bytes, this one has \(entry.count)", path: directory)
            }
            EntryBundle.append(entry, to: &bundle)
            size += 1
            if size % TilePath.width == 0 {
                try write(.entries, (size - 1) / TilePath.width, bundle, width: TilePath.width)
                bundle = []
            }
            try push(.leaf(entry), level: 0)
        }
        try writePartials(levels: dirtyLevels)
        dirtyLevels = []
        for folder in unsynced.sorted() { try fileSystem.syncDirectory(folder) }
        unsynced = []
        removeReplacedPartials()
    }

    /// Levels whose unfinished tile changed since it was last written.
    private var dirtyLevels: Set<Int> = []
    /// Full tiles written since partials were last cleared.
    private var completed: [(TilePath.Kind, UInt64)] = []

    private mutating func push(_ hash: MerkleHash, level: Int) throws {
        if level == borders.count { borders.append([]) }
        borders[level].append(hash)
        dirtyLevels.insert(level)
        guard borders[level].count == Int(TilePath.width) else { return }
        let tile = borders[level]
        borders[level] = []
        let index = (size >> UInt64(level * TilePath.height)) / TilePath.width - 1
        try write(.hashes(level: level), index, tile.flatMap(\.bytes), width: TilePath.width)
        try push(MerkleTree.root(of: tile), level: level + 1)
    }

    private mutating func writePartials(levels: Set<Int>) throws {
        for level in levels.sorted() where !borders[level].isEmpty {
            let count = size >> UInt64(level * TilePath.height)
            try write(
                .hashes(level: level), count / TilePath.width, borders[level].flatMap(\.bytes),
                width: count % TilePath.width)
        }
        if !bundle.isEmpty {
            try write(.entries, size / TilePath.width, bundle, width: size % TilePath.width)
        }
    }

    private mutating func write(_ kind: TilePath.Kind, _ index: UInt64, _ bytes: [UInt8], width: UInt64) throws {
        let path = "\(directory)/\(TilePath.file(kind, index, width: width))"
        let folder = fileSystem.directory(of: path)
        try fileSystem.createDirectories(folder)
        try fileSystem.replaceFile(path, bytes)
        unsynced.insert(folder)
        if width == TilePath.width { completed.append((kind, index)) }
    }

    /// Partial tiles are of no use once the full one is durable; what cannot be removed does no harm.
    private mutating func removeReplacedPartials() {
        for (kind, index) in completed {
            let folder = "\(directory)/\(TilePath.partialFolder(kind, index))"
            guard let names = try? fileSystem.list(folder) else { continue }
            for name in names { try? fileSystem.remove("\(folder)/\(name)") }
            try? fileSystem.remove(folder)
        }
        completed = []
    }

    /// Replaces the published checkpoint, durably.
    ///
    /// - Precondition: The checkpoint's size is ``size``: a checkpoint never precedes its tiles.
    public func publish(_ note: SignedNote) throws {
        let checkpoint = try Checkpoint(note: note)
        precondition(checkpoint.size == size, "the tiles of a checkpoint are written before it")
        try fileSystem.atomicReplace("\(directory)/\(TilePath.checkpoint)", note.bytes)
    }

    /// The published checkpoint, unverified; nil when there is none yet.
    public static func published(fileSystem: any FileSystem, directory: String) throws -> SignedNote? {
        let path = "\(directory)/\(TilePath.checkpoint)"
        guard try fileSystem.exists(path) else { return nil }
        let bytes = try fileSystem.readFile(path, limitBytes: UInt64(SignedNote.maximumSizeBytes))
        do { return try SignedNote(parsing: bytes) } catch {
            throw TransparencyLogError(error.code, "the checkpoint is damaged, restore it from a backup: \(error.message)", path: path)
        }
    }
}
