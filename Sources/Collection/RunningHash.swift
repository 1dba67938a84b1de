/// The keyed hash of a content's beginning, known at every offset and resumable at any.
///
/// With D the keyed hash, blocks of 1,024 bytes and C₀ = D("proofline content 1"):
/// Cᵢ₊₁ = D(Cᵢ ‖ blockᵢ), and the hash of the first n bytes is H(n) = Cₙ⁄₁₀₂₄ at a block's end, else D(C ‖ the bytes since the
/// last block's end). So a cursor needs one C and fewer than 1,025 bytes of the file to go on, and a file that is at hand from
/// its beginning is recognised by reading it once.
struct RunningHash: Sendable {
    /// Bytes per block, and the length of a content's fingerprint.
    static let blockBytes = 1024

    /// How many bytes have been hashed.
    private(set) var count: UInt64 = 0
    /// Hashes at a few earlier offsets, by which a shorter copy is recognised.
    private(set) var waypoints: Waypoints

    private let hashing: any ContentHashing
    /// The chain value, then the bytes since the last block's end.
    private var buffer: [UInt8]
    private var filled = 0
    /// The chain value one block before, for cursors that lie on a block's end.
    private var previousChain: [UInt8]

    /// The hash of no bytes.
    init(_ hashing: any ContentHashing) {
        self.hashing = hashing
        let label = Array("proofline content 1".utf8)
        let start = label.withUnsafeBytes { ContentDigest(of: $0, hashing) }.bytes
        buffer = start + [UInt8](repeating: 0, count: Self.blockBytes)
        previousChain = start
        waypoints = Waypoints()
    }

    /// Goes on from a cursor: `anchor` is the chain value at ``anchorOffset(of:)``, `rest` are the bytes from there to the cursor.
    init(_ hashing: any ContentHashing, anchor: ContentDigest, at offset: UInt64, waypoints: Waypoints, rest: UnsafeRawBufferPointer) {
        self.init(hashing)
        buffer.replaceSubrange(0..<32, with: anchor.bytes)
        previousChain = anchor.bytes
        count = offset
        self.waypoints = waypoints
        update(rest)
    }

    /// The offset of the last block's beginning that lies below `offset` (0 for 0).
    static func anchorOffset(of offset: UInt64) -> UInt64 {
        offset == 0 ? 0 : (offset - 1) / UInt64(blockBytes) * UInt64(blockBytes)
    }

    /// The chain value at ``anchorOffset(of:)`` of ``count``.
    var anchor: ContentDigest { ContentDigest(filled == 0 ? previousChain : Array(buffer[..<32]))! }

    /// The hash of what has been given so far.
    var value: ContentDigest {
        filled == 0
            ? ContentDigest(Array(buffer[..<32]))!
            : buffer.withUnsafeBytes { ContentDigest(of: UnsafeRawBufferPointer(rebasing: $0[..<(32 + filled)]), hashing) }
    }

    /// Takes the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let taken = min(Self.blockBytes - filled, rest.count)
            buffer.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[(32 + filled)..<(32 + filled + taken)])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(taken)))
            }
            rest = rest.dropFirst(taken)
            filled += taken
            count += UInt64(taken)
            if filled == Self.blockBytes { completeBlock() }
        }
    }

    /// Takes the next bytes.
    mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    private mutating func completeBlock() {
        for i in 0..<32 { previousChain[i] = buffer[i] }
        let hashing = hashing
        buffer.withUnsafeMutableBytes { bytes in
            hashing.digest(UnsafeRawBufferPointer(bytes), into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<32]))
        }
        filled = 0
        if waypoints.wants(count) { waypoints.add(value.short) }
    }
}

/// Shortened running hashes at even spacing, at most 32 of them: the spacing doubles as the content grows.
struct Waypoints: Hashable, Sendable {
    /// Most that are kept.
    static let limit = 32

    /// Distance in bytes; value k belongs to the offset (k + 1) × spacing.
    private(set) var spacing = UInt64(RunningHash.blockBytes)
    /// The first eight bytes of the running hash at each offset.
    private(set) var values: [UInt64] = []

    init() {}

    /// What a cursor kept; nil where it cannot be.
    init?(spacing: UInt64, values: [UInt64]) {
        guard spacing >= UInt64(RunningHash.blockBytes), spacing.nonzeroBitCount == 1, values.count <= Self.limit else { return nil }
        self.spacing = spacing
        self.values = values
    }

    /// Whether the next one lies at this offset.
    func wants(_ offset: UInt64) -> Bool { offset == UInt64(values.count + 1) * spacing }

    /// Adds the hash at the offset that ``wants(_:)`` named.
    mutating func add(_ value: UInt64) {
        values.append(value)
        guard values.count == Self.limit else { return }
        values = stride(from: 1, to: values.count, by: 2).map { values[$0] }
        spacing *= 2
    }

    /// The last one at or below an offset.
    func last(upTo offset: UInt64) -> (offset: UInt64, value: UInt64)? {
        let number = min(Int(offset / spacing), values.count)
        return number == 0 ? nil : (UInt64(number) * spacing, values[number - 1])
    }
}
