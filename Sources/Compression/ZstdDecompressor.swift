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

    /// Decodes `input`, which must decode to as many bytes as `output` has, piece by piece, until `isEnough` says so.
    ///
    /// - Parameters:
    ///   - pieceBytes: About how many bytes at once.
    ///   - isEnough: Is told how many bytes of `output` are there by now.
    /// - Throws: ``CompressionError`` with `.corrupt` if `input` is damaged as far as it was read, or ends early.
    public func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, pieceBytes: Int, until isEnough: (Int) -> Bool
    ) throws(CompressionError) {
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: 0, pos: 0)
        while target.pos < output.count {
            target.size = min(output.count, target.pos + pieceBytes)
            let before = (source.pos, target.pos)
            let status = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(status) == 0 else {
                throw CompressionError(.corrupt, "The zstd data is damaged", cause: String(cString: ZSTD_getErrorName(status)))
            }
            guard before != (source.pos, target.pos) else {
                throw CompressionError(.corrupt, "The zstd data decodes to \(target.pos) bytes where \(output.count) were announced")
            }
            if target.pos == target.size || target.pos == output.count, isEnough(target.pos) { return }
        }
    }
}
