import Glibc

/// Builds a column of byte strings value by value, sharing equal ones.
///
/// An open-addressing table over XXH64 finds known strings without making a key per value. The hash is not keyed: strings chosen by
/// an adversary can make it slow, never wrong.
public struct ByteValuesBuilder: Sendable {
    /// What was built so far.
    public private(set) var values: ByteValues

    /// In each place the high half of an entry's hash and its code + 1, or 0 where free. The size is a power of two below 2^32, at least
    /// twice the number of entries, and an entry's place follows from the high bits of its hash, so growing needs no hash again.
    private var table: [UInt64]

    /// How far a hash is shifted to give a place: 64 minus the binary logarithm of the table's size.
    private var shift: UInt64 = 64 - 6

    /// Starts empty.
    public init() {
        values = ByteValues(dictionary: ByteArrays(), codes: [], isDictionaryDistinct: true)
        table = Array(repeating: 0, count: 64)
    }

    /// How many slots were added.
    public var count: Int { values.codes.count }

    /// Makes room for `count` slots.
    public mutating func reserveCapacity(_ count: Int) { values.codes.reserveCapacity(count) }

    /// Adds a slot without a value.
    public mutating func appendAbsent() { values.codes.append(ByteValues.absent) }

    /// Adds a slot with these bytes.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        values.codes.append(code(of: bytes))
    }

    /// Adds a slot with this text.
    public mutating func append(_ string: String) {
        var string = string
        let code = string.withUTF8 { self.code(of: UnsafeRawBufferPointer($0)) }
        values.codes.append(code)
    }

    /// Adds a slot with this text, or without a value.
    public mutating func append(_ string: String?) {
        if let string { append(string) } else { appendAbsent() }
    }

    /// Adds a slot with these bytes.
    public mutating func append(_ bytes: [UInt8]) {
        let code = bytes.withUnsafeBytes { self.code(of: $0) }
        values.codes.append(code)
    }

    /// Adds a slot with a code from ``code(of:)``, for callers that remember codes.
    public mutating func append(code: UInt32) {
        precondition(Int(code) < values.dictionary.count || code == ByteValues.absent, "The code comes from another dictionary")
        values.codes.append(code)
    }

    /// The code of these bytes, entering them into the dictionary if they are new. Adds no slot.
    public mutating func code(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        let hash = XXH64.hash(bytes)
        let tag = hash & Self.tagMask
        var place = Int(truncatingIfNeeded: hash &>> shift)
        while true {
            let entry = table[place]
            if entry == 0 { break }
            let code = UInt32(truncatingIfNeeded: entry) &- 1
            if entry & Self.tagMask == tag, holds(bytes, at: Int(code)) { return code }
            place = (place &+ 1) & (table.count &- 1)
        }
        let code = values.dictionary.count
        values.dictionary.append(bytes)
        table[place] = tag | UInt64(code &+ 1)
        if values.dictionary.count &* 2 > table.count { grow() }
        return UInt32(code)
    }

    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

    @inline(__always)
    private func holds(_ bytes: UnsafeRawBufferPointer, at code: Int) -> Bool {
        values.dictionary.withBytes(code) { known in
            guard known.count == bytes.count else { return false }
            guard let first = known.baseAddress, let second = bytes.baseAddress else { return true }
            return memcmp(first, second, bytes.count) == 0
        }
    }

    private mutating func grow() {
        precondition(table.count < 1 << 31, "A dictionary holds less than 2^30 entries; cut the row group smaller")
        var larger = [UInt64](repeating: 0, count: table.count * 2)
        shift -= 1
        for entry in table where entry != 0 {
            var place = Int(truncatingIfNeeded: entry &>> shift)
            while larger[place] != 0 { place = (place &+ 1) & (larger.count &- 1) }
            larger[place] = entry
        }
        table = larger
    }
}
