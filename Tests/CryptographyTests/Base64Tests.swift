import Cryptography
import Testing

struct Base64Tests {
    @Test func `RFC 4648's vectors go both ways`() {
        for (plain, encoded) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.encode(Array(plain.utf8)) == encoded)
            #expect(Base64.decode(encoded) == Array(plain.utf8))
        }
    }

    @Test(arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "Z===", "====", "Zm 9v", "Zm9vYg==Zg==", "Zm9-"])
    func `another spelling of a value is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `hex goes both ways and refuses the rest`() {
        #expect(Hex.decode("00ff7a") == [0, 255, 122])
        #expect(Hex.encode([0, 255, 122]) == "00ff7a")
        for text in ["0", "0g", "FF", " 00"] { #expect(Hex.decode(text) == nil) }
    }
}
