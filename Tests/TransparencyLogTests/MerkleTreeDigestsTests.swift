import Cryptography
import Testing
import TransparencyLog

struct MerkleTreeDigestsTests {
    private static let leaves = (0..<1_100).map { MerkleHash.leaf(Array("leaf \($0)".utf8)) }
    private static let bytes = leaves.flatMap(\.bytes)

    @Test func `the root over leaves in memory is the root over the same leaves one by one`() {
        for count in Array(0...70) + [127, 128, 129, 255, 256, 257, 511, 768, 1_000, 1_023, 1_024, 1_025, 1_100] {
            let root = Self.bytes.withUnsafeBytes { MerkleTree.root(ofDigests: UnsafeRawBufferPointer(rebasing: $0[..<(32 * count)])) }
            #expect(root == MerkleTree.root(of: Self.leaves.prefix(count)), "\(count) leaves")
        }
    }

    @Test(arguments: [1, 2, 4, 256, 2_048])
    func `roots of subtrees are the roots over their leaves, and the root over them is the root of all`(width: Int) {
        for count in [0, 1, 2, 3, 5, 255, 256, 257, 511, 512, 513, 767, 1_100] {
            let expected = stride(from: 0, to: count, by: width).map { MerkleTree.root(of: Self.leaves[$0..<min($0 + width, count)]) }
            var roots = [UInt8](repeating: 0xa5, count: 32 * expected.count + 32)
            Self.bytes.withUnsafeBytes { leaves in
                roots.withUnsafeMutableBytes {
                    MerkleTree.subtreeRoots(ofDigests: leaves.baseAddress!, count: count, width: width, into: $0.baseAddress!)
                }
            }
            #expect(Array(roots.dropLast(32)) == expected.flatMap(\.bytes), "\(count) leaves")
            #expect(roots.suffix(32).allSatisfy { $0 == 0xa5 }, "nothing is written behind the last root")
            let root = roots.withUnsafeBytes { MerkleTree.root(ofDigests: UnsafeRawBufferPointer(rebasing: $0.dropLast(32))) }
            #expect(root == MerkleTree.root(of: Self.leaves.prefix(count)))
        }
    }
}
