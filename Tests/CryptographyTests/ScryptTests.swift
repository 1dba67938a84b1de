import Cryptography
import Testing

struct ScryptTests {
    @Test func `the second vector of RFC 7914 comes out`() throws {
        let key = try Scrypt.derive(
            passphrase: "password", salt: Array("NaCl".utf8), cost: 1024, blockSize: 8, parallelism: 16, count: 64)
        #expect(Hex.encode(key).hasPrefix("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"))
    }

    @Test func `a cost that is no power of two is refused`() {
        #expect(code { try Scrypt.derive(passphrase: "x", salt: [], cost: 1000) } == .libraryFailure)
    }
}
