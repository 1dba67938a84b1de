/// A Merkle tree held in memory (RFC 6962 §2.1): for batches, whose leaves fit, and whose rows each want a proof.
///
/// Keeps every complete subtree's root, about two hashes per leaf, so that a path costs look-ups and at most 64 hashes.
public struct MerkleTree: Sendable {
    /// `levels[k][i]` is the root over the leaves `i << k ..< (i + 1) << k`.
    private var levels: [[MerkleHash]]

    init(levels: [[MerkleHash]]) { self.levels = levels }

    /// - Complexity: One hash per leaf.
    public init(leaves: [MerkleHash]) {
        levels = [leaves]
        while let below = levels.last, below.count > 1 {
            levels.append((0..<below.count / 2).map { .node(below[2 * $0], below[2 * $0 + 1]) })
        }
    }

    public var leaves: [MerkleHash] { levels[0] }

    /// Number of leaves.
    public var size: UInt64 { UInt64(levels[0].count) }

    public var root: MerkleHash {
        MerkleProofs.root(size: size, node: node)
    }

    /// Audit path of the leaf at `index`, from its sibling up.
    ///
    /// - Precondition: `index` is below ``size``.
    public func inclusionPath(index: UInt64) -> [MerkleHash] {
        MerkleProofs.inclusionPath(index: index, size: size, node: node)
    }

    /// Proof that the leaf at `index` is in this tree.
    ///
    /// - Precondition: `index` is below ``size``.
    public func inclusionProof(index: UInt64) -> InclusionProof {
        InclusionProof(leafIndex: index, treeSize: size, siblings: inclusionPath(index: index))
    }

    /// Proof that this tree begins with its first `oldSize` leaves as they were.
    ///
    /// - Precondition: `oldSize` is not above ``size``.
    public func consistencyProof(from oldSize: UInt64) -> ConsistencyProof {
        ConsistencyProof(
            oldSize: oldSize, newSize: size,
            hashes: MerkleProofs.consistencyPath(from: oldSize, to: size, node: node))
    }

    /// Root hash over `leaves`.
    public static func root(of leaves: some Sequence<MerkleHash>) -> MerkleHash {
        var frontier = MerkleFrontier()
        for leaf in leaves { frontier.append(leaf) }
        return frontier.root
    }

    func node(level: Int, index: UInt64) -> MerkleHash {
        levels[level][Int(index)]
    }
}
