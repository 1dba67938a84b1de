import Testing

@testable import Cryptography

struct GMACTests {
    private let key = [UInt8](0..<32)

    private func seal(_ bytes: [UInt8], _ place: [UInt8]) throws -> [UInt8] {
        let codes = try GMAC(key: key)
        var seal = [UInt8](repeating: 0, count: GMAC.sealSizeBytes)
        try seal.withUnsafeMutableBytes { seal in
            try bytes.withUnsafeBytes { bytes in try place.withUnsafeBytes { try codes.seal(bytes, place: $0, into: seal.baseAddress!) } }
        }
        return seal
    }

    private func isGenuine(_ bytes: [UInt8], _ place: [UInt8], _ seal: [UInt8]) throws -> Bool {
        let codes = try GMAC(key: key)
        return try bytes.withUnsafeBytes { bytes in
            try place.withUnsafeBytes { place in try seal.withUnsafeBytes { try codes.isGenuine(bytes, place: place, seal: $0.baseAddress!) } }
        }
    }

    @Test func `a seal is an AES-GCM box of nothing whose additional data are place and bytes`() throws {
        for count in [0, 1, 16, 4_000] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            let seal = try seal(bytes, [7, 8, 9])
            #expect(try AESGCM.open(seal, key: key, aad: [7, 8, 9] + bytes) == [])
            #expect(try isGenuine(bytes, [7, 8, 9], seal))
        }
    }

    @Test func `another place, another byte and another seal are not genuine`() throws {
        let bytes = [UInt8](repeating: 5, count: 100)
        let seal = try seal(bytes, [1])
        #expect(try !isGenuine(bytes, [2], seal))
        for place in [0, 50, 99] {
            var changed = bytes
            changed[place] ^= 1
            #expect(try !isGenuine(changed, [1], seal))
        }
        for place in seal.indices {
            var changed = seal
            changed[place] ^= 0x80
            #expect(try !isGenuine(bytes, [1], changed))
        }
    }

    @Test func `codes of many messages are those of each alone`() {
        let hmac = HMACSHA256(key: key)
        for count in [1, 2, 3, 17] {
            let sent = (0..<count).map { [UInt8](repeating: UInt8($0), count: 29 * $0) }
            var bytes: [UInt8] = []
            var offsets: [UInt32] = [0]
            for message in sent {
                bytes += message
                offsets.append(UInt32(bytes.count))
            }
            bytes.append(0)
            var codes = [UInt8](repeating: 0, count: 32 * count)
            bytes.withUnsafeBytes { bytes in
                offsets.withUnsafeBufferPointer { offsets in
                    codes.withUnsafeMutableBytes { codes in
                        let messages = SHA256Messages(base: bytes.baseAddress!, offsets: offsets.baseAddress!, count: count)
                        hmac.authenticateMany(messages, into: codes.baseAddress!)
                    }
                }
            }
            for (number, message) in sent.enumerated() {
                #expect(Array(codes[(32 * number)..<(32 * number + 32)]) == hmac.authenticate(message).bytes, "message \(number) of \(count)")
            }
        }
    }
}
