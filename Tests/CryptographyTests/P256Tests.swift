import Cryptography
import Testing

struct P256Tests {
    @Test func `a signature holds for its message and key alone`() throws {
        let key = try P256PrivateKey.generate()
        let message = Array("message".utf8)
        let signature = try key.sign(message)
        #expect(key.publicKey.isValid(signature: signature, for: message))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1
            #expect(!key.publicKey.isValid(signature: changed, for: message))
        }
        #expect(!key.publicKey.isValid(signature: signature, for: message + [0]))
        #expect(!key.publicKey.isValid(signature: [], for: message))
        #expect(try !P256PrivateKey.generate().publicKey.isValid(signature: signature, for: message))
    }

    @Test func `a key survives its passphrase, and nothing else opens it`() throws {
        let key = try P256PrivateKey.generate()
        let pem = try key.pem(passphrase: "correct horse")
        #expect(pem.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        #expect(try P256PrivateKey.read(pem: pem, passphrase: "correct horse").publicKey == key.publicKey)
        #expect(code { try P256PrivateKey.read(pem: pem, passphrase: "wrong") } == .wrongPassphrase)
        #expect(code { try P256PrivateKey.read(pem: pem) } == .wrongPassphrase)
        #expect(try P256PrivateKey.read(pem: key.unencryptedPEM()).publicKey == key.publicKey)
    }

    @Test func `other keys and other text are refused`() throws {
        #expect(code { try P256PrivateKey.read(pem: "") } == .invalidKey)
        #expect(code { try P256PrivateKey.read(pem: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") } == .invalidKey)
        // openssl genpkey -algorithm ed25519
        let ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n"
        #expect(code { try P256PrivateKey.read(pem: ed25519) } == .invalidKey)
        #expect(code { try P256PublicKey(spki: [0x30, 0x00]) } == .invalidKey)
        #expect(code { try P256PublicKey(spki: []) } == .invalidKey)
        let key = try P256PrivateKey.generate().publicKey
        #expect(code { try P256PublicKey(spki: key.spki + [0]) } == .invalidKey)
    }
}
