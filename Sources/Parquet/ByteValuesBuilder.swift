/// Builds a column of byte strings value by value, sharing equal ones.
///
/// An open-addressing table over XXH64 finds known strings without making a key per value. The hash is not keyed: strings chosen by
/// an adversary can make it slow, never wrong.
public struct ByteValuesBuilder: Sendable {
    /// What was built so far.
    public private(set) var values: ByteValues

    /// The hash of each dictionary entry.
    private var hashes: [UInt64] = []

    /// Code + 1 of the entry in each place, 0 where free. Its size is a power of two, at least twice the entries.
    private var table: [UInt32]

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
        var place = Int(truncatingIfNeeded: hash) & (table.count &- 1)
        while table[place] != 0 {
            let code = table[place] &- 1
            if hashes[Int(code)] == hash, values.dictionary.withBytes(Int(code), { $0.elementsEqual(bytes) }) { return code }
            place = (place &+ 1) & (table.count &- 1)
        }
        let code = UInt32(values.dictionary.count)
        values.dictionary.append(bytes)
        hashes.append(hash)
        table[place] = code + 1
        if hashes.count * 2 > table.count { grow() }
        return code
    }

    private mutating func grow() {
        var larger = [UInt32](repeating: 0, count: table.count * 2)
        let mask = larger.count - 1
        for (code, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & mask
            while larger[place] != 0 { place = (place + 1) & mask }
            larger[place] = UInt32(code) + 1
        }
        table = larger
    }
}
