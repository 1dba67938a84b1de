import Cryptography
import Testing

struct Ed25519Tests {
    @Test func `test 2 of RFC 8032 comes out`() throws {
        let seed = Hex.decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")!
        let key = try Ed25519PrivateKey(seed: seed)
        #expect(Hex.encode(key.publicKey.bytes) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        #expect(
            Hex.encode(try key.sign([0x72]))
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    }

    @Test func `a changed message, signature, length or key is refused`() throws {
        let key = Ed25519PrivateKey()
        let message = Array("message".utf8)
        let signature = try key.sign(message)
        #expect(key.publicKey.isValid(signature: signature, for: message))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 0x10
            #expect(!key.publicKey.isValid(signature: changed, for: message))
        }
        #expect(!key.publicKey.isValid(signature: signature, for: message + [0]))
        #expect(!key.publicKey.isValid(signature: Array(signature.dropLast()), for: message))
        #expect(!key.publicKey.isValid(signature: [], for: message))
        #expect(!Ed25519PrivateKey().publicKey.isValid(signature: signature, for: message))
        let empty = try key.sign([])
        #expect(key.publicKey.isValid(signature: empty, for: []))
    }
}
