/// Decodes a compressed stream piece by piece, in constant memory.
///
/// gzip streams may hold several members and zstd streams several frames, as log rotation and `cat a.gz b.gz` leave them; both are
/// read to the end. Input is untrusted: damage ends in a ``CompressionError``, output before the damage has been delivered, and
/// after an error the decompressor stays failed.
///
/// Not safe for use from several threads at once.
public final class Decompressor {
    /// The format being decoded.
    public let format: CompressionFormat

    /// Decoded bytes delivered so far.
    public private(set) var producedBytes: UInt64 = 0

    /// Compressed bytes taken in so far.
    public private(set) var consumedBytes: UInt64 = 0

    private let maximumOutputBytes: UInt64
    private let decoder: any StreamDecoder
    private let buffer: UnsafeMutableRawBufferPointer
    private var failure: CompressionError?

    /// The size of the largest piece handed to `into`.
    public static let pieceBytes = 128 * 1024

    /// Sets a decoder up.
    ///
    /// - Parameters:
    ///   - format: From ``CompressionFormat/detect(_:)``; `.none` passes bytes through.
    ///   - maximumOutputBytes: Decoding more than this is refused with `.outputLimit`, against decompression bombs.
    /// - Throws: ``CompressionError`` with code `.resources` if the library cannot be set up.
    public init(format: CompressionFormat, maximumOutputBytes: UInt64 = .max) throws(CompressionError) {
        self.format = format
        self.maximumOutputBytes = maximumOutputBytes
        switch format {
        case .none: decoder = PassThroughDecoder()
        case .gzip: decoder = try GzipStreamDecoder()
        case .zstd: decoder = try ZstdStreamDecoder()
        }
        buffer = .allocate(byteCount: Self.pieceBytes, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Decodes `input` completely and hands every decoded piece to `into`.
    ///
    /// - Parameters:
    ///   - input: The next bytes of the compressed stream, cut anywhere.
    ///   - into: Called with pieces of at most ``pieceBytes`` bytes, valid during the call only. What it throws is passed on, and the
    ///     decompressor is then failed.
    /// - Throws: ``CompressionError`` with `.corrupt`, `.trailingData` or `.outputLimit`.
    public func decompress(
        _ input: UnsafeRawBufferPointer, into: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        if let failure { throw failure }
        var rest = input[...]
        var isOutputPending = false
        while !rest.isEmpty || isOutputPending {
            let step: DecodingStep
            do {
                step = try decoder.decode(UnsafeRawBufferPointer(rebasing: rest), into: buffer)
            } catch {
                throw fail(CompressionError(error.code, error.message, cause: error.cause, offset: consumedBytes))
            }
            rest = rest.dropFirst(step.consumed)
            consumedBytes += UInt64(step.consumed)
            isOutputPending = step.produced == buffer.count
            try deliver(step.produced, into: into)
            if let damage = step.damage {
                throw fail(CompressionError(damage.code, damage.message, cause: damage.cause, offset: consumedBytes))
            }
        }
    }

    /// Declares the end of the input.
    ///
    /// - Throws: ``CompressionError`` with `.truncated` if the stream ends inside a member or frame, or never began one.
    public func finish() throws(CompressionError) {
        if let failure { throw failure }
        guard decoder.isComplete else {
            throw fail(
                CompressionError(
                    .truncated,
                    "The \(format.rawValue) data ends before its last part is complete; fetch the file again or wait until it is written whole",
                    offset: consumedBytes))
        }
    }

    private func deliver(_ count: Int, into: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard count > 0 else { return }
        guard UInt64(count) <= maximumOutputBytes - producedBytes else {
            throw fail(
                CompressionError(
                    .outputLimit,
                    "The \(format.rawValue) data decodes to more than \(maximumOutputBytes) bytes; raise the limit if that is right",
                    offset: consumedBytes))
        }
        do {
            try into(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } catch {
            _ = fail(CompressionError(.corrupt, "The consumer of this stream failed earlier; start again with a new decompressor"))
            throw error
        }
        producedBytes += UInt64(count)
    }

    private func fail(_ error: CompressionError) -> CompressionError {
        failure = error
        return error
    }
}
