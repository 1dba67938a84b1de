import AuditModel
import DurableIO

/// How far a file's content has been read, and how to know it again.
struct FileCursor: Hashable, Sendable {
    /// Identity: 32 hex digits of the keyed digest of the first line (at most 1,024 bytes), and `~2`, `~3`, … for further contents with
    /// the same first line. It never changes.
    var contentID: String
    /// Decompressed offset up to which records are taken.
    var offset: UInt64 = 0
    /// The running hash of the first `offset` bytes.
    var hash: ContentDigest
    /// The chain value from which the hash goes on; see ``RunningHash``.
    var anchor: ContentDigest
    /// Length of the fingerprint: the content's first 1,024 bytes, fewer while it is shorter.
    var prefixLength: Int
    /// The running hash of those bytes.
    var prefixHash: ContentDigest
    /// Hashes at earlier offsets.
    var waypoints = Waypoints()
    /// The parser's state at `offset`.
    var parserState: [UInt8] = []
    /// Where the content was last seen; a hint only.
    var place: Place?

    /// A file as the operating system knows it.
    struct Place: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
        var sizeBytes: UInt64
        var modifiedMicroseconds: Int64
        /// Whether the file's bytes are compressed.
        var isCompressed: Bool
        /// Whether all that the file held at this size had been taken.
        var isRead: Bool

        /// Whether a file is still the one that was left here, unchanged.
        func isUnchanged(_ status: FileStatus) -> Bool {
            device == status.device && inode == status.inode && sizeBytes == status.sizeBytes
                && modifiedMicroseconds == status.modifiedMicroseconds
        }
    }

    /// The JSON that the store keeps. Nothing in it was chosen by the source, and without the key it confirms no guess.
    var text: String {
        var members: [String: JSONValue] = [
            "v": .integer(2), "offset": .integer(Int64(clamping: offset)), "hash": .string(hash.hex), "anchor": .string(anchor.hex),
            "prefixLength": .integer(Int64(prefixLength)), "prefixHash": .string(prefixHash.hex),
        ]
        if !waypoints.values.isEmpty {
            members["spacing"] = .integer(Int64(waypoints.spacing))
            members["waypoints"] = .string(waypoints.values.map { ContentDigest.hex($0.bigEndianBytes) }.joined())
        }
        if !parserState.isEmpty { members["parser"] = .string(ContentDigest.hex(parserState)) }
        if let place {
            members["place"] = .array([
                .integer(Int64(bitPattern: place.device)), .integer(Int64(bitPattern: place.inode)),
                .integer(Int64(clamping: place.sizeBytes)), .integer(place.modifiedMicroseconds), .bool(place.isCompressed),
                .bool(place.isRead),
            ])
        }
        return String(decoding: JSONValue.object(members).canonicalBytes, as: UTF8.self)
    }
}

extension FileCursor {
    /// Reads ``text``.
    /// - Throws: ``CollectionError`` with `.badCursor`.
    init(_ stored: CollectorCursor) throws(CollectionError) {
        func bad(_ cause: (any Error)? = nil) -> CollectionError {
            CollectionError(.badCursor, "The cursor of content \(stored.contentID) cannot be read; run `proofline fsck`", cause: cause)
        }
        let json: JSONValue
        do { json = try JSONValue(parsing: stored.text) } catch { throw bad(error) }
        guard json["v"]?.integer == 2, let offset = json["offset"]?.integer, offset >= 0,
            let hash = json["hash"]?.string.flatMap(ContentDigest.init(hex:)),
            let anchor = json["anchor"]?.string.flatMap(ContentDigest.init(hex:)),
            let prefixLength = json["prefixLength"]?.integer, (0...Int64(RunningHash.fingerprintBytes)).contains(prefixLength),
            let prefixHash = json["prefixHash"]?.string.flatMap(ContentDigest.init(hex:)),
            let state = ContentDigest.bytes(hex: json["parser"]?.string ?? ""),
            let points = ContentDigest.bytes(hex: json["waypoints"]?.string ?? ""), points.count.isMultiple(of: 8),
            let waypoints = Waypoints(
                spacing: UInt64(exactly: json["spacing"]?.integer ?? Int64(Waypoints.firstSpacing)) ?? 0,
                values: stride(from: 0, to: points.count, by: 8).map { at in points[at..<(at + 8)].reduce(0) { $0 << 8 | UInt64($1) } })
        else { throw bad() }
        self.init(
            contentID: stored.contentID, offset: UInt64(offset), hash: hash, anchor: anchor, prefixLength: Int(prefixLength),
            prefixHash: prefixHash, waypoints: waypoints, parserState: state, place: Self.place(json["place"]))
    }

    private static func place(_ json: JSONValue?) -> Place? {
        guard let parts = json?.array, parts.count == 6, let device = parts[0].integer, let inode = parts[1].integer,
            let size = parts[2].integer, size >= 0, let modified = parts[3].integer, let isCompressed = parts[4].bool,
            let isRead = parts[5].bool
        else { return nil }
        return Place(
            device: UInt64(bitPattern: device), inode: UInt64(bitPattern: inode), sizeBytes: UInt64(size),
            modifiedMicroseconds: modified, isCompressed: isCompressed, isRead: isRead)
    }
}

extension UInt64 {
    /// The eight bytes, most significant first.
    fileprivate var bigEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * UInt64($0))) } }
}
