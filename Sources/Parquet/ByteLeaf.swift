import Glibc

/// A leaf of byte strings made ready for encoding: which entries occur, how they are numbered in the file, and the code of each slot.
///
/// File codes count from 0 in the order of first use. Where the caller's codes are already in that order, which they are when a block was
/// built row by row, they are taken as they are less ``base``; else they are numbered anew into scratch. It points into the caller's
/// buffers and the encoder's scratch: valid during one encode call.
struct ByteLeaf {
    let entries: EntryBuffer

    /// For each slot its code, ``ByteValues/absent``, or a file code plus ``base``.
    let codes: UnsafePointer<UInt32>

    /// What is taken from a code to give the file code.
    let base: UInt32

    /// For each file code its entry; nil where that is the file code plus ``base``.
    let order: UnsafePointer<UInt32>?

    /// How many slots there are, how many hold a value, and how many different file codes they have.
    let slotCount: Int
    let presentCount: Int
    let distinctCount: Int

    /// Bytes of the distinct entries.
    let distinctBytes: Int

    /// Whether all slots have the same code, or none has one.
    let isUniform: Bool

    /// The entry of a file code.
    @inline(__always)
    func entry(_ code: UInt32) -> Int { order.map { Int($0[Int(code)]) } ?? Int(code &+ base) }

    /// The bytes of a file code.
    @inline(__always)
    func value(_ code: UInt32) -> UnsafeRawBufferPointer { entries[entry(code)] }

    /// The bytes of all entries in the order of file codes, if they lie one behind the other.
    var contiguousBytes: UnsafeRawBufferPointer? {
        guard order == nil else { return nil }
        return UnsafeRawBufferPointer(rebasing: entries.bytes[entries.start(Int(base))..<entries.start(Int(base) + distinctCount)])
    }

    /// Whether slot values are the entries one after the other, each used once.
    var isSequence: Bool { order == nil && distinctCount == presentCount }

    /// Whether the string of `first` sorts before that of `second`, byte by byte, unsigned.
    func isBefore(_ first: UInt32, _ second: UInt32) -> Bool { first != second && Self.isBefore(value(first), value(second)) }

    /// Whether `first` sorts before `second`, byte by byte, unsigned.
    @inline(__always)
    static func isBefore(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Bool {
        if first.count >= 8, second.count >= 8 {
            let heads = (
                UInt64(bigEndian: first.loadUnaligned(as: UInt64.self)), UInt64(bigEndian: second.loadUnaligned(as: UInt64.self))
            )
            if heads.0 != heads.1 { return heads.0 < heads.1 }
        }
        guard let left = first.baseAddress, let right = second.baseAddress else { return first.count < second.count }
        let order = memcmp(left, right, min(first.count, second.count))
        return order != 0 ? order < 0 : first.count < second.count
    }

    /// The first eight bytes as a big-endian number, zeros behind the end: unequal numbers are in the order of the strings.
    @inline(__always)
    static func prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        if bytes.count >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) }
        var value: UInt64 = 0
        for byte in bytes { value = value &<< 8 | UInt64(byte) }
        return bytes.isEmpty ? 0 : value &<< UInt64(64 &- 8 &* bytes.count)
    }

    /// The file codes of the smallest and largest string; nil without one.
    func extremes() -> (low: UInt32, high: UInt32)? {
        guard distinctCount > 0 else { return nil }
        var low: UInt32 = 0
        var high: UInt32 = 0
        var lowest = value(0)
        var highest = lowest
        var code: UInt32 = 1
        while code < UInt32(distinctCount) {
            let bytes = value(code)
            if Self.isBefore(bytes, lowest) {
                (low, lowest) = (code, bytes)
            } else if Self.isBefore(highest, bytes) {
                (high, highest) = (code, bytes)
            }
            code &+= 1
        }
        return (low, high)
    }

    /// Whether codes into a dictionary page are smaller than the values themselves.
    ///
    /// Where nearly all values differ, the dictionary holds them all and the codes come on top. Each plain value is taken to cost as
    /// many bytes as the entries have on average, and one for its length (none if all have the same).
    func isDictionarySmaller(isFixed: Bool) -> Bool {
        guard distinctCount > 0, distinctBytes <= Self.maximumDictionaryBytes else { return false }
        let plain = presentCount * distinctBytes / distinctCount + (isFixed ? 0 : presentCount)
        let width = BitPacking.width(of: UInt64(max(1, distinctCount - 1)))
        let dictionary = distinctBytes + (isFixed ? 0 : distinctCount * 4) + presentCount * width / 8
        return dictionary <= plain
    }

    /// Beyond this a dictionary is no longer held in a cache, nor in one page.
    static let maximumDictionaryBytes = 64 << 20

    /// The first file code whose string is not UTF-8, if any.
    func firstMalformedText() -> UInt32? {
        if UTF8Check.isASCII(contiguousBytes ?? entries.bytes) { return nil }
        return (0..<UInt32(distinctCount)).first { !UTF8Check.isWellFormed(value($0)) }
    }
}
