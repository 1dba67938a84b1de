import Compression
import Testing

struct ZstdTests {
    @Test(arguments: [0, 1, 1000, 300_000])
    func `one call packs and another unpacks`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 3) }
        #expect(try Zstd.decompress(Zstd.compress(bytes, level: 3), maxSize: count) == bytes)
    }

    @Test func `a compressor is used again and gives equal frames for equal input`() throws {
        let compressor = try ZstdCompressor(level: 1)
        let bytes = Array("the same text, the same text".utf8)
        var first: [UInt8] = []
        var second: [UInt8] = [1, 2]
        let count = try bytes.withUnsafeBytes { try compressor.compress($0, appendingTo: &first) }
        try bytes.withUnsafeBytes { _ = try compressor.compress($0, appendingTo: &second) }
        #expect(count == first.count)
        #expect(second == [1, 2] + first)
    }

    @Test func `content of another size than announced is corrupt`() throws {
        let frame = try Zstd.compress(Array("twelve bytes".utf8))
        let decompressor = try ZstdDecompressor()
        for size in [0, 11, 13] {
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
            defer { room.deallocate() }
            let error = #expect(throws: CompressionError.self) {
                try frame.withUnsafeBytes { try decompressor.decompress($0, into: room) }
            }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func `unpacking stops at the size asked for`() throws {
        let frame = try Zstd.compress([UInt8](repeating: 1, count: 1000))
        let error = #expect(throws: CompressionError.self) { try Zstd.decompress(frame, maxSize: 999) }
        #expect(error?.code == .outputLimit)
    }
}

/// Frames that hold their content as it is.
struct ZstdStoredFrameTests {
    @Test(arguments: [0, 1, 255, 256, 131_071, 131_072, 131_073, 300_000])
    func `a stored frame decodes to its content`(count: Int) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        var frame = [UInt8](repeating: 0, count: ZstdCompressor.bound(count))
        let size = content.withUnsafeBytes { content in
            frame.withUnsafeMutableBytes { ZstdCompressor.store(content, into: $0) }
        }
        frame.removeLast(frame.count - size)
        #expect(size <= count + 9 + 3 * (count / 131_072 + 1))
        #expect(try Zstd.decompress(frame, maxSize: count + 1) == content)
    }

    @Test func `frames one behind the other are found by their headers and are one stream`() throws {
        let parts = [Array("first ".utf8), [UInt8](repeating: 7, count: 70_000), Array("last".utf8)]
        let stream = try parts.flatMap { try Zstd.compress($0) }
        #expect(try Zstd.decompress(stream, maxSize: 100_000) == parts.flatMap { $0 })
        try stream.withUnsafeBytes { bytes in
            var start = 0
            for part in parts {
                let frame = try Zstd.frame(UnsafeRawBufferPointer(rebasing: bytes[start...]))
                #expect(frame.contentBytes == part.count)
                start += frame.byteCount
            }
            #expect(start == bytes.count)
            for cut in [0, 3, 5, stream.count - 1] {
                #expect(throws: CompressionError.self) { try Zstd.frame(UnsafeRawBufferPointer(rebasing: bytes[(stream.count - cut)...])) }
            }
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 70_010, alignment: 1)
            defer { room.deallocate() }
            try ZstdDecompressor().decompress(bytes, into: room)
            #expect(room.elementsEqual(parts.flatMap { $0 }))
        }
    }
}
