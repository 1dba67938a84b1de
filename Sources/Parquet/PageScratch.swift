import Compression
import Synchronization

/// What decoding a page needs for a moment: a zstd context and room for the page's bytes. Kept from one page to the next.
///
/// Used by one thread at a time: ``withOne(_:)`` takes it out of the pool and puts it back.
final class PageScratch: @unchecked Sendable {
    private var zstd: ZstdDecompressor?
    private var room: UnsafeMutableRawBufferPointer

    private init() { room = .allocate(byteCount: 1 << 16, alignment: 16) }

    deinit { room.deallocate() }

    /// Scratch that nobody uses: at most a few, of moderate size.
    private static let idle = Mutex<[PageScratch]>([])
    private static let idleCount = 16
    private static let idleBytes = 4 << 20

    /// Calls `body` with scratch that no other call has.
    static func withOne<Result>(
        _ body: (PageScratch) throws(ParquetError) -> Result
    ) throws(ParquetError) -> Result {
        let scratch = idle.withLock { $0.popLast() } ?? PageScratch()
        defer {
            if scratch.room.count <= idleBytes {
                idle.withLock { if $0.count < idleCount { $0.append(scratch) } }
            }
        }
        return try body(scratch)
    }

    /// The zstd context.
    func decompressor() throws(ParquetError) -> ZstdDecompressor {
        if let zstd { return zstd }
        do {
            let made = try ZstdDecompressor()
            zstd = made
            return made
        } catch {
            throw ParquetError(.compression, "zstd could not be set up", cause: error)
        }
    }

    /// Room for `byteCount` bytes; what it held before is lost.
    func bytes(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        if room.count < byteCount {
            room.deallocate()
            room = .allocate(byteCount: max(byteCount, room.count * 2), alignment: 16)
        }
        return UnsafeMutableRawBufferPointer(rebasing: room[..<byteCount])
    }
}
