/// Eight lower-case hex digits at a time, in a machine word.
enum HexWords {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Whether all eight bytes of a word are lower-case hex digits.
    @inline(__always)
    static func areDigits(_ word: UInt64) -> Bool {
        // No byte carries into the next one: each is below 128, or the first test fails.
        let low = word & ~highs
        let decimal = (low &+ ones &* (0x80 - 0x30)) & ~(low &+ ones &* (0x7F - 0x39))
        let letter = (low &+ ones &* (0x80 - 0x61)) & ~(low &+ ones &* (0x7F - 0x66))
        return (decimal | letter) & ~word & highs == highs
    }

    /// The four bytes that eight digits stand for, in the order of memory.
    ///
    /// - Parameter word: Digits in the order of memory, as ``areDigits(_:)`` accepts them.
    @inline(__always)
    static func bytes(_ word: UInt64) -> UInt32 {
        let digits = UInt64(littleEndian: word)
        let nibbles = (digits & (ones &* 15)) &+ (digits &>> 6 & ones) &* 9
        var pairs = (nibbles &<< 4 | nibbles &>> 8) & 0x00FF_00FF_00FF_00FF
        pairs = (pairs | pairs &>> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: pairs | pairs &>> 16).littleEndian
    }

    /// The 32 digits of a text of 36 bytes as four words, without the bytes at 8, 13, 18 and 23.
    @inline(__always)
    static func ofUUID(_ text: UnsafeRawPointer) -> (UInt64, UInt64, UInt64, UInt64) {
        (text.loadUnaligned(as: UInt64.self), pair(text, 9, 14), pair(text, 19, 24), text.loadUnaligned(fromByteOffset: 28, as: UInt64.self))
    }

    /// Two times four bytes, in the order of memory.
    @inline(__always)
    private static func pair(_ text: UnsafeRawPointer, _ first: Int, _ second: Int) -> UInt64 {
        let low = UInt64(UInt32(littleEndian: text.loadUnaligned(fromByteOffset: first, as: UInt32.self)))
        let high = UInt64(UInt32(littleEndian: text.loadUnaligned(fromByteOffset: second, as: UInt32.self)))
        return (low | high &<< 32).littleEndian
    }
}
