/// One leaf of one row group, encoded: bytes, and what footer and indexes say of them. Positions count from the chunk's start, so
/// chunks can be made on any thread, in any order, ahead of the file; ``ParquetWriter/appendRowGroup(chunks:)`` places them.
public struct ParquetEncodedChunk: Sendable {
    /// The leaf's position in ``ParquetSchema/leaves``.
    public let leaf: Int

    /// Rows in it.
    public let rowCount: Int

    /// Dictionary page and data pages.
    public let bytes: [UInt8]

    let parts: ChunkWriter.Written

    /// Bytes of its bloom filter; 0 without one.
    public var bloomFilterByteCount: Int { (parts.bloomFilter?.words.count ?? 0) * 4 }

    /// Bounds and number of absent values.
    public var statistics: ParquetStatistics {
        let found = parts.metaData.statistics
        return ParquetStatistics(minimum: found?.minimum, maximum: found?.maximum, nullCount: found?.nullCount)
    }
}
