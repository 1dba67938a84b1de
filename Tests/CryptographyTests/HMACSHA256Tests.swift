import Cryptography
import Testing

struct HMACSHA256Tests {
    @Test func `the codes of RFC 4231 come out, short and long keys alike`() {
        let short = HMACSHA256(key: Array("Jefe".utf8))
        #expect(
            short.authenticate("what do ya want for nothing?").hex
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = HMACSHA256(key: [UInt8](repeating: 0xaa, count: 131))
        #expect(
            long.authenticate("Test Using Larger Than Block-Size Key - Hash Key First").hex
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test func `a message in pieces gives the code of the whole`() {
        let key = HMACSHA256(key: Array("Jefe".utf8))
        var hasher = key.begin()
        hasher.update(Array("what do ya want ".utf8))
        hasher.update(Array("for nothing?".utf8))
        #expect(key.finish(hasher) == key.authenticate("what do ya want for nothing?"))
    }
}
