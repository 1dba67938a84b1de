import Compression
import Testing

struct CompressionFormatTests {
    @Test func `gzip and zstd are told by their first bytes`() {
        #expect(CompressionFormat.detect([0x1F, 0x8B, 0x08, 0x00]) == .gzip)
        #expect(CompressionFormat.detect([0x28, 0xB5, 0x2F, 0xFD]) == .zstd)
        #expect(CompressionFormat.detect([0x5A, 0x2A, 0x4D, 0x18]) == .zstd, "a skippable frame begins a zstd file")
    }

    @Test func `anything else is plain, however short`() {
        #expect(CompressionFormat.detect([]) == .none)
        #expect(CompressionFormat.detect([0x1F, 0x8B]) == .none)
        #expect(CompressionFormat.detect([0x28, 0xB5, 0x2F]) == .none)
        #expect(CompressionFormat.detect(Array("{\"a\"".utf8)) == .none)
    }
}
