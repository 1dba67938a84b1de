#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A run of bytes that somebody else owns: the record being parsed, its arena, or the constants of a plan.
///
/// Safety: a slice of a record or arena must not outlive the record; slices of constants live as long as their plan.
struct ByteSlice: BitwiseCopyable, @unchecked Sendable {
    let base: UnsafePointer<UInt8>
    let count: Int

    /// No bytes: its address is never read.
    static var empty: ByteSlice {
        @inline(__always) get { ByteSlice(base: UnsafePointer(bitPattern: 64).unsafelyUnwrapped, count: 0) }
    }

    @inline(__always)
    init(base: UnsafePointer<UInt8>, count: Int) {
        self.base = base
        self.count = count
    }

    @inline(__always)
    subscript(index: Int) -> UInt8 { base[index] }

    var isEmpty: Bool { count == 0 }

    /// The text. Records are validated as UTF-8 before anything is taken from them.
    var text: String { String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self) }

    @inline(__always)
    func sub(_ from: Int, _ to: Int) -> ByteSlice { ByteSlice(base: base + from, count: to - from) }

    /// Whether runs of bytes are equal, by overlapping words; short runs take no call.
    @inline(__always)
    static func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
        if count >= 8 {
            var at = 0
            while at &+ 8 < count {
                if a.loadUnaligned(fromByteOffset: at, as: UInt64.self) != b.loadUnaligned(fromByteOffset: at, as: UInt64.self) {
                    return false
                }
                at &+= 8
            }
            let last = count &- 8
            return a.loadUnaligned(fromByteOffset: last, as: UInt64.self) == b.loadUnaligned(fromByteOffset: last, as: UInt64.self)
        }
        if count >= 4 {
            let last = count &- 4
            return a.loadUnaligned(as: UInt32.self) == b.loadUnaligned(as: UInt32.self)
                && a.loadUnaligned(fromByteOffset: last, as: UInt32.self) == b.loadUnaligned(fromByteOffset: last, as: UInt32.self)
        }
        var at = 0
        while at < count {
            if a.load(fromByteOffset: at, as: UInt8.self) != b.load(fromByteOffset: at, as: UInt8.self) { return false }
            at &+= 1
        }
        return true
    }

    func equals(_ other: ByteSlice) -> Bool {
        count == other.count && Self.areEqual(base, other.base, count)
    }

    func hasPrefix(_ prefix: ByteSlice) -> Bool {
        count >= prefix.count && Self.areEqual(base, prefix.base, prefix.count)
    }

    func hasSuffix(_ suffix: ByteSlice) -> Bool {
        count >= suffix.count && memcmp(base + (count - suffix.count), suffix.base, suffix.count) == 0
    }

    /// Offset of the first occurrence of `needle` at or after `start`, or nil.
    func firstRange(of needle: ByteSlice, from start: Int = 0) -> Int? {
        guard needle.count > 0, start >= 0, count - start >= needle.count else { return needle.isEmpty && start <= count ? start : nil }
        let first = Int32(needle[0])
        var at = start
        while at <= count - needle.count {
            guard let hit = memchr(base + at, first, count - needle.count - at + 1) else { return nil }
            at = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
            if memcmp(base + at, needle.base, needle.count) == 0 { return at }
            at += 1
        }
        return nil
    }

    /// Offset of the last occurrence of `needle`, or nil.
    func lastRange(of needle: ByteSlice) -> Int? {
        guard needle.count > 0, count >= needle.count else { return nil }
        var at = count - needle.count
        while at >= 0 {
            if base[at] == needle[0], memcmp(base + at, needle.base, needle.count) == 0 { return at }
            at -= 1
        }
        return nil
    }

    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let hit = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    }

    /// Without white space at both ends.
    var trimmed: ByteSlice {
        var from = 0
        var to = count
        while from < to, base[from].isBlank { from += 1 }
        while to > from, base[to - 1].isBlank { to -= 1 }
        return sub(from, to)
    }

    /// The bytes as a decimal integer without sign, or nil.
    var decimal: Int? {
        guard count > 0, count <= 18 else { return nil }
        var value = 0
        for i in 0..<count {
            let digit = Int(base[i]) - 48
            guard digit >= 0, digit <= 9 else { return nil }
            value = value * 10 + digit
        }
        return value
    }
}

extension UInt8 {
    /// Space, tab, line feed, carriage return, vertical tab or form feed.
    var isBlank: Bool { self == 32 || (self >= 9 && self <= 13) }
    var isDigit: Bool { self >= 48 && self <= 57 }
    var isLetter: Bool { (self | 32) >= 97 && (self | 32) <= 122 }
    var isHexDigit: Bool { isDigit || ((self | 32) >= 97 && (self | 32) <= 102) }
    var hexValue: UInt8? {
        if isDigit { return self - 48 }
        let lower = self | 32
        return lower >= 97 && lower <= 102 ? lower - 87 : nil
    }
    var asciiLowered: UInt8 { self >= 65 && self <= 90 ? self | 32 : self }
}
