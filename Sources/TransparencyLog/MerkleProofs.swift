/// Makes roots and proofs out of the complete subtrees of a tree, wherever those are kept: in memory or in tiles.
///
/// `node(level, index)` gives the root of the complete subtree over the leaves `index << level ..< (index + 1) << level`.
/// It is asked only for subtrees that are complete in a tree of the size in question.
public enum MerkleProofs {
    public typealias NodeReader = (_ level: Int, _ index: UInt64) throws -> MerkleHash

    /// Root hash of the first `size` leaves (RFC 6962 §2.1).
    public static func root(size: UInt64, node: NodeReader) rethrows -> MerkleHash {
        guard size > 0 else { return .empty }
        return try rangeHash(0, size, node)
    }

    /// Audit path of leaf `index` in the tree of `size` leaves, from the leaf's sibling up (RFC 6962 §2.1.1).
    ///
    /// - Precondition: `index < size`.
    public static func inclusionPath(index: UInt64, size: UInt64, node: NodeReader) rethrows -> [MerkleHash] {
        precondition(index < size, "the leaf lies outside the tree")
        var start: UInt64 = 0
        var end = size
        var path: [MerkleHash] = []
        while end - start > 1 {
            let middle = start + splitPoint(end - start)
            if index < middle {
                path.append(try rangeHash(middle, end, node))
                end = middle
            } else {
                path.append(try rangeHash(start, middle, node))
                start = middle
            }
        }
        return path.reversed()
    }

    /// Path that shows the tree of `newSize` leaves to begin with the tree of `oldSize` leaves (RFC 6962 §2.1.2).
    ///
    /// - Precondition: `oldSize <= newSize`. The path is empty when they are equal, or when the old tree is empty.
    public static func consistencyPath(from oldSize: UInt64, to newSize: UInt64, node: NodeReader) rethrows -> [MerkleHash] {
        precondition(oldSize <= newSize, "a tree only grows")
        guard oldSize > 0, oldSize < newSize else { return [] }
        var start: UInt64 = 0
        var end = newSize
        var path: [MerkleHash] = []
        // Walk to the node where the old tree ends; what is passed on the way is on the path.
        while end != oldSize {
            let middle = start + splitPoint(end - start)
            if oldSize <= middle {
                path.append(try rangeHash(middle, end, node))
                end = middle
            } else {
                path.append(try rangeHash(start, middle, node))
                start = middle
            }
        }
        // The verifier knows the old root; it needs this node only when it is not the old root itself.
        if start > 0 { path.append(try rangeHash(start, end, node)) }
        return path.reversed()
    }

    /// Largest power of two below `count`: where RFC 6962 splits a range of more than one leaf.
    static func splitPoint(_ count: UInt64) -> UInt64 {
        1 << (UInt64.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    /// Hash over the leaves `start ..< end`, where `start` is a multiple of the smallest power of two that is not below the length.
    private static func rangeHash(_ start: UInt64, _ end: UInt64, _ node: NodeReader) rethrows -> MerkleHash {
        let count = end - start
        if count.nonzeroBitCount == 1 {
            let level = count.trailingZeroBitCount
            return try node(level, start >> UInt64(level))
        }
        let middle = start + splitPoint(count)
        return .node(try rangeHash(start, middle, node), try rangeHash(middle, end, node))
    }
}
