/// The right border of a growing Merkle tree: all that is needed to append leaves and know the root.
///
/// Holds one hash per one-bit of the size, the root of each complete subtree from left to right, so at most 64.
public struct MerkleFrontier: Hashable, Sendable {
    /// Number of leaves.
    public private(set) var size: UInt64

    /// Roots of the complete subtrees that make up the tree, largest first.
    public private(set) var subtrees: [MerkleHash]

    /// The frontier of the empty tree.
    public init() {
        size = 0
        subtrees = []
    }

    /// The frontier of a tree of `size` leaves with these complete subtrees, largest first; nil when their number does not fit.
    public init?(size: UInt64, subtrees: [MerkleHash]) {
        guard subtrees.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.subtrees = subtrees
    }

    /// Adds one leaf at the right.
    ///
    /// - Complexity: Amortized one hash.
    public mutating func append(_ leaf: MerkleHash) {
        precondition(size < UInt64.max, "a tree has fewer than 2^64 leaves")
        var merged = leaf
        var mask = size
        while mask & 1 == 1 {
            merged = .node(subtrees.removeLast(), merged)
            mask >>= 1
        }
        subtrees.append(merged)
        size += 1
    }

    /// Root hash of the tree (RFC 6962 §2.1).
    ///
    /// - Complexity: At most 63 hashes.
    public var root: MerkleHash {
        guard var root = subtrees.last else { return .empty }
        for left in subtrees.dropLast().reversed() { root = .node(left, root) }
        return root
    }

    /// Bytes to store: the size as eight bytes, big-endian, then the subtrees' hashes.
    public func serialized() -> [UInt8] {
        var bytes = withUnsafeBytes(of: size.bigEndian) { Array($0) }
        for subtree in subtrees { bytes += subtree.bytes }
        return bytes
    }

    /// Reads what ``serialized()`` wrote; nil for anything else.
    public init?(serialized bytes: [UInt8]) {
        guard bytes.count >= 8, bytes.count.isMultiple(of: 8) else { return nil }
        let size = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard bytes.count == 8 + MerkleHash.sizeBytes * size.nonzeroBitCount else { return nil }
        let subtrees = stride(from: 8, to: bytes.count, by: MerkleHash.sizeBytes).compactMap { start in
            MerkleHash(bytes[start..<start + MerkleHash.sizeBytes])
        }
        self.init(size: size, subtrees: subtrees)
    }
}
