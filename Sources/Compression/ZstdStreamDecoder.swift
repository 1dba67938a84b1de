import CZstd

/// Zstandard (RFC 8878) by libzstd: any number of frames, skippable ones included.
///
/// Frames that ask for a window over 128 MiB (libzstd's default limit) are refused.
final class ZstdStreamDecoder: StreamDecoder {
    private let context: OpaquePointer
    private var isInsideFrame = false
    private var hasFrame = false

    init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(.resources, "libzstd could not be set up")
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    var isComplete: Bool { hasFrame && !isInsideFrame }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CompressionError) -> DecodingStep {
        // Between frames an empty input must not begin one: libzstd would answer "more input wanted".
        if input.isEmpty, !isInsideFrame { return DecodingStep(consumed: 0, produced: 0) }
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var sink = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        while source.pos < source.size || isInsideFrame {
            let before = (source.pos, sink.pos)
            let hint = ZSTD_decompressStream(context, &sink, &source)
            guard ZSTD_isError(hint) == 0 else {
                let damage = CompressionError(
                    hasFrame && !isInsideFrame ? .trailingData : .corrupt,
                    "The zstd data is damaged; fetch the file again", cause: String(cString: ZSTD_getErrorName(hint)))
                return DecodingStep(consumed: source.pos, produced: sink.pos, damage: damage)
            }
            isInsideFrame = hint != 0
            if !isInsideFrame { hasFrame = true }
            if sink.pos == sink.size || (source.pos, sink.pos) == before { break }
        }
        return DecodingStep(consumed: source.pos, produced: sink.pos)
    }
}
