public import TransparencyLog

/// The Merkle tree over a batch's leaves, as far as a commit needs it: its root and the roots of subtrees.
public struct BatchTree: Hashable, Sendable {
    /// Number of leaves.
    public let count: Int
    /// RFC 6962 roots over the leaves 256·k up to 256·k + 255, or the end.
    public let subtreeRoots: [MerkleHash]
    /// RFC 6962 root over all leaves: the seal's `rowsRoot`.
    public let root: MerkleHash

    /// - Parameter leaves: In index order, one at least.
    public init(_ leaves: [MerkleHash]) {
        precondition(!leaves.isEmpty, "a tree of a batch has a leaf at least")
        count = leaves.count
        subtreeRoots = stride(from: 0, to: leaves.count, by: StoreLimits.subtreeLeaves).map { start in
            MerkleTree.root(of: leaves[start..<min(start + StoreLimits.subtreeLeaves, leaves.count)])
        }
        root = Self.root(over: subtreeRoots)
    }

    /// - Parameters:
    ///   - roots: Roots of subtrees of ``StoreLimits/subtreeLeaves`` leaves each, the last of what is left.
    ///   - count: Number of leaves.
    public init(subtreeRoots roots: [MerkleHash], count: Int) {
        precondition(count > 0 && roots.count == (count + StoreLimits.subtreeLeaves - 1) / StoreLimits.subtreeLeaves, "roots for all leaves")
        self.count = count
        subtreeRoots = roots
        root = Self.root(over: roots)
    }

    /// RFC 6962 splits at powers of two, so the tree over complete subtrees of 256 leaves (the last may be smaller) is the tree over leaves.
    private static func root(over roots: [MerkleHash]) -> MerkleHash { MerkleTree.root(of: roots) }
}
