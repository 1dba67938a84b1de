import Testing

@testable import Parquet

struct DeltaBinaryPackedTests {
    static func encode(_ values: [Int64]) -> [UInt8] {
        var output = PageBuffer(capacity: 1)
        DeltaBinaryPacked.encode(values, count: values.count, into: &output)
        return output.array
    }

    static func decode(_ bytes: [UInt8], count: Int) throws -> [Int64] {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw, fileOffset: 0)
            guard DeltaBinaryPacked.isPossible(count: count, byteCount: reader.remaining) else { throw reader.error(.truncated, "ends") }
            var output = [Int64](repeating: 0, count: count)
            try DeltaBinaryPacked.decode(&reader, into: &output, count: count)
            return output
        }
    }

    @Test func `equal steps take no room`() {
        // Header: 128 values a block, 4 miniblocks, 5 values, first 1; block: smallest delta 1, four widths of 0.
        #expect(Self.encode([1, 2, 3, 4, 5]) == [0x80, 1, 4, 5, 2, 2, 0, 0, 0, 0])
    }

    @Test func `the second example of the specification has the widths it says`() {
        // Deltas -2 -2 -2 1 1 1 1; smallest -2 (zigzag 3); the first miniblock takes 2 bits: 0 0 0 3 3 3 3.
        let bytes = Self.encode([7, 5, 3, 1, 2, 3, 4, 5])
        #expect(Array(bytes.prefix(5 + 1 + 4)) == [0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0])
        #expect(Array(bytes.dropFirst(10)) == [0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0])
    }

    @Test(arguments: [0, 1, 2, 32, 33, 128, 129, 130, 300])
    func `any number of values survives`(count: Int) throws {
        let values = (0..<count).map { index -> Int64 in
            let size = Int64(index) &* 0x1234_5678_9ABC
            return index % 3 == 0 ? -size : size
        }
        #expect(try Self.decode(Self.encode(values), count: count) == values)
    }

    @Test func `the extremes survive, wrapping`() throws {
        let values: [Int64] = [.min, .max, 0, .max, .min, -1, 1, .min, .min, .max]
        #expect(try Self.decode(Self.encode(values), count: values.count) == values)
    }

    @Test func `another number of values than expected is corrupt`() {
        expectError(.corrupt) { _ = try Self.decode(Self.encode([1, 2, 3]), count: 4) }
    }

    @Test func `impossible block sizes are corrupt`() {
        for head: [UInt8] in [[0, 4], [0x80, 1, 0], [0x80, 1, 3], [0x80, 1, 8], [100, 4], [0x80, 0x80, 0x80, 1, 4]] {
            expectError(.corrupt) { _ = try Self.decode(head + [2, 0, 0, 0, 0, 0, 0], count: 2) }
        }
    }

    @Test func `a width above 64 bits is corrupt`() {
        expectError(.corrupt) { _ = try Self.decode([0x80, 1, 4, 2, 0, 0, 65, 0, 0, 0], count: 2) }
    }

    @Test func `data cut anywhere is truncated`() {
        let whole = Self.encode([5, 9, 2, 40, 7, 7, 100, -3])
        for end in 0..<whole.count {
            expectError(.truncated) { _ = try Self.decode(Array(whole[..<end]), count: 8) }
        }
    }

    @Test func `millions of announced values without data cost no memory`() {
        expectError(.truncated) { _ = try Self.decode([0x80, 1, 4] + [0x80, 0x80, 0x80, 0x20] + [0], count: 1 << 26) }
    }
}
