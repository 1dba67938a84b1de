/// A row group: a stretch of rows stored column by column.
public struct ParquetRowGroup: Sendable {
    /// Its rows.
    public let rowCount: Int

    /// One per leaf of the schema.
    public let chunks: [ParquetColumnChunk]

    /// What its rows are said to be sorted by, most significant first.
    public let sortingColumns: [ParquetSortingColumn]

    /// Checks the footer's description of a row group against the schema and the limits.
    init(
        _ group: FileMetaData.RowGroup, schema: ParquetSchema, limits: ParquetReaderLimits
    ) throws(ParquetError) {
        guard group.rowCount >= 0 else { throw ParquetError(.corrupt, "A row group has a negative number of rows") }
        guard group.rowCount <= Int64(limits.rowGroupRows) else {
            throw ParquetError(.limit, "A row group has \(group.rowCount) rows, above the reader's limit of \(limits.rowGroupRows)")
        }
        guard group.columns.count == schema.leaves.count else {
            throw ParquetError(.corrupt, "A row group has \(group.columns.count) chunks for \(schema.leaves.count) leaves")
        }
        rowCount = Int(group.rowCount)
        var chunks: [ParquetColumnChunk] = []
        chunks.reserveCapacity(group.columns.count)
        for (leaf, chunk) in zip(schema.leaves, group.columns) {
            guard chunk.type == leaf.type.physicalType.rawValue else {
                throw ParquetError(.corrupt, "The chunk of \(leaf.dottedPath) has another type than the schema says")
            }
            let isFlat = leaf.maxRepetitionLevel == 0
            guard chunk.valueCount == group.rowCount || (!isFlat && chunk.valueCount > group.rowCount) else {
                throw ParquetError(.corrupt, "The chunk of \(leaf.dottedPath) has \(chunk.valueCount) values for \(group.rowCount) rows")
            }
            guard chunk.valueCount <= Int64(limits.chunkValues) else {
                throw ParquetError(.limit, "The chunk of \(leaf.dottedPath) has \(chunk.valueCount) values, above the reader's limit")
            }
            chunks.append(ParquetColumnChunk(chunk))
        }
        self.chunks = chunks
        sortingColumns = group.sortingColumns.compactMap { column in
            guard let field = schema.leafRanges.firstIndex(where: { $0.contains(Int(column.leaf)) }) else { return nil }
            return ParquetSortingColumn(
                schema.fields[field].name, isDescending: column.isDescending, areNullsFirst: column.areNullsFirst)
        }
    }
}

/// A leaf's values in one row group, as the footer describes them.
public struct ParquetColumnChunk: Sendable {
    /// Values, absent ones included, and one per empty or absent list.
    public let valueCount: Int
    /// Bytes in the file, page headers included.
    public let compressedByteCount: Int
    /// Bytes before compression, page headers included.
    public let uncompressedByteCount: Int
    /// Bounds and number of absent values, where the file tells.
    public let statistics: ParquetStatistics?
    private let encodingBits: UInt32
    private let codecNumber: Int32
    /// Whether it has a dictionary page.
    public let hasDictionary: Bool
    /// Whether it has a bloom filter.
    public let hasBloomFilter: Bool
    /// Whether its pages can be read one by one (it has an offset index).
    public let hasOffsetIndex: Bool
    /// Whether bounds of each page are known (it has a column index). Missing where a bound cannot be stored.
    public let hasColumnIndex: Bool

    /// The encodings used, by their names in the format, sorted: `PLAIN`, `RLE_DICTIONARY` and so on.
    public var encodings: [String] {
        (0..<32 as Range<Int32>).filter { encodingBits & (1 << UInt32($0)) != 0 }.map { Self.encodingNames[$0] ?? "\($0)" }.sorted()
    }

    /// The compression, by its name in the format: `ZSTD`.
    public var codec: String { Self.codecNames[codecNumber] ?? "\(codecNumber)" }

    private static let encodingNames: [Int32: String] = [
        0: "PLAIN", 2: "PLAIN_DICTIONARY", 3: "RLE", 4: "BIT_PACKED", 5: "DELTA_BINARY_PACKED", 6: "DELTA_LENGTH_BYTE_ARRAY",
        7: "DELTA_BYTE_ARRAY", 8: "RLE_DICTIONARY", 9: "BYTE_STREAM_SPLIT",
    ]
    private static let codecNames: [Int32: String] = [
        0: "UNCOMPRESSED", 1: "SNAPPY", 2: "GZIP", 3: "LZO", 4: "BROTLI", 5: "LZ4", 6: "ZSTD", 7: "LZ4_RAW",
    ]

    init(_ chunk: ColumnMetaData) {
        valueCount = Int(chunk.valueCount)
        compressedByteCount = Int(chunk.compressedBytes)
        uncompressedByteCount = Int(chunk.uncompressedBytes)
        statistics = chunk.statistics.map {
            ParquetStatistics(minimum: $0.minimum, maximum: $0.maximum, nullCount: $0.nullCount)
        }
        encodingBits = chunk.encodings
        codecNumber = chunk.codec
        hasDictionary = chunk.dictionaryPageOffset ?? 0 > 0
        hasBloomFilter = chunk.bloomFilter != nil
        hasOffsetIndex = chunk.offsetIndex != nil
        hasColumnIndex = chunk.columnIndex != nil
    }
}
