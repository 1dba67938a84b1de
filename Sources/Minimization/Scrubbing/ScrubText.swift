/// The bytes under scrutiny. Reading outside gives zero, so that detectors may look around without asking where the text ends.
///
/// Invariant: `base` points to `count` readable bytes while the value lives; ``Scrubber/findings(in:)`` alone makes it, inside
/// `withUnsafeBytes`, and no detector keeps it. Every access goes through the bounds check below.
struct ScrubText {
    private let base: UnsafePointer<UInt8>
    let count: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        base = bytes.baseAddress.map { UnsafePointer($0) } ?? UnsafePointer(bitPattern: 1)!
        count = bytes.count
    }

    @inline(__always)
    subscript(_ index: Int) -> UInt8 {
        UInt(bitPattern: index) < UInt(bitPattern: count) ? base[index] : 0
    }

    /// Whether the text goes on with these ASCII bytes at `index`.
    @inline(__always)
    func has(_ word: StaticString, at index: Int) -> Bool {
        let size = word.utf8CodeUnitCount
        guard index >= 0, index &+ size <= count else { return false }
        let start = word.utf8Start
        var place = 0
        while place < size {
            if base[index &+ place] != start[place] { return false }
            place &+= 1
        }
        return true
    }

    /// The same, whatever the case of letters; `word` is lower-case.
    func hasIgnoringCase(_ word: StaticString, at index: Int) -> Bool {
        let size = word.utf8CodeUnitCount
        guard index >= 0, index &+ size <= count else { return false }
        for place in 0..<size where Byte.lower(base[index &+ place]) != word.utf8Start[place] { return false }
        return true
    }

    func bytes(_ range: Range<Int>) -> [UInt8] {
        let bounded = range.clamped(to: 0..<count)
        return Array(UnsafeBufferPointer(start: base + bounded.lowerBound, count: bounded.count))
    }
}

/// Classes of ASCII bytes.
enum Byte {
    @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
    @inline(__always) static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 <= 25 }
    @inline(__always) static func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 <= 25 }
    @inline(__always) static func isAlnum(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
    /// A letter, a digit or the beginning of a letter beyond ASCII.
    @inline(__always) static func isWord(_ byte: UInt8) -> Bool { isAlnum(byte) || byte >= 0x80 }
    @inline(__always) static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 <= 5 }
    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 <= 4 }
    @inline(__always) static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
    @inline(__always) static func isBase64URL(_ byte: UInt8) -> Bool { isAlnum(byte) || byte == 0x2d || byte == 0x5f }

    static func hexValue(_ byte: UInt8) -> UInt8 { isDigit(byte) ? byte &- 0x30 : (byte | 0x20) &- 0x61 &+ 10 }
}

/// A set of byte pairs by the low six bits of each: the cheap question before a costly one. It may say yes wrongly, never no.
///
/// Invariant: `bits` points to 4,096 bytes that live as long as the process; they are written before the value is shared.
struct BytePairFilter: @unchecked Sendable {
    private let bits: UnsafePointer<Bool>

    init(_ pairs: some Sequence<(UInt8, UInt8)>) {
        let table = UnsafeMutablePointer<Bool>.allocate(capacity: 4_096)
        table.initialize(repeating: false, count: 4_096)
        for (first, second) in pairs { table[Self.slot(first, second)] = true }
        bits = UnsafePointer(table)
    }

    /// The last two bytes of words, in either case of letters.
    init(endingsOf words: some Sequence<[UInt8]>) {
        self.init(
            words.flatMap { word -> [(UInt8, UInt8)] in
                let (first, second) = (word[word.count - 2], word[word.count - 1])
                return [(first, second), (first & 0xdf, second & 0xdf), (first & 0xdf, second), (first, second & 0xdf)]
            })
    }

    @inline(__always)
    func mayHold(_ first: UInt8, _ second: UInt8) -> Bool { bits[Self.slot(first, second)] }

    @inline(__always)
    private static func slot(_ first: UInt8, _ second: UInt8) -> Int { Int(first & 63) << 6 | Int(second & 63) }
}
