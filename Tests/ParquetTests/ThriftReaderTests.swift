import Testing

@testable import Parquet

struct ThriftReaderTests {
    static func read<Result>(_ bytes: [UInt8], _ body: (inout ThriftReader) throws(ParquetError) -> Result) throws -> Result {
        try bytes.withUnsafeBufferPointer { raw throws(ParquetError) in
            var reader = ThriftReader(UnsafeRawBufferPointer(raw), fileOffset: 1000)
            return try body(&reader)
        }
    }

    static func skipAll(_ bytes: [UInt8]) throws {
        try read(bytes) { reader throws(ParquetError) in
            try reader.enterStructure()
            while let field = try reader.nextField() { try reader.skip(field) }
        }
    }

    @Test func `what the writer writes is read back`() throws {
        var writer = ThriftWriter()
        writer.structure { one in
            one.int32(1, -5)
            one.boolean(2, true)
            one.boolean(3, false)
            one.int64(40, .min)
            one.string(41, "ü")
            one.strings(42, (0..<20).map { "s\($0)" })
            one.booleans(43, [true, false])
            one.structure(44) { $0.int16(1, 7) }
        }
        var found: [String] = []
        try Self.read(writer.bytes) { reader throws(ParquetError) in
            try reader.enterStructure()
            while let field = try reader.nextField() {
                switch field.id {
                case 1: found.append("\(try reader.int32(field))")
                case 2, 3: found.append("\(try reader.boolean(field))")
                case 40: found.append("\(try reader.int64(field))")
                case 41: found.append(try reader.string(field))
                case 42: found.append("\(try reader.strings(field).count)")
                case 43: found.append("\(try reader.booleans(field))")
                default: try reader.skip(field)
                }
            }
        }
        #expect(found == ["-5", "true", "false", "\(Int64.min)", "ü", "20", "[true, false]"])
        try Self.skipAll(writer.bytes)
    }

    @Test func `nesting without end is refused before the stack is used up`() {
        // Field 1, a structure, again and again.
        expectError(.limit) { try Self.skipAll([UInt8](repeating: 0x1C, count: 100_000)) }
        // Field 1, a list of one list of one list …
        expectError(.limit) { try Self.skipAll([0x19] + [UInt8](repeating: 0x19, count: 100_000)) }
    }

    @Test func `a list longer than its data is refused without allocating for it`() {
        expectError(.truncated) { try Self.skipAll([0x19, 0xF5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]) }
        expectError(.truncated) {
            try Self.read([0x19, 0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]) { reader throws(ParquetError) in
                try reader.enterStructure()
                if let field = try reader.nextField() { _ = try reader.binaries(field) }
            }
        }
    }

    @Test func `a string longer than its data is truncated`() {
        expectError(.truncated) { try Self.skipAll([0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]) }
        expectError(.truncated) { try Self.skipAll([0x18, 5, 1, 2]) }
    }

    @Test func `unknown types and overlong numbers are corrupt`() {
        expectError(.corrupt) { try Self.skipAll([0x1E]) }
        expectError(.corrupt) { try Self.skipAll([0x15] + [UInt8](repeating: 0xFF, count: 11)) }
        expectError(.corrupt) { try Self.skipAll([0x05, 0xFF, 0xFF, 0x7F]) }
    }

    @Test func `a field of another type than expected is corrupt and names its place`() {
        let error = #expect(throws: ParquetError.self) {
            try Self.read([0x18, 1, 65, 0]) { reader throws(ParquetError) in
                try reader.enterStructure()
                if let field = try reader.nextField() { _ = try reader.int32(field) }
            }
        }
        #expect(error?.code == .corrupt)
        #expect(error?.offset == 1001)
    }

    @Test func `metadata text that is not UTF-8 is corrupt`() {
        expectError(.corrupt) {
            try Self.read([0x18, 2, 0xC3, 0x28, 0]) { reader throws(ParquetError) in
                try reader.enterStructure()
                if let field = try reader.nextField() { _ = try reader.string(field) }
            }
        }
    }

    @Test func `an index entry is read the same whatever its layout`() throws {
        func entries(_ bytes: [UInt8]) throws -> [OffsetIndex.Location] {
            try bytes.withUnsafeBytes { raw in
                var reader = ThriftReader(raw, fileOffset: 0)
                return try OffsetIndex(from: &reader).locations
            }
        }
        // A list of two entries: 1000, 50, 7; the second with an unknown field, and with its fields out of order.
        let usual: [UInt8] = [0x16, 0xD0, 0x0F, 0x15, 0x64, 0x16, 0x0E, 0]
        let unusual: [UInt8] = [0x36, 0x0E, 0x05, 0x04, 0x64, 0x06, 0x02, 0xD0, 0x0F, 0x46, 1, 0]
        let expected = OffsetIndex.Location(offset: 1000, byteCount: 50, firstRow: 7)
        #expect(try entries([0x19, 0x2C] + usual + unusual + [0]) == [expected, expected])
        // A length beyond 32 bits.
        expectError(.corrupt) { _ = try entries([0x19, 0x1C, 0x16, 2, 0x15, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0x16, 2, 0, 0]) }
        for end in 0..<usual.count { expectError(.truncated) { _ = try entries([0x19, 0x1C] + usual[..<end]) } }
    }
}
