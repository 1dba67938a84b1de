import Cryptography
import Testing

struct SHA256Tests {
    @Test func `the digests of FIPS 180-4's examples come out`() {
        #expect(SHA256.hash("").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(SHA256.hash("abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `pieces give the digest of the whole, and a copy forks the state`() {
        var hasher = SHA256()
        hasher.update(Array("a".utf8))
        var fork = hasher
        hasher.update(Array("bc".utf8))
        fork.update(Array("xyz".utf8))
        #expect(hasher.finalize() == SHA256.hash("abc"))
        #expect(fork.finalize() == SHA256.hash("axyz"))
        #expect(hasher.finalize() == SHA256.hash("abc"))
    }

    @Test func `a digest reads back from hex and bytes, and refuses other spellings`() {
        let digest = SHA256.hash("abc")
        #expect(SHA256Digest(hex: digest.hex) == digest)
        #expect(SHA256Digest(digest.bytes) == digest)
        #expect(SHA256Digest(hex: digest.hex.uppercased()) == nil)
        #expect(SHA256Digest(hex: String(digest.hex.dropLast())) == nil)
        #expect(SHA256Digest(Array(digest.bytes.dropLast())) == nil)
        #expect(digest.base64 == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
    }

    @Test func `digests order as their hex does`() {
        let digests = (0..<200).map { SHA256.hash("\($0)") }
        #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
    }
}
