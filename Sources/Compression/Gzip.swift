import CZlib

/// gzip in one call.
public enum Gzip {
    /// zlib's best trade for most data.
    public static let defaultLevel: Int32 = 6

    /// Compresses `bytes` into one gzip member without name or time, so that equal input gives equal output.
    ///
    /// - Parameter level: 1 (fast) to 9 (small).
    /// - Throws: ``CompressionError`` with `.resources` if zlib cannot be set up.
    public static func compress(_ bytes: [UInt8], level: Int32 = defaultLevel) throws(CompressionError) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        let status = deflateInit2_(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        guard status == Z_OK else { throw CompressionError(.resources, "zlib could not be set up (status \(status))") }
        defer { deflateEnd(&stream) }

        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        var position = 0
        var last = Z_OK
        while last != Z_STREAM_END {
            // avail_in is 32 bits wide, so larger inputs go in by pieces.
            let count = min(bytes.count - position, 1 << 30)
            let isLast = position + count == bytes.count
            bytes.withUnsafeBufferPointer { input in
                stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
                stream.avail_in = UInt32(count)
                repeat {
                    piece.withUnsafeMutableBufferPointer { room in
                        stream.next_out = room.baseAddress
                        stream.avail_out = UInt32(room.count)
                        last = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    }
                    output += piece[..<(piece.count - Int(stream.avail_out))]
                } while stream.avail_out == 0
            }
            position += count
            guard last == Z_OK || last == Z_STREAM_END else {
                throw CompressionError(.resources, "zlib could not compress (status \(last))")
            }
        }
        return output
    }

    /// Decodes all members of `bytes`.
    ///
    /// - Parameter maxSize: The most bytes the result may have.
    /// - Throws: ``CompressionError``.
    public static func decompress(_ bytes: [UInt8], maxSize: Int) throws(CompressionError) -> [UInt8] {
        try Decompressor.decompress(bytes, format: .gzip, maxSize: maxSize)
    }
}

extension Decompressor {
    /// Decodes a complete stream held in memory.
    ///
    /// - Parameter maxSize: The most bytes the result may have.
    /// - Throws: ``CompressionError``.
    public static func decompress(
        _ bytes: [UInt8], format: CompressionFormat, maxSize: Int
    ) throws(CompressionError) -> [UInt8] {
        let decompressor = try Decompressor(format: format, maximumOutputBytes: UInt64(max(0, maxSize)))
        var output: [UInt8] = []
        do {
            try bytes.withUnsafeBytes { input in
                try decompressor.decompress(input) { output.append(contentsOf: $0) }
            }
        } catch let error as CompressionError {
            throw error
        } catch {
            throw CompressionError(.corrupt, "Decoding failed", cause: "\(error)")
        }
        try decompressor.finish()
        return output
    }
}
