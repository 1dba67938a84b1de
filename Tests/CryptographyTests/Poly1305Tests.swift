import Cryptography
import Testing

struct Poly1305Tests {
    /// RFC 8439 §2.5.2.
    private static let key = Hex.decode("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")!

    @Test func `RFC 8439's example comes out, again and again under one key`() throws {
        let hash = try Poly1305(key: Self.key)
        let tag = hash.tag(Array("Cryptographic Forum Research Group".utf8))
        #expect(Hex.encode(tag) == "a8061dc1305136c6c22b8baf0c0127a9")
        #expect(hash.tag(Array("other".utf8)) != tag)
        #expect(hash.tag(Array("Cryptographic Forum Research Group".utf8)) == tag)
        // A message without bytes has the key's second half.
        #expect(hash.tag([]) == Array(Self.key[16...]))
    }

    @Test func `threads do not disturb each other`() async throws {
        let hash = try Poly1305(key: Self.key)
        let messages = (0..<64).map { SeededRandom.bytes(100 * $0, seed: UInt64($0)) }
        let expected = messages.map { hash.tag($0) }
        let found = await withTaskGroup(of: (Int, [UInt8]).self) { group in
            for (number, message) in messages.enumerated() { group.addTask { (number, hash.tag(message)) } }
            return await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
        }
        #expect(found == Dictionary(uniqueKeysWithValues: expected.enumerated().map { ($0.offset, $0.element) }))
    }

    @Test func `a key of another length is refused`() {
        let error = #expect(throws: CryptographyError.self) { try Poly1305(key: [1, 2, 3]) }
        #expect(error?.code == .wrongSize)
    }
}
