import Testing

@testable import Parquet

struct UTF8CheckTests {
    static func isWellFormed(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { UTF8Check.isWellFormed($0) } }

    @Test(arguments: [UInt64(1), 2])
    func `it says what the standard library says`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces: [[UInt8]] = [
            Array("plain text of some length".utf8), Array("é".utf8), Array("日本".utf8), Array("😀".utf8), [0xC0, 0x80], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80], [0x80], [0xFF], [0xF5, 0x80, 0x80, 0x80], [0xC3],
            [0xE2, 0x82],
        ]
        for _ in 0..<3_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                let isGood = Int.random(in: 0..<5, using: &random) > 0
                bytes += (isGood ? pieces[..<4] : pieces[...]).randomElement(using: &random) ?? []
            }
            #expect(Self.isWellFormed(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "seed \(seed): \(bytes)")
        }
    }

    @Test func `one byte above 127 is seen wherever it stands`() {
        for count in 0..<200 {
            var bytes = [UInt8](repeating: 65, count: count)
            #expect(bytes.withUnsafeBytes { UTF8Check.isASCII($0) })
            if count > 0 {
                bytes[count * 7 % count] = 0x80
                bytes[count - 1 - count % 3 % count] = 0x80
                #expect(!bytes.withUnsafeBytes { UTF8Check.isASCII($0) })
            }
        }
    }
}
