import Cryptography
import Testing
import TransparencyLog

@testable import Evidence

@Suite struct SampleDrawTests {
    private let root = MerkleHash.leaf(Array("root".utf8))

    @Test func `the draw is the smallest hashes of seed and item, recomputed here by hand`() throws {
        let draw = try SampleDraw(root: root, nonce: "auditor-1")
        let ids = (0..<40).map { "seq:\($0)" }
        let expected = ids.sorted {
            SHA256.hash("\(root.base64):auditor-1\n\($0)").hex < SHA256.hash("\(root.base64):auditor-1\n\($1)").hex
        }.prefix(5)
        #expect(draw.positions(of: ids, size: 5).map { ids[$0] } == Array(expected))
    }

    @Test func `another nonce draws other items, the same nonce the same`() throws {
        let ids = (0..<200).map { "seq:\($0)" }
        let one = try SampleDraw(root: root, nonce: "1").positions(of: ids, size: 25)
        #expect(one == (try SampleDraw(root: root, nonce: "1").positions(of: ids, size: 25)))
        #expect(one != (try SampleDraw(root: root, nonce: "2").positions(of: ids, size: 25)))
    }

    @Test func `more than the population draws the population`() throws {
        #expect(try SampleDraw(root: root, nonce: "1").positions(of: ["a", "b"], size: 25).sorted() == [0, 1])
    }

    @Test(arguments: ["", "line\nbreak", String(repeating: "x", count: 257), "ü"])
    func `a nonce that could be misread is refused`(nonce: String) {
        let error = #expect(throws: EvidenceError.self) { try SampleDraw(root: root, nonce: nonce) }
        #expect(error?.code == .usage)
    }
}
