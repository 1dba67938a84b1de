import AuditModel
import Testing
import TransparencyLog

@testable import EventStore

struct BindingsFileTests {
    /// The lines as the format page tells them, made by way of values.
    private static func lines(_ bindings: [TokenBinding]) -> [[UInt8]] {
        bindings.sorted { $0.token.utf8.lexicographicallyPrecedes($1.token.utf8) }.map { binding in
            let hex = binding.commitment.map { (String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)) }.joined()
            let json: JSONValue = ["token": .string(binding.token), "commitment": .string(hex)]
            return json.canonicalBytes
        }
    }

    @Test func `a file holds the canonical lines in order and the root over them`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(state: seed)
        for count in [1, 2, 3, 64, 257] {
            var bindings = (0..<count).map { number in
                let token = ["usr", "ip", "dev\"\\", "ü"][Int(random.next() % 4)] + "_\(random.next() % 1_000)-\(number)"
                return TokenBinding(token: token, commitment: (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            }
            if count == 64 { bindings.sort { $0.token.utf8.lexicographicallyPrecedes($1.token.utf8) } }
            let file = BindingsFile(bindings)
            let lines = Self.lines(bindings)
            #expect(file.bytes == lines.flatMap { $0 + [10] }, "seed \(seed)")
            #expect(file.root == MerkleTree.root(of: lines.map { MerkleHash.leaf($0) }), "seed \(seed)")
        }
    }

    @Test func `no bindings make no file and no root`() {
        let file = BindingsFile([])
        #expect(file.bytes.isEmpty && file.root == nil)
    }
}
