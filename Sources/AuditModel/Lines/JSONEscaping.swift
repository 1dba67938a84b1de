/// The escapes of JSON strings under RFC 8785 §3.2.2.2, from memory to memory.
///
/// Most texts need none: sixteen bytes at a time are copied and looked at, and only a text that has a quote, a backslash or a control
/// character goes on byte by byte.
enum JSONEscaping {
    /// Writes `size` bytes of UTF-8 to `out` and returns how many bytes that took: at most six times as many.
    ///
    /// Nothing behind `text + size` is read and nothing behind the returned end of `out` is written, but for up to seven bytes.
    @inline(__always)
    static func write(_ text: UnsafeRawPointer, _ size: Int, to out: UnsafeMutableRawPointer) -> Int {
        var place = 0
        while place &+ 16 <= size {
            let a = text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let b = text.loadUnaligned(fromByteOffset: place &+ 8, as: UInt64.self)
            out.storeBytes(of: a, toByteOffset: place, as: UInt64.self)
            out.storeBytes(of: b, toByteOffset: place &+ 8, as: UInt64.self)
            if mustEscape(a) | mustEscape(b) != 0 { return writeSlowly(text, size, from: place, to: out) }
            place &+= 16
        }
        if place == size { return size }
        if size >= 8 {
            // The last words overlap what was copied already.
            if place &+ 8 < size {
                let word = text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                out.storeBytes(of: word, toByteOffset: place, as: UInt64.self)
                if mustEscape(word) != 0 { return writeSlowly(text, size, from: place, to: out) }
            }
            let word = text.loadUnaligned(fromByteOffset: size &- 8, as: UInt64.self)
            out.storeBytes(of: word, toByteOffset: size &- 8, as: UInt64.self)
            return mustEscape(word) == 0 ? size : writeSlowly(text, size, from: place, to: out)
        }
        var word: UInt64 = 0
        while place < size {
            word |= UInt64(text.load(fromByteOffset: place, as: UInt8.self)) &<< UInt64(8 &* place)
            place &+= 1
        }
        // Bytes that are not there become spaces, which need no escape.
        word |= 0x2020_2020_2020_2020 &<< UInt64(8 &* size)
        out.storeBytes(of: word, as: UInt64.self)
        return mustEscape(word) == 0 ? size : writeSlowly(text, size, from: 0, to: out)
    }

    /// Not 0 where one of eight bytes is a control character, a quote or a backslash.
    @inline(__always)
    private static func mustEscape(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5c)
        // A byte below n borrows from its highest bit when n is taken away.
        let found = (word &- ones &* 0x20) & ~word | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
        return found & 0x8080_8080_8080_8080
    }

    @inline(never)
    private static func writeSlowly(_ text: UnsafeRawPointer, _ size: Int, from start: Int, to out: UnsafeMutableRawPointer) -> Int {
        var written = start
        func put(_ byte: UInt8) {
            out.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
            written &+= 1
        }
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 &+ value : 87 &+ value }
        for place in start..<size {
            let byte = text.load(fromByteOffset: place, as: UInt8.self)
            guard byte < 32 || byte == 34 || byte == 92 else {
                put(byte)
                continue
            }
            put(92)
            switch byte {
            case 8: put(98)
            case 9: put(116)
            case 10: put(110)
            case 12: put(102)
            case 13: put(114)
            case 34, 92: put(byte)
            default:
                put(117)
                put(48)
                put(48)
                put(digit(byte >> 4))
                put(digit(byte & 15))
            }
        }
        return written
    }
}
