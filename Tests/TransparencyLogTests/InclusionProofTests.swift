import Testing
import TransparencyLog

struct InclusionProofTests {
    @Test func `every leaf of every tree up to 40 proves itself and no other`() throws {
        let all = NaiveMerkle.leaves(41)
        for size in 1...40 {
            let tree = MerkleTree(leaves: Array(all.prefix(size)))
            for index in 0..<size {
                let proof = tree.inclusionProof(index: UInt64(index))
                try proof.verify(all[index], root: tree.root)
                #expect(throws: InclusionProof.Rejection.self) { try proof.verify(all[40], root: tree.root) }
                let moved = InclusionProof(
                    leafIndex: UInt64((index + 1) % size), treeSize: proof.treeSize, siblings: proof.siblings)
                if size > 1 {
                    #expect(throws: InclusionProof.Rejection.self) { try moved.verify(all[index], root: tree.root) }
                }
            }
        }
    }

    @Test func `each rule has its own rejection`() {
        let leaves = NaiveMerkle.leaves(7)
        let tree = MerkleTree(leaves: leaves)
        let proof = tree.inclusionProof(index: 2)
        #expect(throws: InclusionProof.Rejection.leafOutsideTree) {
            try InclusionProof(leafIndex: 7, treeSize: 7, siblings: proof.siblings).verify(leaves[2], root: tree.root)
        }
        #expect(throws: InclusionProof.Rejection.siblingCount(expected: 3, found: 2)) {
            try InclusionProof(leafIndex: 2, treeSize: 7, siblings: Array(proof.siblings.dropLast()))
                .verify(leaves[2], root: tree.root)
        }
        #expect(throws: InclusionProof.Rejection.rootMismatch(computed: tree.root)) {
            try proof.verify(leaves[2], root: .empty)
        }
    }

    @Test func `hostile numbers never trap`() {
        let numbers: [UInt64] = [0, 1, 2, 255, 1 << 31, 1 << 63, .max - 1, .max]
        for index in numbers {
            for size in numbers {
                for count in [0, 1, 63, 64, 65, 200] {
                    let proof = InclusionProof(
                        leafIndex: index, treeSize: size, siblings: Array(repeating: .empty, count: count))
                    #expect(throws: InclusionProof.Rejection.self) { try proof.verify(.empty, root: MerkleHash.leaf([])) }
                }
            }
        }
    }
}
