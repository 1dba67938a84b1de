import Testing

@testable import EventStore

struct HexWordsTests {
    @Test func `every byte at every place of a word is a digit or not as digits alone are`() {
        let good = Array("0a9f3c7e".utf8)
        for byte in 0..<256 {
            for place in good.indices {
                var bytes = good
                bytes[place] = UInt8(byte)
                let word = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
                #expect(HexWords.areDigits(word) == (HexDigits.value(UInt8(byte)) <= 15), "byte \(byte) at \(place)")
            }
        }
        #expect(!HexWords.areDigits(0) && !HexWords.areDigits(.max))
    }

    @Test func `digits stand for the bytes that digit by digit gives`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(state: seed)
        for _ in 0..<500 {
            let bytes = (0..<4).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            var digits = [UInt8](repeating: 0, count: 8)
            digits.withUnsafeMutableBytes { room in
                for (place, byte) in bytes.enumerated() { HexDigits.write(byte, to: room.baseAddress! + 2 * place) }
            }
            let word = digits.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
            #expect(HexWords.areDigits(word), "seed \(seed)")
            #expect(withUnsafeBytes(of: HexWords.bytes(word)) { Array($0) } == bytes, "seed \(seed)")
        }
    }

    @Test func `a long text is folded as its letters are`() {
        for byte in 0..<256 {
            for place in 0..<19 {
                var text = Array("mixed_Case-09-Zed.x".utf8)
                text[place] = UInt8(byte)
                var folded = [UInt8](repeating: 0, count: text.count)
                text.withUnsafeBytes { text in folded.withUnsafeMutableBytes { TermHash.fold(text, into: $0) } }
                #expect(folded == text.map { TermHash.fold($0) }, "byte \(byte) at \(place)")
            }
        }
    }
}
