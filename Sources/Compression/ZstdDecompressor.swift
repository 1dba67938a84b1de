import CZstd

/// Decodes many pieces of known size with one reused context.
///
/// Not safe for use from several threads at once.
public final class ZstdDecompressor {
    private let context: OpaquePointer

    /// Sets a decompressor up.
    ///
    /// - Throws: ``CompressionError`` with `.resources` if libzstd cannot be set up.
    public init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(.resources, "libzstd could not be set up")
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Decodes `input`, which must decode to exactly as many bytes as `output` has.
    ///
    /// - Throws: ``CompressionError`` with `.corrupt` if `input` is damaged or decodes to another size.
    public func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) {
        let status = ZSTD_decompressDCtx(context, output.baseAddress, output.count, input.baseAddress, input.count)
        guard ZSTD_isError(status) == 0 else {
            throw CompressionError(.corrupt, "The zstd data is damaged", cause: String(cString: ZSTD_getErrorName(status)))
        }
        guard status == output.count else {
            throw CompressionError(.corrupt, "The zstd data decodes to \(status) bytes where \(output.count) were announced")
        }
    }
}
