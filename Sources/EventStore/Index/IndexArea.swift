/// A stretch of an index file that one kind of question reads (docs/formats/index.md).
struct IndexArea: Sendable {
    /// What an area holds.
    enum Kind: UInt16, Sendable {
        /// Split-block filters of a family's terms, one for each page of a row group.
        case pageTerms = 1
        /// A split-block filter of a family's terms over a whole row group.
        case groupTerms = 2
        /// Filters of the 4-grams of `message`, one for each page of a row group.
        case pageGrams = 3
        /// Subtree roots of batches.
        case subtrees = 4
        /// Checksums of the segment's blocks.
        case segmentBlocks = 5
        /// How many entries of a column's dictionary are used up to the end of each page of a row group.
        case entryEnds = 6
    }

    let kind: Kind
    /// ``TermFamily`` where the kind has one, or the column's number among ``EntryEnds``, else 0.
    let family: UInt16
    /// Set when the segment is put together; `UInt32.max` for areas that belong to the whole segment.
    var rowGroup: UInt32 = .max
    /// How many filters lie beside one another.
    let width: Int
    /// How many pieces each filter has: blocks of 32 bytes, or words of 8.
    let depth: Int
    let bytes: [UInt8]
}

/// Split-block filters (parquet-format, BloomFilter.md) that are read together: block `b` of all of them lie side by side, so that a term
/// is looked for in all pages of a row group by one stretch of memory.
enum SplitBlockStripes {
    /// Bytes of a block.
    static let blockBytes = 32

    /// The eight salts of the format.
    private static let salts: SIMD8<UInt32> = [
        0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31,
    ]

    /// The block of a hash among `depth`.
    @inline(__always)
    static func block(_ hash: UInt64, depth: Int) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: depth)) &>> 32)
    }

    /// The bits of a hash in its block: one in each of eight words.
    @inline(__always)
    static func mask(_ hash: UInt64) -> SIMD8<UInt32> {
        let key = SIMD8<UInt32>(repeating: UInt32(truncatingIfNeeded: hash))
        return SIMD8<UInt32>(repeating: 1) &<< ((key &* salts) &>> 27)
    }
}
