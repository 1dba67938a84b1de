import Testing

@testable import Cryptography

struct AESGCMTests {
    let key = [UInt8](repeating: 7, count: 32)

    @Test func `NIST's test cases 13 and 14 come out`() throws {
        let zeros = [UInt8](repeating: 0, count: 32)
        let nonce = [UInt8](repeating: 0, count: 12)
        let empty = try AESGCM.seal([], key: zeros, nonce: nonce, aad: [])
        #expect(Hex.encode(Array(empty.dropFirst(12))) == "530f8afbc74536b9a963b4f1c4cb738b")
        let block = try AESGCM.seal([UInt8](repeating: 0, count: 16), key: zeros, nonce: nonce, aad: [])
        #expect(
            Hex.encode(Array(block.dropFirst(12))) == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
    }

    @Test(arguments: [0, 1, 15, 16, 17, 1000])
    func `a box opens to what was sealed`(size: Int) throws {
        let plaintext = SecureRandom.bytes(size)
        let box = try AESGCM.seal(plaintext, key: key, aad: [1, 2, 3])
        #expect(box.count == size + AESGCM.overheadBytes)
        #expect(try AESGCM.open(box, key: key, aad: [1, 2, 3]) == plaintext)
    }

    @Test func `any changed byte, another key and another place are refused`() throws {
        let box = try AESGCM.seal(Array("alice@example.com".utf8), key: key, aad: [1])
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(code { try AESGCM.open(changed, key: key, aad: [1]) } == .authenticationFailed)
        }
        #expect(code { try AESGCM.open(box, key: key, aad: [2]) } == .authenticationFailed)
        #expect(code { try AESGCM.open(box, key: key) } == .authenticationFailed)
        #expect(code { try AESGCM.open(box, key: [UInt8](repeating: 8, count: 32), aad: [1]) } == .authenticationFailed)
        #expect(code { try AESGCM.open(box, key: [1], aad: [1]) } == .wrongSize)
        #expect(code { try AESGCM.open(Array(box.prefix(27)), key: key, aad: [1]) } == .wrongSize)
    }

    @Test func `two boxes of the same value differ`() throws {
        #expect(try AESGCM.seal([1], key: key) != AESGCM.seal([1], key: key))
    }
}

/// The code of the error that `body` throws, or nil when it throws none of this module's.
func code(_ body: () throws -> some Any) -> CryptographyError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? CryptographyError)?.code
    }
}
