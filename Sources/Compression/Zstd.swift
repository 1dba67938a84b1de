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
}
