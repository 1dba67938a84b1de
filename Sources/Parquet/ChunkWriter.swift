import Compression

/// Writes one leaf of one row group: its dictionary page, its data pages and what the indexes say of them.
struct ChunkWriter {
    /// A chunk that was written, for the footer and the indexes.
    struct Written {
        var metaData = ColumnMetaData()
        var offsetIndex = OffsetIndex()
        /// Nil where a page's bound cannot be stored.
        var columnIndex: ColumnIndex? = ColumnIndex()
        var bloomFilter: SplitBlockBloomFilter?

        /// Counts positions from a place `distance` bytes earlier.
        mutating func move(by distance: Int64) {
            metaData.dataPageOffset += distance
            if let dictionary = metaData.dictionaryPageOffset { metaData.dictionaryPageOffset = dictionary + distance }
            for page in offsetIndex.locations.indices { offsetIndex.locations[page].offset += distance }
        }
    }

    private let content: LeafContent
    private let column: ParquetColumn
    private let options: ParquetWriterOptions
    private let compressor: ZstdCompressor
    private var written = Written()
    private var extremes = PageExtremes.none
    private var nullCount = 0

    private var leaf: ParquetLeaf { content.leaf }

    /// - Throws: ``ParquetError`` with `.invalidColumn` if text is not UTF-8.
    init(
        leaf: ParquetLeaf, values: LeafValues, column: ParquetColumn, options: ParquetWriterOptions, compressor: ZstdCompressor
    ) throws(ParquetError) {
        content = try LeafContent(leaf: leaf, values: values)
        self.column = column
        self.options = options
        self.compressor = compressor
    }

    /// Appends the chunk to `output`, whose first byte is byte `fileStart` of the file.
    mutating func write(to output: inout [UInt8], fileStart: Int64) throws(ParquetError) -> Written {
        if content.encoding == .runLengthDictionary {
            written.metaData.dictionaryPageOffset = fileStart + Int64(output.count)
            try writeDictionaryPage(to: &output)
        }
        written.metaData.dataPageOffset = fileStart + Int64(output.count)
        var isSorted = (ascending: true, descending: true)
        var previous = PageExtremes.none
        for rows in pageRows() {
            let found = try writeDataPage(rows, to: &output, fileStart: fileStart)
            if found != .none {
                if previous != .none { compare(previous, found, &isSorted) }
                previous = found
            }
        }
        written.columnIndex?.order = isSorted.ascending ? .ascending : isSorted.descending ? .descending : .unordered
        completeMetaData()
        if options.pageBoundFields?.contains(leaf.path[0]) == false { written.columnIndex = nil }
        return written
    }

    /// Cuts the rows into pages.
    private func pageRows() -> [Range<Int>] {
        let rowCount = column.rowCount
        var pages: [Range<Int>] = []
        var start = 0
        var bytes = 0
        for row in 0..<rowCount {
            for slot in column.elements(of: row) { bytes += content.byteCount(slot: slot) }
            if row + 1 - start >= options.pageRowCount || bytes >= options.pageBytes || row + 1 == rowCount {
                pages.append(start..<row + 1)
                start = row + 1
                bytes = 0
            }
        }
        return pages
    }

    private mutating func writeDictionaryPage(to output: inout [UInt8]) throws(ParquetError) {
        guard let prepared = content.bytes else { return }
        var body: [UInt8] = []
        body.reserveCapacity(prepared.distinctBytes + 4 * prepared.order.count)
        for index in prepared.order {
            if leaf.type.fixedLength == nil { body.appendLittleEndian(UInt32(prepared.source.byteCount(Int(index)))) }
            body.append(contentsOf: prepared.source[Int(index)])
        }
        let kind = PageHeader.Kind.dictionary(valueCount: Int32(prepared.order.count), encoding: ParquetEncoding.plain.rawValue)
        _ = try writePage(kind, body, to: &output)
    }

    /// Writes a data page and notes it in the indexes.
    private mutating func writeDataPage(
        _ rows: Range<Int>, to output: inout [UInt8], fileStart: Int64
    ) throws(ParquetError) -> PageExtremes {
        let slots = column.elements(of: rows.lowerBound).lowerBound..<column.elements(of: rows.upperBound - 1).upperBound
        let levels = PageLevels(leaf: leaf, column: column, presence: content.presence, rows: rows)
        var body: [UInt8] = []
        levels.append(to: &body, leaf: leaf)
        let presentCount = content.append(slots: slots, to: &body)
        let valueCount = leaf.maxDefinitionLevel > 0 ? levels.definitions.count : slots.count

        let offset = fileStart + Int64(output.count)
        let kind = PageHeader.Kind.data(valueCount: Int32(valueCount), encoding: content.encoding.rawValue)
        let byteCount = try writePage(kind, body, to: &output)
        written.offsetIndex.locations.append(
            OffsetIndex.Location(offset: offset, byteCount: Int32(byteCount), firstRow: Int64(rows.lowerBound)))
        written.metaData.valueCount += Int64(valueCount)

        let found = content.extremes(slots: slots)
        nullCount += valueCount - presentCount
        extremes = extremes.merged(with: found, bytes: content.bytes)
        note(found, nullCount: valueCount - presentCount)
        return found
    }

    /// Compresses and appends a page; returns its size in the file.
    private mutating func writePage(
        _ kind: PageHeader.Kind, _ body: [UInt8], to output: inout [UInt8]
    ) throws(ParquetError) -> Int {
        guard body.count <= ParquetWriter.maximumPageBytes else {
            throw ParquetError(
                .limit, "A page of \(leaf.dottedPath) would have \(body.count) bytes, above the limit of \(ParquetWriter.maximumPageBytes)")
        }
        var compressed: [UInt8] = []
        do {
            _ = try body.withUnsafeBufferPointer { bytes throws(CompressionError) in
                try compressor.compress(UnsafeRawBufferPointer(bytes), appendingTo: &compressed)
            }
        } catch {
            throw ParquetError(.compression, "A page of \(leaf.dottedPath) could not be compressed", cause: error)
        }
        let header = PageHeader(
            kind: kind, uncompressedBytes: Int32(body.count), compressedBytes: Int32(compressed.count),
            checksum: CRC32.checksum(compressed)
        ).encoded
        output += header
        output += compressed
        written.metaData.uncompressedBytes += Int64(header.count + body.count)
        written.metaData.compressedBytes += Int64(header.count + compressed.count)
        return header.count + compressed.count
    }

    private mutating func note(_ found: PageExtremes, nullCount: Int) {
        let bounds = found.bounds(bytes: content.bytes, isText: leaf.type == .string)
        guard found == .none || (bounds.lower != nil && bounds.upper != nil) else {
            written.columnIndex = nil
            return
        }
        written.columnIndex?.nullPages.append(found == .none)
        written.columnIndex?.minimums.append(bounds.lower?.bound ?? [])
        written.columnIndex?.maximums.append(bounds.upper?.bound ?? [])
        written.columnIndex?.nullCounts.append(Int64(nullCount))
    }

    /// Shortened bounds keep the order of the values they come from, so comparing values is enough.
    private func compare(_ first: PageExtremes, _ second: PageExtremes, _ isSorted: inout (ascending: Bool, descending: Bool)) {
        switch (first, second) {
        case (.int64(let low, let high), .int64(let nextLow, let nextHigh)):
            if nextLow < low || nextHigh < high { isSorted.ascending = false }
            if nextLow > low || nextHigh > high { isSorted.descending = false }
        case (.boolean(let low, let high), .boolean(let nextLow, let nextHigh)):
            if (low && !nextLow) || (high && !nextHigh) { isSorted.ascending = false }
            if (!low && nextLow) || (!high && nextHigh) { isSorted.descending = false }
        case (.codes(let low, let high), .codes(let nextLow, let nextHigh)):
            guard let bytes = content.bytes else { return }
            if bytes.isBefore(nextLow, low) || bytes.isBefore(nextHigh, high) { isSorted.ascending = false }
            if bytes.isBefore(low, nextLow) || bytes.isBefore(high, nextHigh) { isSorted.descending = false }
        default: break
        }
    }

    private mutating func completeMetaData() {
        written.metaData.type = leaf.type.physicalType.rawValue
        written.metaData.path = leaf.path
        written.metaData.codec = CompressionCodec.zstd.rawValue
        let bounds = extremes.bounds(bytes: content.bytes, isText: leaf.type == .string)
        written.metaData.statistics = ChunkStatistics(
            minimum: bounds.lower?.bound, maximum: bounds.upper?.bound, nullCount: Int64(nullCount),
            isMinimumExact: bounds.lower?.isExact ?? true, isMaximumExact: bounds.upper?.isExact ?? true)

        var encodings: Set<Int32> = [content.encoding.rawValue]
        if leaf.maxDefinitionLevel > 0 { encodings.insert(ParquetEncoding.runLength.rawValue) }
        if content.encoding == .runLengthDictionary {
            encodings.insert(ParquetEncoding.plain.rawValue)
            written.metaData.encodingCounts.append(.init(pageType: .dictionary, encoding: .plain, count: 1))
        }
        written.metaData.encodings = encodings.sorted()
        written.metaData.encodingCounts.append(
            .init(pageType: .data, encoding: content.encoding, count: written.offsetIndex.locations.count))
        if options.bloomFilterFields.contains(leaf.path[0]) { written.bloomFilter = bloomFilter() }
    }

    private func bloomFilter() -> SplitBlockBloomFilter? {
        var hashes: Set<UInt64> = []
        switch content.values {
        case .boolean: return nil
        case .int64(let all):
            for slot in all.indices where content.presence?[slot] ?? true { hashes.insert(XXH64.hash(all[slot])) }
        case .bytes(let prepared):
            for index in prepared.order { hashes.insert(prepared.source.withBytes(Int(index), XXH64.hash)) }
        }
        guard !hashes.isEmpty else { return nil }
        var filter = SplitBlockBloomFilter(valueCount: hashes.count, bitsPerValue: options.bloomFilterBitsPerValue)
        for hash in hashes { filter.insert(hash: hash) }
        return filter
    }
}
