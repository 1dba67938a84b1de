import Compression

/// Compresses pages and puts them one behind the other, each with its header and checksum.
struct PageWriter: ~Copyable {
    private let compressor: ZstdCompressor

    /// The pages so far.
    private(set) var output = PageBuffer(capacity: 1 << 16)

    /// Bytes of all pages so far, before compression, headers included.
    private(set) var uncompressedBytes = 0

    /// How many more pages are stored without trying to compress them.
    private var storedAhead = 0

    init(level: Int32) throws(ParquetError) {
        do {
            compressor = try ZstdCompressor(level: level)
        } catch {
            throw ParquetError(.compression, "zstd could not be set up", cause: error)
        }
    }

    /// Starts a chunk.
    mutating func begin() {
        output.removeAll()
        uncompressedBytes = 0
        storedAhead = 0
    }

    /// What a page of these bytes would take, without its header. Behind ``output`` is the room for it.
    mutating func compressedSize(of body: UnsafeRawBufferPointer, level: Int32? = nil) throws(ParquetError) -> Int {
        let bound = ZstdCompressor.bound(body.count)
        output.reserve(bound)
        do {
            return try compressor.compress(body, into: UnsafeMutableRawBufferPointer(start: output.end, count: bound), level: level)
        } catch {
            throw ParquetError(.compression, "Codes could not be compressed", cause: error)
        }
    }

    /// Where a page whose compressed form saves less than a 32nd is found, so many pages behind it are taken to be no better: random
    /// identifiers and digests are as long compressed, and looking for what is not there costs more than all else.
    private static let storedPages = 15

    /// Appends a page of these bytes.
    ///
    /// - Parameters:
    ///   - cuts: Where another frame begins, ascending; most pages are one frame.
    ///   - level: The zstd level where it is another than that of the writer.
    /// - Returns: Its size with the header.
    /// - Throws: `.limit` if it is too large for the format, `.compression`.
    mutating func append(
        _ kind: PageHeader.Kind, _ body: UnsafeRawBufferPointer, cuts: [Int] = [], path: String, level: Int32? = nil
    ) throws(ParquetError) -> Int {
        guard body.count <= ParquetWriter.maximumPageBytes else {
            throw ParquetError(
                .limit, "A page of \(path) would have \(body.count) bytes, above the limit of \(ParquetWriter.maximumPageBytes)")
        }
        // The header's length depends on the compressed size: compress behind the room it may take, then move.
        let bound = ZstdCompressor.bound(body.count) + (cuts.isEmpty ? 0 : (cuts.count + 1) * ZstdCompressor.bound(0))
        output.reserve(PageHeader.maximumBytes + bound)
        let room = UnsafeMutableRawBufferPointer(start: output.end + PageHeader.maximumBytes, count: bound)
        let isData = if case .data = kind { true } else { false }
        let size: Int
        if isData, storedAhead > 0 {
            storedAhead -= 1
            size = ZstdCompressor.store(body, into: room)
        } else {
            do {
                size = try compress(body, cuts, into: room, level: level)
            } catch {
                throw ParquetError(.compression, "A page of \(path) could not be compressed", cause: error)
            }
            if isData, size > body.count - body.count / 32 { storedAhead = Self.storedPages }
        }
        let checksum = CRC32.checksum(UnsafeRawBufferPointer(start: room.baseAddress, count: size))
        let header = PageHeader.append(
            kind, uncompressedBytes: body.count, compressedBytes: size, checksum: checksum, to: &output)
        if let source = room.baseAddress { output.end.copyMemory(from: source, byteCount: size) }
        output.advance(size)
        uncompressedBytes += header + body.count
        return header + size
    }

    /// Compresses the pieces between cuts, a frame each; answers what they take together.
    private func compress(
        _ body: UnsafeRawBufferPointer, _ cuts: [Int], into room: UnsafeMutableRawBufferPointer, level: Int32?
    ) throws(CompressionError) -> Int {
        var size = 0
        var start = 0
        for end in cuts + [body.count] {
            size += try compressor.compress(
                UnsafeRawBufferPointer(rebasing: body[start..<end]), into: UnsafeMutableRawBufferPointer(rebasing: room[size...]), level: level)
            start = end
        }
        return size
    }
}
