import Testing
import TransparencyLog

struct PrunedSubtreeTests {
    @Test func `a tree without deleted leaves keeps its root and the paths of the others`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for size in [1, 2, 3, 5, 8, 13, 64, 100, 257] {
            let leaves = NaiveMerkle.leaves(size)
            let whole = MerkleTree(leaves: leaves)
            var tree = whole
            var isRemoved = [Bool](repeating: false, count: size)
            // In three steps, as retention does over the years.
            for _ in 0..<3 {
                let from = Int(next()) % size
                for leaf in from..<min(size, from + Int(next()) % (size / 2 + 2)) { isRemoved[leaf] = true }
                let pruned = tree.subtrees(where: isRemoved)
                let left = leaves.enumerated().filter { !isRemoved[$0.offset] }.map { (index: $0.offset, hash: $0.element) }
                tree = try #require(MerkleTree(size: size, leaves: left, pruned: pruned), "seed \(seed)")
                #expect(tree.root == whole.root, "seed \(seed)")
                for leaf in left {
                    #expect(tree.inclusionPath(index: UInt64(leaf.index)) == whole.inclusionPath(index: UInt64(leaf.index)), "seed \(seed)")
                }
                #expect(pruned.reduce(0) { $0 + (1 << $1.level) } == isRemoved.count { $0 })
            }
        }
    }

    @Test func `as few subtrees as can be are kept`() {
        let tree = MerkleTree(leaves: NaiveMerkle.leaves(16))
        var isRemoved = [Bool](repeating: true, count: 16)
        #expect(tree.subtrees(where: isRemoved).map(\.level) == [4])
        isRemoved[15] = false
        #expect(tree.subtrees(where: isRemoved).map(\.level) == [0, 1, 2, 3])
    }

    @Test func `leaves that are covered twice or not at all make no tree`() {
        let leaves = NaiveMerkle.leaves(4).enumerated().map { (index: $0.offset, hash: $0.element) }
        let subtree = PrunedSubtree(level: 1, index: 1, hash: .empty)
        #expect(MerkleTree(size: 4, leaves: Array(leaves[..<2]), pruned: [subtree]) != nil)
        #expect(MerkleTree(size: 4, leaves: Array(leaves[..<3]), pruned: [subtree]) == nil)
        #expect(MerkleTree(size: 4, leaves: Array(leaves[..<1]), pruned: [subtree]) == nil)
        #expect(MerkleTree(size: 4, leaves: Array(leaves[..<2]), pruned: [subtree, subtree]) == nil)
        #expect(MerkleTree(size: 4, leaves: leaves + leaves, pruned: []) == nil)
        #expect(MerkleTree(size: 4, leaves: Array(leaves[..<2]), pruned: [PrunedSubtree(level: 1, index: 2, hash: .empty)]) == nil)
        for level in [-1, 62, 63, 64, 200] {
            #expect(MerkleTree(size: 4, leaves: [], pruned: [PrunedSubtree(level: level, index: 1, hash: .empty)]) == nil)
        }
        #expect(MerkleTree(size: 4, leaves: [], pruned: [PrunedSubtree(level: 2, index: .max, hash: .empty)]) == nil)
    }
}
