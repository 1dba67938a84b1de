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

    /// The most bytes that ``compress(_:into:)`` or ``store(_:into:)`` make of `byteCount` bytes.
    public static func bound(_ byteCount: Int) -> Int {
        max(ZSTD_compressBound(byteCount), frameHeadBytes + byteCount + blockHeadBytes * (byteCount / maximumBlockBytes + 1))
    }

    /// Compresses `input` into one frame that states its content's size, and appends it to `output`.
    ///
    /// - Returns: The frame's size in bytes.
    /// - Throws: ``CompressionError`` with `.resources`.
    @discardableResult
    public func compress(
        _ input: UnsafeRawBufferPointer, appendingTo output: inout [UInt8]
    ) throws(CompressionError) -> Int {
        let bound = Self.bound(input.count)
        var failure: CompressionError?
        let frame = [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            do throws(CompressionError) {
                count = try compress(input, into: UnsafeMutableRawBufferPointer(start: room.baseAddress, count: bound))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        output.append(contentsOf: frame)
        return frame.count
    }

    /// Compresses `input` into one frame that states its content's size, at the start of `output`.
    ///
    /// - Parameters:
    ///   - output: ``bound(_:)`` bytes at least.
    ///   - other: A level for this frame alone; nil says ``level``.
    /// - Returns: The frame's size in bytes.
    /// - Throws: ``CompressionError`` with `.resources`.
    public func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, level other: Int32? = nil
    ) throws(CompressionError) -> Int {
        let status = ZSTD_compressCCtx(context, output.baseAddress, output.count, input.baseAddress, input.count, other ?? level)
        guard ZSTD_isError(status) == 0 else {
            throw CompressionError(.resources, "libzstd could not compress", cause: String(cString: ZSTD_getErrorName(status)))
        }
        return status
    }

    // MARK: Frames without compression

    /// Magic number, descriptor and a content size of four bytes.
    private static let frameHeadBytes = 9
    private static let blockHeadBytes = 3
    private static let maximumBlockBytes = 128 * 1024

    /// Writes `input` as one frame of raw blocks (RFC 8878 §3.1.1.2.2): for content known not to compress.
    ///
    /// - Parameter output: ``bound(_:)`` bytes at least.
    /// - Returns: The frame's size in bytes.
    public static func store(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        precondition(output.count >= bound(input.count) && input.count <= Int(UInt32.max), "The room for a frame is too small")
        output.storeBytes(of: UInt32(0xFD2F_B528).littleEndian, as: UInt32.self)
        // A single segment whose content size takes four bytes.
        output.storeBytes(of: 0b1010_0000, toByteOffset: 4, as: UInt8.self)
        output.storeBytes(of: UInt32(input.count).littleEndian, toByteOffset: 5, as: UInt32.self)
        var position = frameHeadBytes
        var taken = 0
        repeat {
            let size = min(input.count - taken, maximumBlockBytes)
            let isLast = taken + size == input.count
            let head = UInt32(size) << 3 | (isLast ? 1 : 0)
            for byte in 0..<blockHeadBytes {
                output.storeBytes(of: UInt8(truncatingIfNeeded: head >> UInt32(8 * byte)), toByteOffset: position + byte, as: UInt8.self)
            }
            position += blockHeadBytes
            UnsafeMutableRawBufferPointer(rebasing: output[position..<position + size])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[taken..<taken + size]))
            position += size
            taken += size
        } while taken < input.count
        return position
    }
}
