import Testing

@testable import Parquet

struct SplitBlockBloomFilterTests {
    @Test func `what was entered is found, and little else`() {
        var filter = SplitBlockBloomFilter(valueCount: 1000, bitsPerValue: 16.9)
        for value in 0..<1000 as Range<Int64> { filter.insert(hash: XXH64.hash(value)) }
        #expect((0..<1000 as Range<Int64>).allSatisfy { filter.mayContain($0) })
        let false1 = (1000..<11000 as Range<Int64>).count { filter.mayContain($0) }
        #expect(false1 < 60, "0.1 % of 10,000 are expected, \(false1) came")
    }

    @Test func `an empty filter holds nothing and has one block`() {
        let filter = SplitBlockBloomFilter(valueCount: 0, bitsPerValue: 10.5)
        #expect(filter.words.count == 8)
        #expect(!filter.mayContain("anything"))
    }

    @Test func `a filter survives writing and reading`() throws {
        var filter = SplitBlockBloomFilter(valueCount: 50, bitsPerValue: 10.5)
        for value in 0..<50 as Range<Int64> { filter.insert(hash: XXH64.hash(value)) }
        let read = try filter.encoded.withUnsafeBytes { try SplitBlockBloomFilter(from: $0, fileOffset: 0) }
        #expect(read == filter)
    }

    @Test func `a filter cut anywhere is an error`() {
        let whole = SplitBlockBloomFilter(valueCount: 1, bitsPerValue: 10.5).encoded
        for end in 0..<whole.count {
            expectError(.truncated) {
                try Array(whole[..<end]).withUnsafeBytes { _ = try SplitBlockBloomFilter(from: $0, fileOffset: 0) }
            }
        }
    }

    @Test func `a size that is no number of blocks is corrupt`() {
        for size: Int32 in [0, -32, 31, 33] {
            var writer = ThriftWriter()
            writer.structure { header in
                header.int32(1, size)
                for choice: Int16 in 2...4 { header.structure(choice) { $0.emptyStructure(1) } }
            }
            let bytes = writer.bytes + [UInt8](repeating: 0, count: 64)
            expectError(.corrupt) { try bytes.withUnsafeBytes { _ = try SplitBlockBloomFilter(from: $0, fileOffset: 0) } }
        }
    }
}
