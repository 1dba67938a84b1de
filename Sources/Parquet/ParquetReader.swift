/// Reads a Parquet file: all that ``ParquetWriter`` writes, and of other writers' files what has the same shapes and types.
///
/// It trusts nothing: every length, offset and count of the file is checked against what is there and against ``ParquetReaderLimits``,
/// page checksums are verified where present, and a fault is a ``ParquetError`` that names the place.
public final class ParquetReader: Sendable {
    /// The columns.
    public let schema: ParquetSchema

    /// The row groups in file order.
    public let rowGroups: [ParquetRowGroup]

    /// Rows in all row groups.
    public let rowCount: Int64

    /// The footer's key-value metadata in file order.
    public let keyValueMetadata: [(key: String, value: String)]

    /// The program that wrote the file, as it calls itself.
    public let createdBy: String?

    private let bytes: ParquetBytes

    /// Reads the footer.
    ///
    /// - Throws: ``ParquetError``.
    public init(_ bytes: ParquetBytes, limits: ParquetReaderLimits = ParquetReaderLimits()) throws(ParquetError) {
        throw ParquetError(.unsupported, "Not written yet")
    }

    /// The value of a metadata key, the first if it is there several times.
    public func metadata(_ key: String) -> String? {
        keyValueMetadata.first { $0.key == key }?.value
    }

    /// Reads a field of a row group.
    ///
    /// - Parameters:
    ///   - field: Position in ``ParquetSchema/fields``.
    ///   - rows: Rows counted from the row group's start; nil for all. Only pages that hold such rows are decoded.
    /// - Throws: ``ParquetError``.
    public func readColumn(rowGroup: Int, field: Int, rows: Range<Int>? = nil) throws(ParquetError) -> ParquetColumn {
        throw ParquetError(.unsupported, "Not written yet")
    }

    /// The pages of a leaf with their bounds, or nil if the file has no page index for it.
    ///
    /// - Throws: ``ParquetError``.
    public func pageIndex(rowGroup: Int, leaf: Int) throws(ParquetError) -> ParquetPageIndex? {
        throw ParquetError(.unsupported, "Not written yet")
    }

    /// The bloom filter of a leaf, or nil if it has none.
    ///
    /// - Throws: ``ParquetError``.
    public func bloomFilter(rowGroup: Int, leaf: Int) throws(ParquetError) -> SplitBlockBloomFilter? {
        throw ParquetError(.unsupported, "Not written yet")
    }
}

/// A row group: a stretch of rows stored column by column.
public struct ParquetRowGroup: Sendable {
    /// Its rows.
    public let rowCount: Int
    /// One per leaf of the schema.
    public let chunks: [ParquetColumnChunk]
    /// What its rows are said to be sorted by: leaf index and direction.
    public let sortingColumns: [ParquetSortingColumn]
}

/// A leaf's values in one row group, as the footer describes them.
public struct ParquetColumnChunk: Sendable {
    /// Values, absent ones included.
    public let valueCount: Int
    /// Bytes in the file, page headers included.
    public let compressedByteCount: Int
    /// Bytes before compression, page headers included.
    public let uncompressedByteCount: Int
    /// Bounds and number of absent values, where the file tells.
    public let statistics: ParquetStatistics?
    /// Whether it has a dictionary page.
    public let hasDictionary: Bool
    /// Whether it has a bloom filter.
    public let hasBloomFilter: Bool
    /// Whether it has an offset index and a column index.
    public let hasPageIndex: Bool
}

/// The pages of a chunk and what is known of each.
public struct ParquetPageIndex: Sendable {
    /// One data page.
    public struct Page: Hashable, Sendable {
        /// The rows in it, counted from the row group's start.
        public let rows: Range<Int>
        /// Bounds and number of absent values.
        public let statistics: ParquetStatistics
        /// Whether every value in it is absent.
        public let isAllNull: Bool
    }

    /// The data pages in order of rows.
    public let pages: [Page]
}

/// What a file may ask of the reader.
public struct ParquetReaderLimits: Hashable, Sendable {
    /// The most bytes a page may have after decompression.
    public var pageBytes = 256 << 20
    /// The most rows a row group may have.
    public var rowGroupRows = 1 << 24
    /// The most values of a leaf in a row group.
    public var chunkValues = 1 << 26
    /// The most bytes of footer.
    public var footerBytes = 64 << 20
    /// The most leaves of the schema.
    public var leafCount = 10_000

    /// The defaults.
    public init() {}
}
