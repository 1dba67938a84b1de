import Testing
import TransparencyLog

struct MerkleTreeTests {
    /// The inputs of Certificate Transparency's own tests, with the roots of their first n.
    static let goldenEntries: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        [0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ]
    static let goldenRoots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test func `Certificate Transparency's roots come out of tree and frontier`() {
        var frontier = MerkleFrontier()
        #expect(frontier.root.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for (count, root) in Self.goldenRoots.enumerated() {
            frontier.append(.leaf(Self.goldenEntries[count]))
            #expect(frontier.root.hex == root)
            #expect(MerkleTree(leaves: Self.goldenEntries[...count].map { .leaf($0) }).root.hex == root)
        }
    }

    @Test func `roots, paths and proofs are those of RFC 6962's definition`() {
        let all = NaiveMerkle.leaves(70)
        for size in 0...70 {
            let leaves = Array(all.prefix(size))
            let tree = MerkleTree(leaves: leaves)
            #expect(tree.root == NaiveMerkle.root(leaves[...]))
            #expect(MerkleTree.root(of: leaves) == tree.root)
            for index in 0..<size {
                #expect(tree.inclusionPath(index: UInt64(index)) == NaiveMerkle.path(index, leaves[...]))
            }
            for oldSize in 1..<max(size, 1) {
                #expect(tree.consistencyProof(from: UInt64(oldSize)).hashes == NaiveMerkle.proof(oldSize, leaves[...]))
            }
        }
    }

    @Test func `a frontier survives storage and goes on as before`() throws {
        let leaves = NaiveMerkle.leaves(300)
        var frontier = MerkleFrontier()
        for (count, leaf) in leaves.enumerated() {
            frontier = try #require(MerkleFrontier(serialized: frontier.serialized()))
            #expect(frontier.size == UInt64(count))
            frontier.append(leaf)
        }
        #expect(frontier.root == NaiveMerkle.root(leaves[...]))
    }

    @Test func `a damaged frontier is refused`() {
        var frontier = MerkleFrontier()
        for leaf in NaiveMerkle.leaves(5) { frontier.append(leaf) }
        let bytes = frontier.serialized()
        #expect(MerkleFrontier(serialized: Array(bytes.dropLast())) == nil)
        #expect(MerkleFrontier(serialized: bytes + [0]) == nil)
        #expect(MerkleFrontier(serialized: []) == nil)
        #expect(MerkleFrontier(serialized: [0xff] + bytes.dropFirst()) == nil)
    }
}
