/// The hash and the comparison of a column's texts, by overlapping words: texts of up to 32 bytes take no loop.
enum TextHash {
    /// Three secrets of the process, so that a source cannot choose texts that collide.
    struct Seed: BitwiseCopyable {
        let first: UInt64
        let second: UInt64
        let third: UInt64
    }

    static let processSeed = Seed(
        first: .random(in: 1...UInt64.max), second: .random(in: 1...UInt64.max), third: .random(in: 1...UInt64.max))

    /// Products of 128 bits over pairs of words, each word under a secret, folded.
    @inline(__always)
    static func hash(_ text: UnsafeRawBufferPointer, _ seed: Seed) -> UInt32 {
        UInt32(truncatingIfNeeded: wide(text, seed) &>> 16)
    }

    @inline(__always)
    private static func wide(_ text: UnsafeRawBufferPointer, _ seed: Seed) -> UInt64 {
        let count = text.count
        let length = UInt64(truncatingIfNeeded: count)
        guard let base = text.baseAddress, count > 0 else { return fold(seed.first, seed.second) }
        if count < 8 { return fold(seed.first ^ short(base, count), seed.second ^ length) }
        let last = word(base, count &- 8)
        if count <= 16 { return fold(seed.first ^ word(base, 0) ^ length &<< 56, seed.second ^ last) }
        if count <= 32 {
            let front = fold(seed.first ^ word(base, 0), seed.second ^ word(base, 8))
            let back = fold(seed.third ^ word(base, count &- 16), seed.second ^ last ^ length)
            return fold(front ^ seed.third, back ^ seed.first)
        }
        var front = seed.first ^ length
        var at = 0
        while at &+ 16 < count {
            front = fold(front ^ word(base, at), seed.second ^ word(base, at &+ 8))
            at &+= 16
        }
        return fold(front ^ word(base, count &- 16), seed.third ^ last)
    }

    /// Whether `count` bytes are equal. No text equals another where one has no address, since only empty texts have none.
    @inline(__always)
    static func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer?, _ count: Int) -> Bool {
        guard let b else { return true }
        if count < 8 { return short(a, count) == short(b, count) }
        let last = word(a, count &- 8) ^ word(b, count &- 8)
        if count <= 16 { return (word(a, 0) ^ word(b, 0)) | last == 0 }
        if count <= 32 {
            let front = (word(a, 0) ^ word(b, 0)) | (word(a, 8) ^ word(b, 8))
            return front | (word(a, count &- 16) ^ word(b, count &- 16)) | last == 0
        }
        guard last == 0 else { return false }
        var at = 0
        while at &+ 8 < count {
            if word(a, at) != word(b, at) { return false }
            at &+= 8
        }
        return true
    }

    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ at: Int) -> UInt64 { base.loadUnaligned(fromByteOffset: at, as: UInt64.self) }

    /// All bytes of a text of fewer than eight; equal for texts of one length only where they are equal.
    @inline(__always)
    private static func short(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 4 {
            return UInt64(base.loadUnaligned(as: UInt32.self)) &<< 32
                | UInt64(base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        }
        guard count > 0 else { return 0 }
        let first = UInt64(base.load(as: UInt8.self))
        let middle = UInt64(base.load(fromByteOffset: count &>> 1, as: UInt8.self))
        return first &<< 16 | middle &<< 8 | UInt64(base.load(fromByteOffset: count &- 1, as: UInt8.self))
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
