/// A complete subtree whose leaves were deleted: its hash is all that is left of them.
public struct PrunedSubtree: Hashable, Sendable {
    /// It covers `1 << level` leaves.
    public let level: Int
    /// Its leaves begin at `index << level`.
    public let index: UInt64
    /// Its root.
    public let hash: MerkleHash

    public init(level: Int, index: UInt64, hash: MerkleHash) {
        self.level = level
        self.index = index
        self.hash = hash
    }

    /// The leaves it covers; nil where the numbers are none that a tree can have.
    public var leaves: Range<UInt64>? {
        guard (0..<63).contains(level), index <= (UInt64.max >> 1) >> UInt64(level) else { return nil }
        return index << UInt64(level)..<(index + 1) << UInt64(level)
    }
}

/// Trees some of whose leaves are gone. Everything that concerns the others still works: the root, and a path from any leaf that is there.
extension MerkleTree {
    /// A tree made of leaves and of hashes that stand for deleted ones.
    ///
    /// - Returns: nil unless leaves and subtrees together cover each of the `size` leaves once.
    /// - Complexity: One hash per node that is not given.
    public init?(size: Int, leaves: [(index: Int, hash: MerkleHash)], pruned: [PrunedSubtree]) {
        var isCovered = [Bool](repeating: false, count: size)
        var levels = [[MerkleHash]](repeating: [], count: 1)
        levels[0] = [MerkleHash](repeating: .empty, count: size)
        for leaf in leaves {
            guard leaf.index >= 0, leaf.index < size, !isCovered[leaf.index] else { return nil }
            isCovered[leaf.index] = true
            levels[0][leaf.index] = leaf.hash
        }
        for subtree in pruned {
            guard let range = subtree.leaves, range.upperBound <= UInt64(size) else { return nil }
            for leaf in range {
                guard !isCovered[Int(leaf)] else { return nil }
                isCovered[Int(leaf)] = true
            }
        }
        guard isCovered.allSatisfy({ $0 }) else { return nil }
        var level = 0
        while true {
            for subtree in pruned where subtree.level == level { levels[level][Int(subtree.index)] = subtree.hash }
            let below = levels[level]
            guard below.count > 1 else { break }
            // Nodes inside a deleted subtree come out as nonsense and are put right where the subtree's own hash is set.
            levels.append((0..<below.count / 2).map { .node(below[2 * $0], below[2 * $0 + 1]) })
            level += 1
        }
        self.init(levels: levels)
    }

    /// The fewest complete subtrees that cover these leaves and no other.
    ///
    /// - Parameter isRemoved: One for each leaf.
    public func subtrees(where isRemoved: [Bool]) -> [PrunedSubtree] {
        precondition(isRemoved.count == Int(size), "one for each leaf")
        var wholly = [isRemoved]
        while let below = wholly.last, below.count > 1 { wholly.append((0..<below.count / 2).map { below[2 * $0] && below[2 * $0 + 1] }) }
        var found: [PrunedSubtree] = []
        for (level, nodes) in wholly.enumerated() {
            for (index, isWhole) in nodes.enumerated() where isWhole {
                let parent = index / 2
                if level + 1 < wholly.count, parent < wholly[level + 1].count, wholly[level + 1][parent] { continue }
                found.append(PrunedSubtree(level: level, index: UInt64(index), hash: node(level: level, index: UInt64(index))))
            }
        }
        return found
    }
}
