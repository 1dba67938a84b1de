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
