/// The keyed hash of a content's beginning, known at every offset and resumable at any.
///
/// With D the digest, U the universal hash, blocks of 4,096 bytes and C₀ = D("proofline content 2"): Cᵢ₊₁ = D(Cᵢ ‖ U(blockᵢ)), and the
/// hash of the first n bytes is H(n) = Cₙ⁄₄₀₉₆ at a block's end, else D(C ‖ U(the bytes since the last block's end)). So a cursor needs
/// one C and at most 4,096 bytes of the file to go on, and a file that is at hand from its beginning is recognised by reading it once.
/// docs/formats/cursor.md; why it is enough: docs/decisions/0029-universal-hash-then-hmac.md.
struct RunningHash: Sendable {
    /// Bytes per block.
    static let blockBytes = 4096
    /// The length of a content's fingerprint.
    static let fingerprintBytes = 1024

    /// How many bytes have been hashed.
    private(set) var count: UInt64 = 0
    /// Hashes at a few earlier offsets, by which a shorter copy is recognised.
    private(set) var waypoints: Waypoints

    private let hashing: any ContentHashing
    /// The chain value, then the room for a tag.
    private var chain: [UInt8]
    /// The bytes since the last block's end.
    private var partial: [UInt8] = []
    /// The chain value one block before, for cursors that lie on a block's end.
    private var previousChain: [UInt8]

    /// The hash of no bytes.
    init(_ hashing: any ContentHashing) {
        self.hashing = hashing
        let label = Array("proofline content 2".utf8)
        let start = label.withUnsafeBytes { ContentDigest(of: $0, hashing) }.bytes
        chain = start + [UInt8](repeating: 0, count: 16)
        previousChain = start
        waypoints = Waypoints()
    }

    /// Goes on from a cursor: `anchor` is the chain value at ``anchorOffset(of:)``, `rest` are the bytes from there to the cursor.
    init(_ hashing: any ContentHashing, anchor: ContentDigest, at offset: UInt64, waypoints: Waypoints, rest: UnsafeRawBufferPointer) {
        self.init(hashing)
        chain.replaceSubrange(0..<32, with: anchor.bytes)
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
    var anchor: ContentDigest { ContentDigest(partial.isEmpty ? previousChain : Array(chain[..<32]))! }

    /// The hash of what has been given so far.
    var value: ContentDigest {
        guard !partial.isEmpty else { return ContentDigest(Array(chain[..<32]))! }
        var end = chain
        partial.withUnsafeBytes { Self.extend(&end, by: $0, hashing) }
        return ContentDigest(Array(end[..<32]))!
    }

    /// Takes the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            var taken = min(Self.blockBytes - partial.count, rest.count)
            // The first waypoints lie inside blocks.
            if waypoints.next > count { taken = min(taken, Int(clamping: waypoints.next - count)) }
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(taken))
            rest = rest.dropFirst(taken)
            count += UInt64(taken)
            if taken == Self.blockBytes {
                completeBlock(piece)
            } else {
                partial += piece
                if partial.count == Self.blockBytes {
                    partial.withUnsafeBytes { completeBlock($0) }
                    partial.removeAll(keepingCapacity: true)
                }
            }
            if waypoints.next == count { waypoints.add(value.short) }
        }
    }

    /// Takes the next bytes.
    mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    private mutating func completeBlock(_ block: UnsafeRawBufferPointer) {
        for i in 0..<32 { previousChain[i] = chain[i] }
        Self.extend(&chain, by: block, hashing)
    }

    /// Puts D(C ‖ U(bytes)) in the place of C.
    private static func extend(_ chain: inout [UInt8], by bytes: UnsafeRawBufferPointer, _ hashing: any ContentHashing) {
        chain.withUnsafeMutableBytes { chain in
            hashing.tag(bytes, into: UnsafeMutableRawBufferPointer(rebasing: chain[32...]))
            hashing.digest(UnsafeRawBufferPointer(chain), into: UnsafeMutableRawBufferPointer(rebasing: chain[..<32]))
        }
    }
}

/// Shortened running hashes at even spacing, at most 32 of them: the spacing doubles as the content grows.
struct Waypoints: Hashable, Sendable {
    /// Most that are kept.
    static let limit = 32
    /// Where the first one lies: finer than a block, so that a short content has some too.
    static let firstSpacing: UInt64 = 1024

    /// Distance in bytes; value k belongs to the offset (k + 1) × spacing.
    private(set) var spacing = firstSpacing
    /// The first eight bytes of the running hash at each offset.
    private(set) var values: [UInt64] = []

    init() {}

    /// What a cursor kept; nil where it cannot be.
    init?(spacing: UInt64, values: [UInt64]) {
        guard spacing >= Self.firstSpacing, spacing.nonzeroBitCount == 1, values.count <= Self.limit else { return nil }
        self.spacing = spacing
        self.values = values
    }

    /// The offset of the next one.
    var next: UInt64 { UInt64(values.count + 1) * spacing }

    /// Adds the hash at the offset ``next``.
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
