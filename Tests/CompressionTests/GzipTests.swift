import Compression
import Testing

struct GzipTests {
    @Test(arguments: [0, 1, 1000, 300_000])
    func `one call packs and another unpacks`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 3) }
        #expect(try Gzip.decompress(Gzip.compress(bytes), maxSize: count) == bytes)
    }

    @Test func `the header names neither file nor time`() throws {
        let packed = try Gzip.compress(Array("x".utf8))
        #expect(Array(packed[..<8]) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
    }

    @Test func `unpacking stops at the size asked for`() throws {
        let packed = try Gzip.compress([UInt8](repeating: 1, count: 1000))
        let error = #expect(throws: CompressionError.self) { try Gzip.decompress(packed, maxSize: 999) }
        #expect(error?.code == .outputLimit)
        #expect(error?.message.contains("999") == true)
    }
}
