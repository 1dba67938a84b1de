import Cryptography
import Testing
import TransparencyLog

struct TLogProofTests {
    let log = try! NoteSigner.generate(name: "log.example")

    func proof(index: UInt64 = 5, size: Int = 11, extra: [UInt8]? = nil) throws -> (TLogProof, MerkleTree) {
        let tree = MerkleTree(leaves: NaiveMerkle.leaves(size))
        let note = try Checkpoint(origin: "log.example", size: tree.size, root: tree.root).signed(by: log)
        return (TLogProof(index: index, siblings: tree.inclusionPath(index: index), checkpoint: note, extra: extra), tree)
    }

    @Test(arguments: [nil, [], [1, 2, 3]] as [[UInt8]?])
    func `a proof reads back as it was written and verifies`(extra: [UInt8]?) throws {
        let (proof, tree) = try proof(extra: extra)
        let parsed = try TLogProof(parsing: proof.bytes)
        #expect(parsed == proof)
        #expect(parsed.bytes == proof.bytes)
        let checkpoint = try LogPolicy(log: log.verifier).verify(parsed.checkpoint).checkpoint
        try parsed.verify(leaf: tree.leaves[5], checkpoint: checkpoint)
        #expect(throws: InclusionProof.Rejection.self) { try parsed.verify(leaf: tree.leaves[6], checkpoint: checkpoint) }
    }

    @Test func `the file looks as the specification shows it`() throws {
        let (proof, _) = try proof(index: 0, size: 1)
        let lines = String(decoding: proof.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "c2sp.org/tlog-proof@v1")
        #expect(lines[1] == "index 0")
        #expect(lines[2] == "")
        #expect(lines[3] == "log.example")
    }

    @Test func `no flipped bit is accepted`() throws {
        let (proof, tree) = try proof()
        let bytes = proof.bytes
        let policy = LogPolicy(log: log.verifier)
        for index in bytes.indices {
            for bit in [0, 3, 5] {
                var changed = bytes
                changed[index] ^= 1 << bit
                #expect(throws: (any Error).self) {
                    let parsed = try TLogProof(parsing: changed)
                    try parsed.verify(leaf: tree.leaves[5], checkpoint: policy.verify(parsed.checkpoint).checkpoint)
                }
            }
        }
    }

    @Test func `a cut proof never traps`() throws {
        let bytes = try proof().0.bytes
        for count in 0..<bytes.count {
            #expect(throws: TransparencyLogError.self) { try TLogProof(parsing: Array(bytes.prefix(count))) }
        }
    }

    @Test func `sixty-five hashes are refused`() throws {
        let (proof, tree) = try proof()
        let long = TLogProof(index: 1, siblings: Array(repeating: tree.root, count: 65), checkpoint: proof.checkpoint)
        #expect(code { try TLogProof(parsing: long.bytes) } == .malformedProof)
    }
}
