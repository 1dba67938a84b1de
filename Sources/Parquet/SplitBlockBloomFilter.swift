/// Parquet's bloom filter: blocks of 256 bits, eight bits set per value (parquet-format, BloomFilter.md).
///
/// It answers "surely not here" or "perhaps here".
public struct SplitBlockBloomFilter: Hashable, Sendable {
    /// The filter's words: eight per block.
    public private(set) var words: [UInt32]

    private static let salt: [8 of UInt32] = [
        0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31,
    ]

    /// An empty filter for `valueCount` distinct values; its size is a power of two of 32 bytes at least.
    public init(valueCount: Int, bitsPerValue: Double) {
        let wanted = min(max(256.0, Double(valueCount) * bitsPerValue), 1_073_741_824.0)
        var bits = 256
        while Double(bits) < wanted { bits *= 2 }
        words = Array(repeating: 0, count: bits / 32)
    }

    init(words: [UInt32]) { self.words = words }

    /// Enters a value by its hash.
    public mutating func insert(hash: UInt64) {
        let block = blockStart(hash)
        let key = UInt32(truncatingIfNeeded: hash)
        for index in 0..<8 {
            words[block + index] |= 1 &<< ((key &* Self.salt[index]) &>> 27)
        }
    }

    /// Whether a value with this hash may have been entered.
    public func mayContain(hash: UInt64) -> Bool {
        let block = blockStart(hash)
        let key = UInt32(truncatingIfNeeded: hash)
        for index in 0..<8 where words[block + index] & (1 &<< ((key &* Self.salt[index]) &>> 27)) == 0 {
            return false
        }
        return true
    }

    /// Whether these bytes may have been entered.
    public func mayContain(_ bytes: UnsafeRawBufferPointer) -> Bool { mayContain(hash: XXH64.hash(bytes)) }

    /// Whether this text may have been entered.
    public func mayContain(_ string: String) -> Bool {
        var string = string
        return string.withUTF8 { mayContain(UnsafeRawBufferPointer($0)) }
    }

    /// Whether this integer may have been entered.
    public func mayContain(_ value: Int64) -> Bool { mayContain(hash: XXH64.hash(value)) }

    private func blockStart(_ hash: UInt64) -> Int {
        let blockCount = UInt64(words.count / 8)
        return Int(((hash &>> 32) &* blockCount) &>> 32) * 8
    }
}

extension SplitBlockBloomFilter {
    /// The header (parquet.thrift, BloomFilterHeader) and the words, as they stand in a file.
    var encoded: [UInt8] {
        var writer = ThriftWriter()
        writer.structure { header in
            header.int32(1, Int32(words.count * 4))
            for choice: Int16 in 2...4 {
                // Block algorithm, xxHash, no compression: each a union whose first choice it is.
                header.structure(choice) { $0.emptyStructure(1) }
            }
        }
        var bytes = writer.bytes
        bytes.reserveCapacity(bytes.count + words.count * 4)
        for word in words { bytes.appendLittleEndian(word) }
        return bytes
    }

    /// The largest filter that is read.
    private static let maximumBytes = 128 << 20

    /// Reads a filter back.
    init(from bytes: UnsafeRawBufferPointer, fileOffset: Int) throws(ParquetError) {
        var reader = ThriftReader(bytes, fileOffset: fileOffset)
        var byteCount: Int32?
        var choices: Set<Int16> = []
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: byteCount = try reader.int32(field)
            case 2...4 where field.type == .structure:
                try reader.enterStructure()
                while let choice = try reader.nextField() {
                    guard choice.id == 1 else {
                        throw reader.error(.unsupported, "The bloom filter uses an unknown algorithm, hash or compression")
                    }
                    choices.insert(field.id)
                    try reader.skip(choice)
                }
            default: try reader.skip(field)
            }
        }
        guard let byteCount, choices.count == 3 else { throw reader.error(.corrupt, "A bloom filter's header lacks a field") }
        guard byteCount > 0, byteCount % 32 == 0, Int(byteCount) <= Self.maximumBytes else {
            throw reader.error(.corrupt, "A bloom filter is said to have \(byteCount) bytes")
        }
        var rest = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[reader.position...]), fileOffset: fileOffset + reader.position)
        let words = try rest.take(Int(byteCount), "A bloom filter")
        self.init(
            words: (0..<words.count / 4).map {
                UInt32(littleEndian: words.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
            })
    }
}
