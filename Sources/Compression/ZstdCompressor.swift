import CZstd

/// Compresses many pieces, one zstd frame each, with one reused context.
///
/// Not safe for use from several threads at once.
public final class ZstdCompressor {
    /// The compression level: 1 (fast) to 19 (small).
    public let level: Int32

    private let context: OpaquePointer

    /// Sets a compressor up.
    ///
    /// - Throws: ``CompressionError`` with `.resources` if libzstd cannot be set up.
    public init(level: Int32 = Zstd.defaultLevel) throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else {
            throw CompressionError(.resources, "libzstd could not be set up")
        }
        self.context = context
        self.level = level
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Compresses `input` into one frame that states its content's size, and appends it to `output`.
    ///
    /// - Returns: The frame's size in bytes.
    /// - Throws: ``CompressionError`` with `.resources`.
    @discardableResult
    public func compress(
        _ input: UnsafeRawBufferPointer, appendingTo output: inout [UInt8]
    ) throws(CompressionError) -> Int {
        let bound = ZSTD_compressBound(input.count)
        var status = 0
        let frame = [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            status = ZSTD_compressCCtx(context, room.baseAddress, bound, input.baseAddress, input.count, level)
            count = ZSTD_isError(status) == 0 ? status : 0
        }
        guard ZSTD_isError(status) == 0 else {
            throw CompressionError(.resources, "libzstd could not compress", cause: String(cString: ZSTD_getErrorName(status)))
        }
        output.append(contentsOf: frame)
        return status
    }
}
