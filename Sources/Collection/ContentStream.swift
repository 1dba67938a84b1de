import Compression
import DurableIO

/// A file's content from its beginning, decompressed where it is compressed, in pieces.
///
/// The format is told from the bytes, never from the name. Damage ends in ``CompressionError`` after everything before it was given.
final class ContentStream {
    /// The file; it stays the same one when its name changes.
    let file: any OpenFile
    /// How its bytes are packed.
    let format: CompressionFormat
    /// Bytes of the file read so far.
    private(set) var rawOffset: UInt64 = 0
    /// Offset of the next decompressed byte.
    private(set) var position: UInt64 = 0

    private let decompressor: Decompressor?
    private let buffer: UnsafeMutableRawBufferPointer

    /// Bytes read at once.
    static let readBytes = 256 * 1024

    /// - Throws: ``DurableIOError``, ``CompressionError``.
    init(_ file: any OpenFile) throws {
        self.file = file
        var head = [UInt8](repeating: 0, count: CompressionFormat.detectionByteCount)
        let count = try head.withUnsafeMutableBytes { bytes throws(DurableIOError) in try file.read(into: bytes, at: 0) }
        format = CompressionFormat.detect(Array(head[..<count]))
        decompressor = format == .none ? nil : try Decompressor(format: format)
        buffer = .allocate(byteCount: format == .none ? Self.readBytes : Self.readBytes / 16, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Goes to an offset of an uncompressed content.
    func seek(to offset: UInt64) {
        precondition(format == .none, "a compressed content is read from its beginning")
        rawOffset = offset
        position = offset
    }

    /// Reads once and hands on what it gave.
    ///
    /// - Parameters:
    ///   - limit: Most bytes of the file to read.
    ///   - piece: Called with decompressed bytes and their offset.
    /// - Returns: bytes of the file that were read; 0 at its present end.
    /// - Throws: ``DurableIOError``, ``CompressionError``, ``SinkError`` around what `piece` throws.
    func step(limit: Int = .max, piece: (UnsafeRawBufferPointer, UInt64) throws -> Void) throws -> Int {
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, max(1, limit))])
        let count = try file.read(into: room, at: rawOffset)
        guard count > 0 else { return 0 }
        let read = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
        rawOffset += UInt64(count)
        if let decompressor {
            try decompressor.decompress(read) { try hand($0, to: piece) }
        } else {
            try hand(read, to: piece)
        }
        return count
    }

    /// Says that the file ends here.
    /// - Throws: ``CompressionError`` with `.truncated` where the compressed form is not complete.
    func finish() throws { try decompressor?.finish() }

    private func hand(_ bytes: UnsafeRawBufferPointer, to piece: (UnsafeRawBufferPointer, UInt64) throws -> Void) throws {
        let at = position
        position += UInt64(bytes.count)
        do { try piece(bytes, at) } catch { throw SinkError(error: error) }
    }
}

/// Carries an error of the sink through the decompressor, so that it is not taken for damage.
struct SinkError: Error {
    let error: any Error
}
