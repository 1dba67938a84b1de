import Synchronization

/// Reads a Parquet file: all that ``ParquetWriter`` writes, and of other writers' files what has the same shapes and types.
///
/// It trusts nothing: every length, offset and count of the file is checked against what is there and against ``ParquetReaderLimits``,
/// page checksums are verified where present, and a fault is a ``ParquetError`` that names the place. Bounds and bloom filters are
/// believed: a file that lies in them can hide rows from a reader that skips by them, so whoever needs certainty reads the values.
///
/// Safe for use from several threads at once.
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
    private let limits: ParquetReaderLimits
    let metaData: [FileMetaData.RowGroup]
    let footerStart: Int
    /// Chunks whose pages were asked for, by row group and leaf.
    private let directories = Mutex<[Int: ChunkDirectory]>([:])

    private static let magic = Array("PAR1".utf8)

    /// Reads the footer; pages are read when columns are asked for.
    ///
    /// - Throws: ``ParquetError``: `.notParquet`, `.truncated`, `.corrupt`, `.limit` or `.unsupported`.
    public init(_ bytes: ParquetBytes, limits: ParquetReaderLimits = ParquetReaderLimits()) throws(ParquetError) {
        self.bytes = bytes
        self.limits = limits
        let (footer, start) = try bytes.withBytes { file throws(ParquetError) in try Self.footer(of: file, limits) }
        let schema = try SchemaTree.schema(of: footer.schema)
        guard schema.leaves.count <= limits.leafCount else {
            throw ParquetError(.limit, "The schema has \(schema.leaves.count) leaves, more than the reader's limit")
        }
        var groups: [ParquetRowGroup] = []
        var total: Int64 = 0
        for group in footer.rowGroups {
            groups.append(try ParquetRowGroup(group, schema: schema, limits: limits))
            total += group.rowCount
        }
        guard total == footer.rowCount else {
            throw ParquetError(.corrupt, "The row groups have \(total) rows where the footer says \(footer.rowCount)")
        }
        self.schema = schema
        rowGroups = groups
        rowCount = total
        keyValueMetadata = footer.keyValueMetadata
        createdBy = footer.createdBy
        metaData = footer.rowGroups
        footerStart = start
    }

    private static func footer(
        of file: UnsafeRawBufferPointer, _ limits: ParquetReaderLimits
    ) throws(ParquetError) -> (FileMetaData, start: Int) {
        guard file.count >= 12, file.prefix(4).elementsEqual(magic) else {
            throw ParquetError(.notParquet, "The file does not begin as a Parquet file does")
        }
        guard file.suffix(4).elementsEqual(magic) else {
            throw ParquetError(
                .truncated, "The file does not end as a Parquet file does; it was not written to its end", offset: file.count)
        }
        let size = Int(UInt32(littleEndian: file.loadUnaligned(fromByteOffset: file.count - 8, as: UInt32.self)))
        guard size <= file.count - 12 else {
            throw ParquetError(.truncated, "The footer is said to have \(size) bytes in a file of \(file.count)", offset: file.count - 8)
        }
        guard size <= limits.footerBytes else {
            throw ParquetError(.limit, "The footer has \(size) bytes, above the reader's limit of \(limits.footerBytes)")
        }
        let start = file.count - 8 - size
        var reader = ThriftReader(UnsafeRawBufferPointer(rebasing: file[start..<start + size]), fileOffset: start)
        return (try FileMetaData(from: &reader, limits: limits), start)
    }

    /// The value of a metadata key, the first if it is there several times.
    public func metadata(_ key: String) -> String? {
        keyValueMetadata.first { $0.key == key }?.value
    }

    /// Reads a field of a row group.
    ///
    /// - Parameters:
    ///   - field: Position in ``ParquetSchema/fields``.
    ///   - rows: Rows counted from the row group's start; nil for all. Where the file has a page index, only pages that hold such
    ///     rows are decoded.
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group, field or row.
    public func readColumn(rowGroup: Int, field: Int, rows: Range<Int>? = nil) throws(ParquetError) -> ParquetColumn {
        guard rowGroups.indices.contains(rowGroup), schema.fields.indices.contains(field) else {
            throw ParquetError(.outOfRange, "There is no row group \(rowGroup) with a field \(field)")
        }
        let rowCount = rowGroups[rowGroup].rowCount
        let wanted = rows ?? 0..<rowCount
        guard wanted.lowerBound >= 0, wanted.upperBound <= rowCount else {
            throw ParquetError(.outOfRange, "Rows \(wanted) are not in a row group of \(rowCount)")
        }
        var column: ParquetColumn?
        for leaf in schema.leafRanges[field] {
            let part = try readLeaf(leaf, rowGroup: rowGroup, rows: wanted)
            guard let first = column else {
                column = ParquetColumn(offsets: part.offsets, present: part.present, leaves: [part.values])
                continue
            }
            guard first.offsets == part.offsets, first.present == part.present else {
                throw ParquetError(.corrupt, "The leaves of \(schema.fields[field].name) have lists of different lengths")
            }
            column?.leaves.append(part.values)
        }
        guard let column else { throw ParquetError(.corrupt, "The field \(schema.fields[field].name) has no leaves") }
        return column
    }

    private func readLeaf(
        _ leaf: Int, rowGroup: Int, rows: Range<Int>
    ) throws(ParquetError) -> (offsets: [UInt32]?, present: [Bool]?, values: LeafValues) {
        let isPart = rows.count < rowGroups[rowGroup].rowCount
        let directory = try directory(rowGroup: rowGroup, leaf: leaf)
        let dictionary = try dictionary(rowGroup: rowGroup, leaf: leaf)
        var assembler = ColumnAssembler(
            leaf: schema.leaves[leaf], dictionary: dictionary,
            expectedCount: isPart ? rows.count : rowGroups[rowGroup].chunks[leaf].valueCount)
        if isPart, rows.isEmpty { return assembler.slice(0..<0) }
        let firstRow = try withChunk(rowGroup: rowGroup, leaf: leaf) { chunk throws(ParquetError) in
            try PageScratch.withOne { scratch throws(ParquetError) in
                if isPart, let layout = directory.layout {
                    return try chunk.read(
                        layout.page(ofRow: rows.lowerBound)...layout.page(ofRow: rows.upperBound - 1), of: directory, scratch,
                        into: &assembler)
                }
                try chunk.readAll(of: directory, scratch, into: &assembler)
                return 0
            }
        }
        return assembler.slice(rows.lowerBound - firstRow..<rows.upperBound - firstRow)
    }

    /// Calls `body` with the reader of a chunk, valid during the call only.
    ///
    /// - Precondition: There is such a row group and leaf.
    func withChunk<Result>(
        rowGroup: Int, leaf: Int, _ body: (ChunkReader) throws(ParquetError) -> Result
    ) throws(ParquetError) -> Result {
        try bytes.withBytes { file throws(ParquetError) in try body(chunkReader(file, rowGroup: rowGroup, leaf: leaf)) }
    }

    private func chunkReader(_ file: UnsafeRawBufferPointer, rowGroup: Int, leaf: Int) -> ChunkReader {
        ChunkReader(
            leaf: schema.leaves[leaf], metaData: metaData[rowGroup].columns[leaf], rowCount: rowGroups[rowGroup].rowCount,
            limits: limits, file: UnsafeRawBufferPointer(rebasing: file[..<footerStart]))
    }

    /// What is known of a chunk's pages, read at the first call.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group or leaf.
    func directory(rowGroup: Int, leaf: Int) throws(ParquetError) -> ChunkDirectory {
        _ = try chunk(rowGroup, leaf)
        let key = rowGroup * schema.leaves.count + leaf
        if let known = directories.withLock({ $0[key] }) { return known }
        let made = try withChunk(rowGroup: rowGroup, leaf: leaf) { chunk throws(ParquetError) in
            let index = try bytes.withBytes { file throws(ParquetError) in try offsetIndex(file, rowGroup: rowGroup, leaf: leaf) }
            return try ChunkDirectory(chunk, offsetIndex: index)
        }
        directories.withLock { $0[key] = made }
        return made
    }

    /// The pages of a leaf, with their bounds where the file has a column index; nil without an offset index.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group or leaf.
    public func pageIndex(rowGroup: Int, leaf: Int) throws(ParquetError) -> ParquetPageIndex? {
        let chunk = try chunk(rowGroup, leaf)
        return try bytes.withBytes { file throws(ParquetError) in
            guard let offsets = try offsetIndex(file, rowGroup: rowGroup, leaf: leaf) else { return nil }
            let rowCount = rowGroups[rowGroup].rowCount
            guard let place = chunk.columnIndex else {
                return ParquetPageIndex(offsets: offsets, bounds: nil, rowCount: rowCount)
            }
            var reader = try thriftReader(file, place.offset, Int64(place.byteCount), "A column index")
            let bounds = try ColumnIndex(from: &reader)
            guard bounds.nullPages.count == offsets.locations.count else {
                throw reader.error(.corrupt, "The column index and the offset index of a chunk tell of different numbers of pages")
            }
            return ParquetPageIndex(offsets: offsets, bounds: bounds, rowCount: rowCount)
        }
    }

    /// The bloom filter of a leaf, or nil if it has none.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group or leaf.
    public func bloomFilter(rowGroup: Int, leaf: Int) throws(ParquetError) -> SplitBlockBloomFilter? {
        guard let place = try chunk(rowGroup, leaf).bloomFilter else { return nil }
        return try bytes.withBytes { file throws(ParquetError) in
            // Without a length, the filter's own header says where it ends.
            let count = place.byteCount.map(Int64.init) ?? max(0, Int64(footerStart) - place.offset)
            let section = try self.section(file, place.offset, count, "A bloom filter")
            return try SplitBlockBloomFilter(from: section, fileOffset: Int(place.offset))
        }
    }

    func chunk(_ rowGroup: Int, _ leaf: Int) throws(ParquetError) -> ColumnMetaData {
        guard rowGroups.indices.contains(rowGroup), schema.leaves.indices.contains(leaf) else {
            throw ParquetError(.outOfRange, "There is no row group \(rowGroup) with a leaf \(leaf)")
        }
        return metaData[rowGroup].columns[leaf]
    }

    /// The offset index of a chunk, checked: pages begin at row 0, ascend, and end within the row group.
    private func offsetIndex(
        _ file: UnsafeRawBufferPointer, rowGroup: Int, leaf: Int
    ) throws(ParquetError) -> OffsetIndex? {
        guard let place = metaData[rowGroup].columns[leaf].offsetIndex else { return nil }
        var reader = try thriftReader(file, place.offset, Int64(place.byteCount), "An offset index")
        let index = try OffsetIndex(from: &reader)
        var previous: Int64 = -1
        for location in index.locations {
            let isFirst = previous == -1
            guard location.firstRow > previous, !isFirst || location.firstRow == 0,
                location.firstRow < Int64(rowGroups[rowGroup].rowCount), location.offset >= 4,
                location.offset <= Int64(footerStart), location.byteCount >= 0
            else { throw reader.error(.corrupt, "An offset index has pages that do not follow one another") }
            previous = location.firstRow
        }
        guard previous >= 0 || rowGroups[rowGroup].rowCount == 0 else {
            throw reader.error(.corrupt, "An offset index has no pages")
        }
        return index
    }

    private func thriftReader(
        _ file: UnsafeRawBufferPointer, _ offset: Int64, _ count: Int64, _ what: String
    ) throws(ParquetError) -> ThriftReader {
        ThriftReader(try section(file, offset, count, what), fileOffset: Int(offset))
    }

    private func section(
        _ file: UnsafeRawBufferPointer, _ offset: Int64, _ count: Int64, _ what: String
    ) throws(ParquetError) -> UnsafeRawBufferPointer {
        guard offset >= 4, count >= 0, offset <= Int64(footerStart), count <= Int64(footerStart) - offset else {
            throw ParquetError(.truncated, "\(what) is said to lie outside the file")
        }
        return UnsafeRawBufferPointer(rebasing: file[Int(offset)..<Int(offset + count)])
    }
}
