/// One leaf of one row group, encoded: bytes, and what footer and indexes say of them. Positions count from the chunk's start, so
/// chunks can be made on any thread, in any order, ahead of the file; ``ParquetWriter/appendRowGroup(chunks:)`` places them.
public struct ParquetEncodedChunk: Sendable {
    /// The leaf's position in ``ParquetSchema/leaves``.
    public let leaf: Int

    /// Rows in it.
    public let rowCount: Int

    /// Dictionary page and data pages.
    public let bytes: [UInt8]

    let parts: EncodedChunkParts

    /// Bytes of its bloom filter; 0 without one.
    public var bloomFilterByteCount: Int { (parts.bloomFilter?.words.count ?? 0) * 4 }

    /// Bounds and number of absent values.
    public var statistics: ParquetStatistics {
        let found = parts.metaData.statistics
        return ParquetStatistics(minimum: found?.minimum, maximum: found?.maximum, nullCount: found?.nullCount)
    }
}

/// What footer and indexes say of a chunk.
struct EncodedChunkParts: Sendable {
    var metaData = ColumnMetaData()
    var offsetIndex = OffsetIndex()
    /// Nil where it is not wanted or a page's bound cannot be stored.
    var columnIndex: ColumnIndex? = ColumnIndex()
    var bloomFilter: SplitBlockBloomFilter?
    var nullCount = 0

    /// Counts positions from a place `distance` bytes earlier.
    mutating func move(by distance: Int64) {
        metaData.dataPageOffset += distance
        if let dictionary = metaData.dictionaryPageOffset { metaData.dictionaryPageOffset = dictionary + distance }
        for page in offsetIndex.locations.indices { offsetIndex.locations[page].offset += distance }
    }
}
