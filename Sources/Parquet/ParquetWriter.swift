/// Writes a Parquet file, row group by row group, into memory.
///
/// Output is deterministic: equal schema, options, row groups and metadata give equal bytes (under one version of libzstd). Take what
/// is ready with ``takeOutput()`` to keep memory at one row group, or take it all from ``finish()``. The layout is described in
/// docs/formats/segment-parquet.md.
///
/// Not safe for use from several threads at once.
public final class ParquetWriter {
    /// The columns of the file.
    public let schema: ParquetSchema

    /// How it is written.
    public let options: ParquetWriterOptions

    /// Key-value metadata for the footer, in this order. It may be changed until ``finish()``.
    public var keyValueMetadata: [(key: String, value: String)] = []

    /// Rows written so far.
    public private(set) var rowCount: Int64 = 0

    /// The most rows a row group may have.
    public static let maximumRowGroupRows = 1 << 24

    /// The most values a leaf may have in a row group: elements, for leaves in lists.
    public static let maximumChunkValues = 1 << 26

    /// The most bytes a page may have before compression; a single value is shorter than that.
    public static let maximumPageBytes = 256 << 20

    private static let magic = Array("PAR1".utf8)

    private var output = FileOutput()
    private var rowGroups: [[EncodedChunkParts]] = []
    private var footer = FileMetaData()
    /// Made when columns are given that are not encoded yet.
    private var encoder: ParquetChunkEncoder?
    private var isFinished = false

    /// Starts a file.
    ///
    /// - Throws: ``ParquetError`` with `.invalidSchema` if an option names a field that is not in the schema, `.compression` if zstd
    ///   cannot be set up.
    public init(schema: ParquetSchema, options: ParquetWriterOptions = ParquetWriterOptions()) throws(ParquetError) {
        self.schema = schema
        self.options = options
        precondition(options.pageRowCount > 0 && options.pageBytes > 0, "A page holds a row and a byte at least")
        output.append(Self.magic)
        for name in options.bloomFilterFields.sorted() where schema.index(of: name) == nil {
            throw ParquetError(.invalidSchema, "A bloom filter is asked for on \(name), which is no field of the schema")
        }
        footer.schema = SchemaTree.elements(of: schema)
        footer.createdBy = options.createdBy
        _ = try sortingColumns()
    }

    /// Writes a row group of one column per field, in the schema's order. Without rows it writes nothing.
    ///
    /// - Throws: ``ParquetError`` with `.invalidColumn` if the columns do not fit the schema or one another, `.limit` if there are
    ///   more than ``maximumRowGroupRows`` rows or a value is too long for a page. Nothing is written then.
    public func appendRowGroup(_ columns: [ParquetColumn]) throws(ParquetError) {
        precondition(!isFinished, "The file is finished; start a new writer")
        guard columns.count == schema.fields.count, let first = columns.first else {
            throw ParquetError(.invalidColumn, "\(columns.count) columns are given where the schema has \(schema.fields.count)")
        }
        let rowCount = first.rowCount
        guard rowCount <= Self.maximumRowGroupRows else {
            throw ParquetError(.limit, "A row group of \(rowCount) rows is above the limit of \(Self.maximumRowGroupRows); cut it smaller")
        }
        for (index, column) in columns.enumerated() {
            let leaves = schema.leaves[schema.leafRanges[index]]
            try ColumnCheck(field: schema.fields[index], leaves: leaves).check(column, rowCount: rowCount)
        }
        guard rowCount > 0 else { return }

        let encoder = if let made = self.encoder { made } else { try ParquetChunkEncoder(schema: schema, options: options) }
        self.encoder = encoder
        var chunks: [ParquetEncodedChunk] = []
        for (index, column) in columns.enumerated() {
            for (leaf, values) in zip(schema.leafRanges[index], column.leaves) {
                chunks.append(try encoder.encode(leaf: leaf, values, of: column))
            }
        }
        try appendRowGroup(chunks: chunks)
    }

    /// Writes a row group of chunks that were encoded before, one per leaf, in the order of ``ParquetSchema/leaves``.
    ///
    /// - Throws: ``ParquetError`` with `.invalidColumn` if a leaf is missing or chunks have different numbers of rows. Nothing is written
    ///   then.
    public func appendRowGroup(chunks: [ParquetEncodedChunk]) throws(ParquetError) {
        precondition(!isFinished, "The file is finished; start a new writer")
        guard chunks.count == schema.leaves.count, let rowCount = chunks.first?.rowCount else {
            throw ParquetError(.invalidColumn, "\(chunks.count) chunks are given where the schema has \(schema.leaves.count) leaves")
        }
        for (leaf, chunk) in chunks.enumerated() where chunk.leaf != leaf || chunk.rowCount != rowCount {
            throw ParquetError(.invalidColumn, "The chunk given for \(schema.leaves[leaf].dottedPath) is of another leaf or row group")
        }
        let start = output.byteCount
        var group: [EncodedChunkParts] = []
        // Chunks of equal bytes are written each: a reader that fetches ranges by their beginnings may refuse two that are the same.
        for chunk in chunks {
            var parts = chunk.parts
            parts.move(by: output.byteCount)
            output.append(chunk.bytes)
            group.append(parts)
        }
        for index in group.indices { appendBloomFilter(of: &group[index]) }
        rowGroups.append(group)
        self.rowCount += Int64(rowCount)
        footer.rowGroups.append(
            FileMetaData.RowGroup(
                uncompressedBytes: group.reduce(0) { $0 + $1.metaData.uncompressedBytes },
                compressedBytes: group.reduce(0) { $0 + $1.metaData.compressedBytes },
                rowCount: Int64(rowCount), sortingColumns: try sortingColumns(), fileOffset: start,
                ordinal: Int16(exactly: footer.rowGroups.count)))
    }

    /// Hands over the bytes that are ready; the next call continues behind them.
    public func takeOutput() -> [UInt8] { output.take() }

    /// Hands over the bytes that are ready as pieces that follow one another, without copying chunks; the next call continues behind them.
    public func takePieces() -> [[UInt8]] { output.takePieces() }

    /// Writes the indexes and the footer, and hands over the bytes not taken yet: the whole file, if ``takeOutput()`` was never called.
    ///
    /// - Throws: ``ParquetError`` with `.limit` if the footer would be too large for the format.
    public func finish() throws(ParquetError) -> [UInt8] {
        try writeFooter()
        return output.take()
    }

    /// Does what ``finish()`` does and hands over the bytes as pieces, without copying chunks.
    ///
    /// - Throws: ``ParquetError`` with `.limit` if the footer would be too large for the format.
    public func finishPieces() throws(ParquetError) -> [[UInt8]] {
        try writeFooter()
        return output.takePieces()
    }

    private func writeFooter() throws(ParquetError) {
        precondition(!isFinished, "The file is finished already")
        isFinished = true
        appendPageIndexes()
        for (index, chunks) in rowGroups.enumerated() { footer.rowGroups[index].columns = chunks.map(\.metaData) }
        footer.rowCount = rowCount
        footer.keyValueMetadata = keyValueMetadata
        var encoded = footer.encoded(leafCount: schema.leaves.count)
        guard let size = Int32(exactly: encoded.count) else {
            throw ParquetError(.limit, "The footer would have \(encoded.count) bytes; write fewer row groups or less metadata")
        }
        encoded.appendLittleEndian(UInt32(size))
        output.append(encoded + Self.magic)
    }

    /// All column indexes, then all offset indexes: a planner reads the first without the second.
    private func appendPageIndexes() {
        forEachChunk { writer, chunk in
            guard let index = chunk.columnIndex else { return }
            chunk.metaData.columnIndex = writer.append(index.encoded)
        }
        forEachChunk { writer, chunk in
            chunk.metaData.offsetIndex = writer.append(chunk.offsetIndex.encoded)
        }
    }

    private func forEachChunk(_ body: (ParquetWriter, inout EncodedChunkParts) -> Void) {
        for group in rowGroups.indices {
            for chunk in rowGroups[group].indices { body(self, &rowGroups[group][chunk]) }
        }
    }

    private func append(_ bytes: [UInt8]) -> ColumnMetaData.Place {
        defer { output.append(bytes) }
        return ColumnMetaData.Place(offset: output.byteCount, byteCount: Int32(bytes.count))
    }

    private func appendBloomFilter(of chunk: inout EncodedChunkParts) {
        guard let filter = chunk.bloomFilter else { return }
        let encoded = filter.encoded
        chunk.metaData.bloomFilter = (output.byteCount, Int32(encoded.count))
        chunk.bloomFilter = nil
        output.append(encoded)
    }

    private func sortingColumns() throws(ParquetError) -> [FileMetaData.SortingColumn] {
        var columns: [FileMetaData.SortingColumn] = []
        for column in options.sortingColumns {
            guard let index = schema.index(of: column.field), case .scalar = schema.fields[index].shape else {
                throw ParquetError(.invalidSchema, "Rows are said to be sorted by \(column.field), which is no scalar field of the schema")
            }
            columns.append(
                FileMetaData.SortingColumn(
                    leaf: Int32(schema.leafRanges[index].lowerBound), isDescending: column.isDescending,
                    areNullsFirst: column.areNullsFirst))
        }
        return columns
    }
}
