/// Scratch memory for texts made while records are parsed: unescaped strings, templates, lower-cased values.
///
/// Chunks never move, so slices stay valid until ``reset()``. Not thread-safe: one arena per record parser.
final class Arena {
    private static let chunkSize = 64 * 1024
    private var chunks: [UnsafeMutableBufferPointer<UInt8>] = []
    private var large: [UnsafeMutableBufferPointer<UInt8>] = []
    private var chunk = 0
    private var used = 0

    init() {}

    deinit {
        for buffer in chunks + large { buffer.deallocate() }
    }

    /// Bytes that may be in use before it is worth forgetting them: a part of the nearest cache.
    private static let crowdedBytes = 8 * 1024

    /// Whether so much is in use that it should be forgotten when nobody needs it any more.
    var isCrowded: Bool { used > Self.crowdedBytes || chunk > 0 || !large.isEmpty }

    /// Forgets everything; chunks are kept for the next records.
    func reset() {
        chunk = 0
        used = 0
        if !large.isEmpty {
            for buffer in large { buffer.deallocate() }
            large.removeAll()
        }
    }

    /// Uninitialized room for `count` bytes.
    func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if count > Self.chunkSize / 4 {
            let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(count, 1))
            large.append(buffer)
            return buffer.baseAddress!
        }
        if chunks.isEmpty { chunks.append(.allocate(capacity: Self.chunkSize)) }
        if used + count > Self.chunkSize {
            chunk += 1
            used = 0
            if chunk == chunks.count { chunks.append(.allocate(capacity: Self.chunkSize)) }
        }
        defer { used += count }
        return chunks[chunk].baseAddress! + used
    }

    /// A copy of `bytes` that lives until the reset.
    func copy(_ bytes: ByteSlice) -> ByteSlice {
        let room = allocate(bytes.count)
        room.initialize(from: bytes.base, count: bytes.count)
        return ByteSlice(base: room, count: bytes.count)
    }

    /// A copy with `transform` applied to each byte.
    func map(_ bytes: ByteSlice, _ transform: (UInt8) -> UInt8) -> ByteSlice {
        let room = allocate(bytes.count)
        for i in 0..<bytes.count { room[i] = transform(bytes[i]) }
        return ByteSlice(base: room, count: bytes.count)
    }
}
