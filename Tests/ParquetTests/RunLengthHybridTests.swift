import Testing

@testable import Parquet

struct RunLengthHybridTests {
    static func encode(_ values: [UInt32], width: Int) -> [UInt8] {
        var output = PageBuffer(capacity: 1)
        RunLengthHybrid.encode(values, count: values.count, width: width, into: &output)
        return output.array
    }

    static func decode(_ bytes: [UInt8], width: Int, count: Int) throws -> [UInt32] {
        var output = [UInt32](repeating: 0, count: count)
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw, fileOffset: 100)
            try RunLengthHybrid.decode(&reader, width: width, into: &output, count: count)
        }
        return output
    }

    @Test func `a run is one head and one value`() {
        #expect(Self.encode(Array(repeating: 5, count: 100), width: 3) == [200, 1, 5])
        #expect(Self.encode(Array(repeating: 300, count: 8), width: 9) == [16, 44, 1])
    }

    @Test func `unequal values are packed in groups of eight`() {
        #expect(Self.encode([0, 1, 2, 3, 4, 5, 6, 7], width: 3) == [3, 0b1000_1000, 0b1100_0110, 0b1111_1010])
        #expect(Self.encode([1, 0, 1], width: 1) == [3, 0b101])
    }

    @Test func `a run that begins inside a group is written from the next group on`() throws {
        let values: [UInt32] = [1, 0, 1] + Array(repeating: 1, count: 50) + [0]
        let bytes = Self.encode(values, width: 1)
        #expect(try Self.decode(bytes, width: 1, count: values.count) == values)
        #expect(bytes == [3, 0b1111_1101, 90, 1, 3, 0])
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `bits say the same as values of width 1`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for count in [1, 7, 8, 9, 63, 64, 65, 300, 1000] {
            var bits: [UInt64] = Array(repeating: 0, count: count / 64 + 1)
            var values: [UInt32] = []
            while values.count < count {
                let value = UInt32.random(in: 0...1, using: &random)
                let length = Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 40..<200, using: &random) : 1
                values += Array(repeating: value, count: min(length, count - values.count))
            }
            for (slot, value) in values.enumerated() where value == 1 { bits[slot / 64] |= 1 << UInt64(slot % 64) }
            var output = PageBuffer(capacity: 1)
            RunLengthHybrid.encode(bits: bits, count: count, into: &output)
            #expect(try Self.decode(output.array, width: 1, count: count) == values, "seed \(seed) count \(count)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func `any mixture of runs and single values survives`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for width in [1, 2, 7, 8, 9, 17, 32] {
            let mask = UInt32.max >> UInt32(32 - width)
            var values: [UInt32] = []
            while values.count < 300 {
                let value = UInt32(truncatingIfNeeded: random.next()) & mask
                values += Array(repeating: value, count: Int.random(in: 0..<4, using: &random) == 0 ? 23 : 1)
            }
            #expect(try Self.decode(Self.encode(values, width: width), width: width, count: values.count) == values, "seed \(seed)")
        }
    }

    @Test func `an empty run is corrupt`() {
        expectError(.corrupt) { _ = try Self.decode([0], width: 1, count: 1) }
        expectError(.corrupt) { _ = try Self.decode([1], width: 1, count: 1) }
    }

    @Test func `a value wider than its width is corrupt`() {
        expectError(.corrupt) { _ = try Self.decode([16, 4], width: 2, count: 8) }
    }

    @Test func `data that ends early is truncated`() {
        expectError(.truncated) { _ = try Self.decode([], width: 1, count: 1) }
        expectError(.truncated) { _ = try Self.decode([16], width: 8, count: 8) }
        expectError(.truncated) { _ = try Self.decode([3, 1, 2], width: 8, count: 8) }
    }

    @Test func `an impossible width is corrupt`() {
        expectError(.corrupt) { _ = try Self.decode([16, 0, 0, 0, 0, 0], width: 33, count: 8) }
    }

    @Test func `a run of astronomic length fills only what is wanted`() throws {
        #expect(try Self.decode([0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1], width: 1, count: 3) == [1, 1, 1])
        expectError(.truncated) { _ = try Self.decode([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], width: 32, count: 3) }
    }
}
