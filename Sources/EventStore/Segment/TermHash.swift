import Glibc
import Parquet

/// How terms are hashed: XXH64 with seed 0, in index files over the term with ASCII letters in lower case.
///
/// Not keyed: terms that an adversary chose to collide can make a look-up slow, never wrong.
enum TermHash {
    /// The half of a hash that tables keep beside a code.
    static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

    /// The hash of these bytes.
    static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 { XXH64.hash(text) }

    /// The hash of the bytes with ASCII letters in lower case.
    static func foldedHash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        withUnsafeTemporaryAllocation(byteCount: max(text.count, 1), alignment: 8) { folded in
            fold(text, into: folded)
            return XXH64.hash(UnsafeRawBufferPointer(rebasing: folded[..<text.count]))
        }
    }

    /// Writes `text` with ASCII letters in lower case to `target`, which has room for it.
    static func fold(_ text: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var i = 0
        // Eight bytes at a time: each below 128 that lies from A to Z gets its bit of 32.
        while i &+ 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            let low = word & ~highs
            let letters = (low &+ ones &* (0x80 - 0x41)) & ~(low &+ ones &* (0x7F - 0x5A)) & ~word & highs
            target.storeBytes(of: word | letters &>> 2, toByteOffset: i, as: UInt64.self)
            i &+= 8
        }
        while i < text.count {
            target[i] = fold(text[i])
            i &+= 1
        }
    }

    /// An ASCII letter in lower case; other bytes as they are.
    @inline(__always)
    static func fold(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }

    /// Whether two texts have the same bytes.
    @inline(__always)
    static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let first = a.baseAddress, let second = b.baseAddress, a.count > 0 else { return true }
        return memcmp(first, second, a.count) == 0
    }

    /// Whether two texts are equal when ASCII letters match in either case.
    static func areEqualFolded(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        var i = 0
        while i < a.count {
            if fold(a[i]) != fold(b[i]) { return false }
            i &+= 1
        }
        return true
    }
}
