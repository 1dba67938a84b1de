/// Hashes showing that a tree only grew: that its first `oldSize` leaves are the old tree's, unchanged.
///
/// Verification is RFC 9162 §2.1.4.2. Proofs arrive from outside: nothing here traps on a hostile one.
public struct ConsistencyProof: Hashable, Sendable {
    /// Number of leaves in the earlier tree.
    public let oldSize: UInt64

    /// Number of leaves in the later tree.
    public let newSize: UInt64

    /// The proof's nodes, lowest first (RFC 6962 §2.1.2). Empty when the sizes are equal, or the old tree is empty.
    public let hashes: [MerkleHash]

    public init(oldSize: UInt64, newSize: UInt64, hashes: [MerkleHash]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.hashes = hashes
    }

    /// Why a proof does not hold: a finding to report, not a failure of the tool.
    public enum Rejection: Error, Hashable, Sendable {
        /// The earlier tree is the larger one.
        case shrunk
        /// Trees of these sizes need another number of hashes.
        case hashCount(expected: Int, found: Int)
        /// The hashes lead to another root than that of the earlier checkpoint.
        case oldRootMismatch(computed: MerkleHash)
        /// The hashes lead to another root than that of the later checkpoint.
        case newRootMismatch(computed: MerkleHash)
    }

    /// Checks that the tree with root `newRoot` begins with the tree with root `oldRoot`.
    ///
    /// - Throws: ``Rejection`` naming the first rule that the proof breaks.
    /// - Complexity: At most 128 hashes, whatever the input.
    public func verify(oldRoot: MerkleHash, newRoot: MerkleHash) throws(Rejection) {
        guard oldSize <= newSize else { throw .shrunk }
        if oldSize == newSize || oldSize == 0 { return try verifyTrivial(oldRoot, newRoot) }

        // The last leaf of the old tree, seen from the level of the largest complete subtree that ends with it.
        let level = oldSize.trailingZeroBitCount
        let index = (oldSize - 1) >> UInt64(level)
        let border = (newSize - 1) >> UInt64(level)
        let fork = UInt64.bitWidth - (index ^ border).leadingZeroBitCount
        let pathCount = fork + (index >> UInt64(fork)).nonzeroBitCount
        // A power of two is the old root itself and is not repeated in the proof.
        let isWholeTree = oldSize.nonzeroBitCount == 1
        let expected = pathCount + (isWholeTree ? 0 : 1)
        guard hashes.count == expected else { throw .hashCount(expected: expected, found: hashes.count) }

        var old = isWholeTree ? oldRoot : hashes[0]
        var new = old
        for (step, sibling) in hashes.dropFirst(isWholeTree ? 0 : 1).enumerated() {
            if step < fork && (index >> UInt64(step)) & 1 == 0 {
                new = .node(new, sibling)
            } else {
                old = .node(sibling, old)
                new = .node(sibling, new)
            }
        }
        guard old == oldRoot else { throw .oldRootMismatch(computed: old) }
        guard new == newRoot else { throw .newRootMismatch(computed: new) }
    }

    private func verifyTrivial(_ oldRoot: MerkleHash, _ newRoot: MerkleHash) throws(Rejection) {
        guard hashes.isEmpty else { throw .hashCount(expected: 0, found: hashes.count) }
        if oldSize == 0 {
            guard oldRoot == .empty else { throw .oldRootMismatch(computed: .empty) }
        }
        if newSize == oldSize {
            guard newRoot == oldRoot else { throw .newRootMismatch(computed: oldRoot) }
        }
    }
}
