import Testing
import TransparencyLog

struct ConsistencyProofTests {
    @Test func `every tree up to 40 extends each of its beginnings, and no other tree`() throws {
        let all = NaiveMerkle.leaves(40)
        for size in 0...40 {
            let tree = MerkleTree(leaves: Array(all.prefix(size)))
            for oldSize in 0...size {
                let old = MerkleTree.root(of: all.prefix(oldSize))
                let proof = tree.consistencyProof(from: UInt64(oldSize))
                try proof.verify(oldRoot: old, newRoot: tree.root)
                let other = MerkleHash.leaf([1])
                #expect(throws: ConsistencyProof.Rejection.self) { try proof.verify(oldRoot: other, newRoot: tree.root) }
                if oldSize > 0 {
                    #expect(throws: ConsistencyProof.Rejection.self) { try proof.verify(oldRoot: old, newRoot: other) }
                }
            }
        }
    }

    @Test func `each rule has its own rejection`() {
        let all = NaiveMerkle.leaves(7)
        let tree = MerkleTree(leaves: all)
        let old = MerkleTree.root(of: all.prefix(3))
        let proof = tree.consistencyProof(from: 3)
        #expect(throws: ConsistencyProof.Rejection.shrunk) {
            try ConsistencyProof(oldSize: 8, newSize: 7, hashes: proof.hashes).verify(oldRoot: old, newRoot: tree.root)
        }
        #expect(throws: ConsistencyProof.Rejection.hashCount(expected: 4, found: 3)) {
            try ConsistencyProof(oldSize: 3, newSize: 7, hashes: Array(proof.hashes.dropLast()))
                .verify(oldRoot: old, newRoot: tree.root)
        }
        #expect(throws: ConsistencyProof.Rejection.oldRootMismatch(computed: old)) {
            try proof.verify(oldRoot: .empty, newRoot: tree.root)
        }
        #expect(throws: ConsistencyProof.Rejection.newRootMismatch(computed: tree.root)) {
            try proof.verify(oldRoot: old, newRoot: .empty)
        }
        #expect(throws: ConsistencyProof.Rejection.hashCount(expected: 0, found: 1)) {
            try ConsistencyProof(oldSize: 7, newSize: 7, hashes: [.empty]).verify(oldRoot: tree.root, newRoot: tree.root)
        }
    }

    @Test func `hostile numbers never trap`() {
        let numbers: [UInt64] = [0, 1, 2, 255, 1 << 31, 1 << 63, .max - 1, .max]
        for oldSize in numbers {
            for newSize in numbers {
                for count in [0, 1, 2, 63, 64, 65, 200] {
                    let proof = ConsistencyProof(
                        oldSize: oldSize, newSize: newSize, hashes: Array(repeating: .empty, count: count))
                    // Whatever it says, it returns. (Equal sizes with equal roots hold.)
                    _ = Result { try proof.verify(oldRoot: .leaf([]), newRoot: .leaf([1])) }
                }
            }
        }
    }
}
