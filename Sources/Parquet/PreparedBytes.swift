/// A leaf of byte strings made ready for writing: which strings occur, in order of first use, and the code of each slot.
///
/// The order depends on the values alone, not on the dictionary they came with, so equal content gives equal bytes.
struct PreparedBytes {
    /// The strings the caller gave.
    let source: ByteArrays

    /// For each code of the file the string's index in ``source``.
    let order: [UInt32]

    /// For each slot its code in the file, or ``ByteValues/absent``.
    let codes: [UInt32]

    /// For each code the first eight bytes as a big-endian number: decides most comparisons.
    private let prefixes: [UInt64]

    /// Bytes of all values, equal ones counted each time.
    let valueBytes: Int

    /// Bytes of the distinct values.
    let distinctBytes: Int

    init(_ values: ByteValues) {
        var canonical = values.isDictionaryDistinct ? nil : CanonicalIndices(values.dictionary)
        var order: [UInt32] = []
        var codes = [UInt32](repeating: ByteValues.absent, count: values.codes.count)
        var assigned = [UInt32](repeating: ByteValues.absent, count: values.dictionary.count)
        var valueBytes = 0
        for (slot, code) in values.codes.enumerated() where code != ByteValues.absent {
            let index = canonical?.first(equalTo: code) ?? code
            if assigned[Int(index)] == ByteValues.absent {
                assigned[Int(index)] = UInt32(truncatingIfNeeded: order.count)
                order.append(index)
            }
            codes[slot] = assigned[Int(index)]
            valueBytes &+= values.dictionary.byteCount(Int(index))
        }
        source = values.dictionary
        self.order = order
        self.codes = codes
        self.valueBytes = valueBytes
        distinctBytes = order.reduce(0) { $0 + values.dictionary.byteCount(Int($1)) }
        prefixes = order.map { index in values.dictionary.withBytes(Int(index), Self.prefix) }
    }

    /// The string of a code.
    func value(_ code: UInt32) -> ArraySlice<UInt8> { source[Int(order[Int(code)])] }

    /// Whether the string of `first` sorts before that of `second`, byte by byte, unsigned.
    func isBefore(_ first: UInt32, _ second: UInt32) -> Bool {
        let prefix = (prefixes[Int(first)], prefixes[Int(second)])
        if prefix.0 != prefix.1 { return prefix.0 < prefix.1 }
        return first != second && value(first).lexicographicallyPrecedes(value(second))
    }

    /// Whether codes into a dictionary page are smaller than the values themselves.
    ///
    /// Where nearly all values differ, the dictionary holds them all and the codes come on top. Each plain value is taken to cost
    /// its bytes and one for its length (none if all have the same).
    func isDictionarySmaller(fixedLength: Int?, presentCount: Int) -> Bool {
        guard distinctBytes <= Self.maximumDictionaryBytes else { return false }
        let lengthBytes = fixedLength == nil ? 1 : 0
        let plain = valueBytes + presentCount * lengthBytes
        let width = BitPacking.width(of: UInt64(max(1, order.count - 1)))
        let lengthInDictionary = fixedLength == nil ? 4 : 0
        let dictionary = distinctBytes + order.count * lengthInDictionary + presentCount * width / 8
        return dictionary <= plain
    }

    /// Beyond this a dictionary is no longer held in a cache, nor in one page.
    private static let maximumDictionaryBytes = 64 << 20

    /// The first string that is not UTF-8, if any.
    func firstMalformedText() -> UInt32? {
        let isAllASCII = source.bytes.withUnsafeBytes { bytes in
            var bits: UInt8 = 0
            for byte in bytes { bits |= byte }
            return bits < 0x80
        }
        if isAllASCII { return nil }
        return order.first { String(validating: source[Int($0)], as: UTF8.self) == nil }
    }

    private static func prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        if bytes.count >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) }
        var value: UInt64 = 0
        for byte in bytes { value = value &<< 8 | UInt64(byte) }
        return bytes.isEmpty ? 0 : value &<< UInt64(64 &- 8 &* bytes.count)
    }

    /// Finds, for entries of a dictionary with repetitions, the one among equal entries that was asked for first. Entries that
    /// nobody asks for are not looked at.
    private struct CanonicalIndices {
        private let dictionary: ByteArrays
        private var builder = ByteValuesBuilder()
        /// For each code of `builder` the entry it stands for.
        private var entries: [UInt32] = []
        private var known: [UInt32]

        init(_ dictionary: ByteArrays) {
            self.dictionary = dictionary
            known = Array(repeating: ByteValues.absent, count: dictionary.count)
        }

        mutating func first(equalTo index: UInt32) -> UInt32 {
            if known[Int(index)] != ByteValues.absent { return known[Int(index)] }
            let code = dictionary.withBytes(Int(index)) { builder.code(of: $0) }
            if Int(code) == entries.count { entries.append(index) }
            known[Int(index)] = entries[Int(code)]
            return entries[Int(code)]
        }
    }
}
