import CZstd

/// Zstandard in one call; use ``ZstdCompressor`` and ``ZstdDecompressor`` where many small pieces are handled.
public enum Zstd {
    /// The level used where nothing else is asked for; see docs/decisions/0011-zstd-level.md.
    public static let defaultLevel: Int32 = 1

    /// Compresses `bytes` into one frame. Equal input and level give equal output under one libzstd version.
    ///
    /// - Throws: ``CompressionError`` with `.resources` if libzstd cannot be set up.
    public static func compress(_ bytes: [UInt8], level: Int32 = defaultLevel) throws(CompressionError) -> [UInt8] {
        let compressor = try ZstdCompressor(level: level)
        var output: [UInt8] = []
        _ = try bytes.withUnsafeBufferPointer { input throws(CompressionError) in
            try compressor.compress(UnsafeRawBufferPointer(input), appendingTo: &output)
        }
        return output
    }

    /// Decodes all frames of `bytes`.
    ///
    /// - Parameter maxSize: The most bytes the result may have.
    /// - Throws: ``CompressionError``.
    public static func decompress(_ bytes: [UInt8], maxSize: Int) throws(CompressionError) -> [UInt8] {
        try Decompressor.decompress(bytes, format: .zstd, maxSize: maxSize)
    }

    /// How many bytes the frame at the start of `input` takes, and how many it decodes to where it says so. Its content is not looked at.
    ///
    /// - Throws: ``CompressionError`` with `.corrupt` where no whole frame stands there.
    public static func frame(_ input: UnsafeRawBufferPointer) throws(CompressionError) -> (byteCount: Int, contentBytes: Int?) {
        let size = ZSTD_findFrameCompressedSize(input.baseAddress, input.count)
        guard ZSTD_isError(size) == 0, size > 0, size <= input.count else {
            throw CompressionError(.corrupt, "There is no whole zstd frame", cause: String(cString: ZSTD_getErrorName(size)))
        }
        let content = ZSTD_getFrameContentSize(input.baseAddress, size)
        // The two highest numbers stand for "unknown" and "damaged".
        return (size, content <= UInt64(Int.max) ? Int(content) : nil)
    }
}
