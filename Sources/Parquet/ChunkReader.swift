import Compression

/// Reads the pages of one column chunk from untrusted bytes.
struct ChunkReader {
    let leaf: ParquetLeaf
    let metaData: ColumnMetaData
    let rowCount: Int
    let limits: ParquetReaderLimits

    /// The whole file up to its footer; offsets of the metadata count from its start.
    let file: UnsafeRawBufferPointer

    /// A page without its header.
    struct Page {
        let header: PageHeader
        /// As it stands in the file, perhaps compressed.
        let body: UnsafeRawBufferPointer
        /// Where the body begins in the file.
        let fileOffset: Int
    }

    /// The bytes of the chunk: from its dictionary page, or else its first data page.
    var byteRange: Range<Int> {
        get throws(ParquetError) {
            // Some writers state a dictionary offset of 0 where there is none.
            let dictionary = metaData.dictionaryPageOffset.flatMap { $0 > 0 ? $0 : nil }
            let start = min(dictionary ?? metaData.dataPageOffset, metaData.dataPageOffset)
            guard start >= 4, metaData.compressedBytes >= 0, metaData.compressedBytes <= Int64(file.count),
                start <= Int64(file.count) - metaData.compressedBytes
            else {
                throw ParquetError(.truncated, "The chunk of \(leaf.dottedPath) is said to lie outside the file", offset: nil)
            }
            return Int(start)..<Int(start + metaData.compressedBytes)
        }
    }

    /// Decodes `rows`, or more where pages hold more; the answer says from which row on.
    func read(rows: Range<Int>?, offsetIndex: OffsetIndex?) throws(ParquetError) -> LeafAssembler {
        let range = try byteRange
        var assembler = LeafAssembler(leaf: leaf)
        let decompressor = try makeDecompressor()
        guard let rows, let offsetIndex else {
            try readAll(range, into: &assembler, decompressor)
            return assembler
        }
        if metaData.dictionaryPageOffset ?? 0 > 0 {
            let (page, _) = try page(at: range.lowerBound, end: range.upperBound)
            try assembler.append(page, body: try plainBody(of: page, decompressor), valueLimit: limits.chunkValues)
        }
        let locations = offsetIndex.locations
        for (index, location) in locations.enumerated() {
            let end = index + 1 < locations.count ? Int(locations[index + 1].firstRow) : rowCount
            let first = Int(location.firstRow)
            guard first < rows.upperBound, end > rows.lowerBound else { continue }
            if assembler.rowCount == 0 { assembler.firstRow = first }
            let offset = Int(location.offset)
            guard range.contains(offset), Int(location.byteCount) <= range.upperBound - offset else {
                throw ParquetError(.corrupt, "The offset index of \(leaf.dottedPath) points outside its chunk", offset: offset)
            }
            let (page, _) = try page(at: offset, end: offset + Int(location.byteCount))
            try assembler.append(page, body: try plainBody(of: page, decompressor), valueLimit: remainingValues(assembler))
            guard assembler.firstRow + assembler.rowCount == end else {
                throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) has other rows than its offset index says", offset: offset)
            }
        }
        guard rows.isEmpty || (assembler.firstRow <= rows.lowerBound && assembler.firstRow + assembler.rowCount >= rows.upperBound) else {
            throw ParquetError(.corrupt, "The offset index of \(leaf.dottedPath) does not hold all rows", offset: range.lowerBound)
        }
        return assembler
    }

    private func readAll(
        _ range: Range<Int>, into assembler: inout LeafAssembler, _ decompressor: ZstdDecompressor?
    ) throws(ParquetError) {
        var position = range.lowerBound
        while position < range.upperBound {
            let (page, end) = try page(at: position, end: range.upperBound)
            try assembler.append(page, body: try plainBody(of: page, decompressor), valueLimit: remainingValues(assembler))
            position = end
        }
        guard assembler.levelCount == metaData.valueCount else {
            throw ParquetError(
                .corrupt, "The pages of \(leaf.dottedPath) have \(assembler.levelCount) values where \(metaData.valueCount) are announced",
                offset: range.lowerBound)
        }
        guard assembler.rowCount == rowCount else {
            throw ParquetError(
                .corrupt, "The pages of \(leaf.dottedPath) have \(assembler.rowCount) rows where \(rowCount) are announced",
                offset: range.lowerBound)
        }
    }

    private func remainingValues(_ assembler: LeafAssembler) -> Int {
        max(0, Int(metaData.valueCount) - assembler.levelCount)
    }

    /// The page whose header begins at `offset`, and where the next one would begin.
    private func page(at offset: Int, end: Int) throws(ParquetError) -> (page: Page, next: Int) {
        var reader = ThriftReader(UnsafeRawBufferPointer(rebasing: file[offset..<end]), fileOffset: offset)
        let header = try PageHeader(from: &reader)
        let start = offset + reader.position
        guard Int(header.compressedBytes) <= end - start else {
            throw ParquetError(.truncated, "A page of \(leaf.dottedPath) is longer than its chunk", offset: offset)
        }
        guard Int(header.uncompressedBytes) <= limits.pageBytes else {
            throw ParquetError(
                .limit, "A page of \(leaf.dottedPath) has \(header.uncompressedBytes) bytes, above the reader's limit", offset: offset)
        }
        let next = start + Int(header.compressedBytes)
        let body = UnsafeRawBufferPointer(rebasing: file[start..<next])
        if let checksum = header.checksum, checksum != CRC32.checksum(body) {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) does not fit its checksum", offset: offset)
        }
        return (Page(header: header, body: body, fileOffset: start), next)
    }

    private func makeDecompressor() throws(ParquetError) -> ZstdDecompressor? {
        guard let codec = CompressionCodec(rawValue: metaData.codec) else {
            throw ParquetError(
                .unsupported, "The chunk of \(leaf.dottedPath) is compressed with codec \(metaData.codec), which is not read")
        }
        guard codec == .zstd else { return nil }
        do {
            return try ZstdDecompressor()
        } catch {
            throw ParquetError(.compression, "zstd could not be set up", cause: error)
        }
    }

    /// zstd's largest expansion: a block of 128 KiB in four bytes. Announced sizes beyond it are lies that cost no memory here.
    private static let maximumExpansion = 40_000

    /// The page's bytes without compression. Levels of version 2 pages stay in front as they are.
    private func plainBody(of page: Page, _ decompressor: ZstdDecompressor?) throws(ParquetError) -> [UInt8] {
        var levelBytes = 0
        var isCompressed = CompressionCodec(rawValue: metaData.codec) != .uncompressed
        if case .dataV2(let data) = page.header.kind {
            levelBytes = Int(data.definitionBytes) + Int(data.repetitionBytes)
            isCompressed = isCompressed && data.isCompressed
        }
        let size = Int(page.header.uncompressedBytes)
        guard levelBytes <= page.body.count, levelBytes <= size else {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) is shorter than its levels", offset: page.fileOffset)
        }
        guard isCompressed, size > levelBytes else {
            guard page.body.count == size || isCompressed else {
                throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) has another size than announced", offset: page.fileOffset)
            }
            return Array(page.body.prefix(size))
        }
        let compressed = UnsafeRawBufferPointer(rebasing: page.body[levelBytes...])
        guard size - levelBytes <= compressed.count * Self.maximumExpansion else {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) cannot be as large as announced", offset: page.fileOffset)
        }
        do {
            guard let decompressor else {
                return try Array(page.body.prefix(levelBytes)) + gunzip(compressed, size: size - levelBytes)
            }
            return try Self.unpack(page.body, levelBytes: levelBytes, size: size, decompressor)
        } catch {
            throw ParquetError(.compression, "A page of \(leaf.dottedPath) cannot be decompressed", cause: error, offset: page.fileOffset)
        }
    }

    private static func unpack(
        _ body: UnsafeRawBufferPointer, levelBytes: Int, size: Int, _ decompressor: ZstdDecompressor
    ) throws(CompressionError) -> [UInt8] {
        var failure: CompressionError?
        let plain = [UInt8](unsafeUninitializedCapacity: size) { room, count in
            let raw = UnsafeMutableRawBufferPointer(start: room.baseAddress, count: size)
            raw.copyMemory(from: UnsafeRawBufferPointer(rebasing: body[..<levelBytes]))
            do throws(CompressionError) {
                try decompressor.decompress(
                    UnsafeRawBufferPointer(rebasing: body[levelBytes...]), into: .init(rebasing: raw[levelBytes...]))
                count = size
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return plain
    }

    private func gunzip(_ bytes: UnsafeRawBufferPointer, size: Int) throws(CompressionError) -> [UInt8] {
        let plain = try Gzip.decompress(Array(bytes), maxSize: size)
        guard plain.count == size else { throw CompressionError(.corrupt, "The gzip data decodes to another size than announced") }
        return plain
    }
}
