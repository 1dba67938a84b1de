/// A Merkle audit path showing that one leaf is covered by a checkpoint.
///
/// An inclusion proof lets an auditor check a single event against a signed checkpoint without holding the rest of the log.
/// Verification is RFC 9162 §2.1.3.2. Proofs arrive from outside: nothing here traps on a hostile one.
public struct InclusionProof: Hashable, Sendable {
    /// Position of the proven leaf, counted from zero.
    public let leafIndex: UInt64

    /// Number of leaves in the tree that the proof was made for.
    public let treeSize: UInt64

    /// Sibling hashes, from the leaf's level up to the root's children.
    public let siblings: [MerkleHash]

    public init(leafIndex: UInt64, treeSize: UInt64, siblings: [MerkleHash]) {
        self.leafIndex = leafIndex
        self.treeSize = treeSize
        self.siblings = siblings
    }

    /// Why a proof does not hold: a finding to report, not a failure of the tool.
    public enum Rejection: Error, Hashable, Sendable {
        /// The leaf index is not below the tree size.
        case leafOutsideTree
        /// A tree of this size needs another number of siblings at this index.
        case siblingCount(expected: Int, found: Int)
        /// The path leads to another root than the checkpoint's.
        case rootMismatch(computed: MerkleHash)
    }

    /// Checks that `leaf` is in the tree whose root hash is `root`.
    ///
    /// - Parameters:
    ///   - leaf: Hash of the entry, from ``MerkleHash/leaf(_:)-([UInt8])``.
    ///   - root: Root hash, from a checkpoint whose signature already verified.
    /// - Throws: ``Rejection`` naming the first rule that the proof breaks.
    /// - Complexity: At most 64 hashes, whatever the input.
    public func verify(_ leaf: MerkleHash, root: MerkleHash) throws(Rejection) {
        guard leafIndex < treeSize else { throw .leafOutsideTree }

        // Below `fork` the path bends left and right with the bits of the index. Above it the leaf is on the
        // tree's right border, where siblings are only ever on the left, and only where the index has a one bit.
        let fork = UInt64.bitWidth - (leafIndex ^ (treeSize - 1)).leadingZeroBitCount
        let expected = fork + (leafIndex >> fork).nonzeroBitCount
        guard siblings.count == expected else {
            throw .siblingCount(expected: expected, found: siblings.count)
        }

        var computed = leaf
        for (level, sibling) in siblings.enumerated() {
            let isLeftChild = level < fork && (leafIndex >> level) & 1 == 0
            computed = isLeftChild ? .node(computed, sibling) : .node(sibling, computed)
        }
        guard computed == root else { throw .rootMismatch(computed: computed) }
    }
}
