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

    /// Decodes some pages of the offset index; answers which row is the first.
    func read(
        _ pages: ClosedRange<Int>, of directory: ChunkDirectory, _ scratch: PageScratch, into assembler: inout ColumnAssembler
    ) throws(ParquetError) -> Int {
        for number in pages {
            let decoded = try decode(number, of: directory, scratch)
            guard decoded.levelCount <= remainingValues(assembler) else {
                throw ParquetError(.corrupt, "The pages of \(leaf.dottedPath) have more than the \(metaData.valueCount) values announced")
            }
            try assembler.append(decoded, at: Int(directory.offsetIndex?.locations[number].offset ?? 0))
        }
        return directory.layout?.rows(ofPage: pages.lowerBound).lowerBound ?? 0
    }

    /// Decodes all pages, one behind the other as they lie in the file.
    func readAll(of directory: ChunkDirectory, _ scratch: PageScratch, into assembler: inout ColumnAssembler) throws(ParquetError) {
        let range = try byteRange
        var position = directory.dictionary?.place.upperBound ?? range.lowerBound
        while position < range.upperBound {
            let (page, end) = try page(at: position, end: range.upperBound)
            switch page.header.kind {
            case .other: break
            case .dictionary:
                throw ParquetError(.corrupt, "A dictionary page of \(leaf.dottedPath) follows data pages", offset: position)
            case .data, .dataV2:
                try assembler.append(
                    try decode(page, of: directory, scratch, valueLimit: remainingValues(assembler)), at: position)
            }
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

    private func remainingValues(_ assembler: ColumnAssembler) -> Int {
        max(0, Int(metaData.valueCount) - assembler.levelCount)
    }

    /// The page whose header begins at `offset`, its checksum verified, and where the next one would begin.
    func page(at offset: Int, end: Int, _ checksum: ParquetChecksum = .compared) throws(ParquetError) -> (page: Page, next: Int) {
        let (page, next) = try unverifiedPage(at: offset, end: end)
        if checksum == .compared, let checksum = page.header.checksum, checksum != CRC32.checksum(page.body) {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) does not fit its checksum", offset: offset)
        }
        return (page, next)
    }

    /// The same without looking at the page's bytes: for what its header says.
    func unverifiedPage(at offset: Int, end: Int) throws(ParquetError) -> (page: Page, next: Int) {
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
        return (Page(header: header, body: body, fileOffset: start), next)
    }

    /// zstd's largest expansion: a block of 128 KiB in four bytes. Announced sizes beyond it are lies that cost no memory here.
    private static let maximumExpansion = 40_000

    /// How a page's bytes are laid out before compression.
    private struct Layout {
        /// Bytes in front that are never compressed: levels of version 2 pages.
        let levelBytes: Int
        let isCompressed: Bool
        let size: Int
    }

    private func layout(_ page: Page) throws(ParquetError) -> Layout {
        guard let codec = CompressionCodec(rawValue: metaData.codec) else {
            throw ParquetError(
                .unsupported, "The chunk of \(leaf.dottedPath) is compressed with codec \(metaData.codec), which is not read")
        }
        var levelBytes = 0
        var isCompressed = codec != .uncompressed
        if case .dataV2(let data) = page.header.kind {
            levelBytes = Int(data.definitionBytes) + Int(data.repetitionBytes)
            isCompressed = isCompressed && data.isCompressed
        }
        let size = Int(page.header.uncompressedBytes)
        guard levelBytes <= page.body.count, levelBytes <= size else {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) is shorter than its levels", offset: page.fileOffset)
        }
        guard isCompressed || page.body.count == size else {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) has another size than announced", offset: page.fileOffset)
        }
        guard !isCompressed || size - levelBytes <= (page.body.count - levelBytes) * Self.maximumExpansion else {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) cannot be as large as announced", offset: page.fileOffset)
        }
        return Layout(levelBytes: levelBytes, isCompressed: isCompressed && size > levelBytes, size: size)
    }

    /// Calls `body` with the page's bytes without compression, valid during the call only.
    func withPlainBytes<Result>(
        _ page: Page, _ scratch: PageScratch, _ body: (UnsafeRawBufferPointer) throws(ParquetError) -> Result
    ) throws(ParquetError) -> Result {
        let layout = try layout(page)
        guard layout.isCompressed else { return try body(UnsafeRawBufferPointer(rebasing: page.body.prefix(layout.size))) }
        let room = scratch.bytes(layout.size)
        try decompress(page, layout, scratch, into: room)
        return try body(UnsafeRawBufferPointer(room))
    }

    /// The page's bytes without compression, for callers that keep them.
    func plainBytes(_ page: Page, _ scratch: PageScratch) throws(ParquetError) -> [UInt8] {
        let layout = try layout(page)
        guard layout.isCompressed else { return Array(page.body.prefix(layout.size)) }
        var failure: ParquetError?
        let plain = [UInt8](unsafeUninitializedCapacity: layout.size) { room, count in
            do throws(ParquetError) {
                try decompress(page, layout, scratch, into: UnsafeMutableRawBufferPointer(start: room.baseAddress, count: layout.size))
                count = layout.size
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return plain
    }

    private func decompress(
        _ page: Page, _ layout: Layout, _ scratch: PageScratch, into room: UnsafeMutableRawBufferPointer
    ) throws(ParquetError) {
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: page.body[..<layout.levelBytes]))
        let compressed = UnsafeRawBufferPointer(rebasing: page.body[layout.levelBytes...])
        let plain = UnsafeMutableRawBufferPointer(rebasing: room[layout.levelBytes...])
        do {
            if CompressionCodec(rawValue: metaData.codec) == .zstd {
                try scratch.decompressor().decompress(compressed, into: plain)
            } else {
                let bytes = try Gzip.decompress(Array(compressed), maxSize: plain.count)
                guard bytes.count == plain.count else {
                    throw CompressionError(.corrupt, "The gzip data decodes to another size than announced")
                }
                plain.copyBytes(from: bytes)
            }
        } catch {
            throw ParquetError(.compression, "A page of \(leaf.dottedPath) cannot be decompressed", cause: error, offset: page.fileOffset)
        }
    }
}
