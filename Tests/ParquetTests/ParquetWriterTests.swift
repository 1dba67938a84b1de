import Testing

@testable import Parquet

struct ParquetWriterTests {
    static func write(_ fields: [ParquetField], _ columns: [ParquetColumn]) throws -> ParquetReader {
        let writer = try ParquetWriter(schema: ParquetSchema(fields))
        try writer.appendRowGroup(columns)
        return try ParquetReader(ParquetBytes(writer.finish()))
    }

    @Test func `equal input gives equal bytes`() throws {
        #expect(try SampleFile.bytes(rowGroups: [40, 7]) == SampleFile.bytes(rowGroups: [40, 7]))
    }

    @Test func `the order and repetition of a given dictionary leave no trace`() throws {
        let fields = [ParquetField.optional("name", .string)]
        let plain = ByteValues(["b", nil, "a", "b", "a", "b"])
        let shuffled = ByteValues(
            dictionary: ByteArrays(["unused", "a", "b", "a"]), codes: [2, ByteValues.absent, 3, 2, 1, 2], isDictionaryDistinct: false)
        func bytes(_ values: ByteValues) throws -> [UInt8] {
            let writer = try ParquetWriter(schema: ParquetSchema(fields))
            try writer.appendRowGroup([.bytes(values)])
            return try writer.finish()
        }
        #expect(try bytes(plain) == bytes(shuffled))
    }

    @Test func `output taken piece by piece is the whole file`() throws {
        let schema = try SampleFile.schema()
        let whole = try ParquetWriter(schema: schema)
        let pieces = try ParquetWriter(schema: schema)
        var taken: [UInt8] = []
        for seed in 1...3 as ClosedRange<UInt64> {
            try whole.appendRowGroup(SampleFile.columns(rowCount: 12, seed: seed))
            try pieces.appendRowGroup(SampleFile.columns(rowCount: 12, seed: seed))
            taken += pieces.takeOutput()
        }
        #expect(try taken + pieces.finish() == whole.finish())
    }

    @Test func `every chunk is compressed with zstd and has both indexes`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [30])))
        for chunk in reader.rowGroups[0].chunks {
            #expect(chunk.codec == "ZSTD")
            #expect(chunk.hasOffsetIndex && chunk.hasColumnIndex)
        }
    }

    @Test func `the encoding follows the content`() throws {
        let rows = 0..<200
        let reader = try Self.write(
            [
                .required("number", .int64), .required("repeating", .string), .required("distinct", .string),
                .required("digest", .fixed(length: 4)), .optional("nothing", .string), .required("flag", .boolean),
            ],
            [
                .int64(rows.map { Int64($0 * 10) }), .strings(rows.map { "value \($0 % 5)" }), .strings(rows.map { "value \($0)" }),
                .bytes(ByteValues(rows.map { "\(1000 + $0)" })), .strings(rows.map { _ in nil }), .boolean(rows.map { $0 % 2 == 0 }),
            ])
        #expect(
            reader.rowGroups[0].chunks.map(\.encodings) == [
                ["DELTA_BINARY_PACKED"], ["PLAIN", "RLE_DICTIONARY"], ["DELTA_LENGTH_BYTE_ARRAY"], ["PLAIN"], ["PLAIN", "RLE"], ["PLAIN"],
            ])
    }

    @Test func `a page ends at its bytes, between rows`() throws {
        var options = ParquetWriterOptions()
        options.pageBytes = 1000
        let writer = try ParquetWriter(schema: ParquetSchema([.required("text", .string)]), options: options)
        try writer.appendRowGroup([.strings((0..<10).map { "\($0)" + String(repeating: "x", count: 400) })])
        let reader = try ParquetReader(ParquetBytes(writer.finish()))
        #expect(try reader.pageIndex(rowGroup: 0, leaf: 0)?.pages.map(\.rows) == [0..<3, 3..<6, 6..<9, 9..<10])
    }

    @Test func `a very long string survives`() throws {
        let long = String(repeating: "0123456789", count: 300_000)
        let reader = try Self.write([.optional("text", .string)], [.strings([nil, long, "short", ""])])
        let values = try #require(try reader.readColumn(rowGroup: 0, field: 0).leaves[0].byteValues)
        #expect((0..<4).map { values.string($0) } == [nil, long, "short", ""])
        let statistics = try #require(reader.rowGroups[0].chunks[0].statistics)
        #expect(statistics.minimum == [])
        #expect(statistics.maximum == Array("short".utf8))
    }

    @Test func `a file without rows has a schema and no row group`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [0])))
        #expect(reader.rowCount == 0)
        #expect(reader.rowGroups.isEmpty)
        #expect(reader.schema.fields.count == 17)
    }

    @Test func `columns that do not fit are refused and named`() throws {
        let writer = try ParquetWriter(schema: ParquetSchema([.required("seq", .int64), .list("roles", of: .string)]))
        let roles = ParquetColumn.stringLists([["a"], nil])
        let seq = ParquetColumn.int64([1, 2])
        func refused(_ columns: [ParquetColumn], _ word: String) {
            let error = #expect(throws: ParquetError.self) { try writer.appendRowGroup(columns) }
            #expect(error?.code == .invalidColumn)
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        }
        refused([seq], "1 columns are given")
        refused([.int64([1]), roles], "has 2 rows where the first column has 1")
        refused([.strings(["a", "b"]), roles], "another type")
        refused([.int64([1, 2], present: [true, false]), roles], "required")
        refused([.int64([1, 2], present: [true]), roles], "presence flags")
        refused([ParquetColumn(offsets: [0, 1, 2], leaves: seq.leaves), roles], "scalar")
        refused([seq, .strings(["a", "b"])], "offsets")
        refused([seq, ParquetColumn(offsets: [0, 2, 1], leaves: [.bytes(ByteValues(["a"]))])], "ascend")
        refused([seq, ParquetColumn(offsets: [1, 1, 2], leaves: [.bytes(ByteValues(["a"]))])], "begin with 0")
        refused([seq, ParquetColumn(offsets: [0, 1, 2], leaves: [.bytes(ByteValues(["a"]))])], "1 values")
        refused([seq, ParquetColumn(offsets: [0, 1, 1], present: [false, true], leaves: [.bytes(ByteValues(["a"]))])], "absent")
        refused([seq, ParquetColumn(offsets: [0, 1, 1], leaves: [.bytes(ByteValues([nil]))])], "required")
        refused(
            [
                seq,
                ParquetColumn(
                    offsets: [0, 1, 1], leaves: [.bytes(ByteValues(dictionary: ByteArrays(["a"]), codes: [1], isDictionaryDistinct: true))]),
            ],
            "outside its dictionary")
        try writer.appendRowGroup([seq, roles])
        #expect(try ParquetReader(ParquetBytes(writer.finish())).rowCount == 2)
    }

    @Test func `text that is not UTF-8 and values of a wrong length are refused`() throws {
        var builder = ByteValuesBuilder()
        builder.append([0xC3, 0x28] as [UInt8])
        let bad = builder.values
        expectError(.invalidColumn) { _ = try Self.write([.required("text", .string)], [.bytes(bad)]) }
        expectError(.invalidColumn) { _ = try Self.write([.required("id", .uuid)], [.bytes(bad)]) }
        #expect(try Self.write([.required("raw", .binary)], [.bytes(bad)]).rowCount == 1)
    }

    @Test func `options that name an unknown field are refused`() throws {
        var options = ParquetWriterOptions()
        options.bloomFilterFields = ["missing"]
        let schema = try ParquetSchema([.required("seq", .int64), .list("roles", of: .string)])
        expectError(.invalidSchema) { _ = try ParquetWriter(schema: schema, options: options) }
        options.bloomFilterFields = []
        options.sortingColumns = [ParquetSortingColumn("roles")]
        expectError(.invalidSchema) { _ = try ParquetWriter(schema: schema, options: options) }
    }

    @Test func `a bound that cannot be shortened leaves the page index without bounds`() throws {
        let top = String(repeating: "\u{10FFFF}", count: 40)
        let reader = try Self.write([.required("text", .string)], [.strings(["a", top])])
        #expect(!reader.rowGroups[0].chunks[0].hasColumnIndex)
        #expect(reader.rowGroups[0].chunks[0].statistics?.minimum == Array("a".utf8))
        #expect(reader.rowGroups[0].chunks[0].statistics?.maximum == nil)
        let pages = try #require(try reader.pageIndex(rowGroup: 0, leaf: 0)).pages
        #expect(pages.map(\.rows) == [0..<2])
        #expect(pages[0].statistics.minimum == nil && !pages[0].isAllNull)
    }

    @Test func `columns that say the same are stored each at a place of its own`() throws {
        let schema = try ParquetSchema([.optional("a", .string), .required("n", .int64), .optional("b", .string), .optional("c", .binary)])
        let strings = (0..<500).map { "value \($0 * 7_919)" }
        func file(_ other: [String?]) throws -> (ParquetReader, Int) {
            let writer = try ParquetWriter(schema: schema)
            let number = ParquetColumn.int64((0..<500).map { Int64($0) })
            try writer.appendRowGroup([.strings(strings), number, .strings(other), .strings(strings)])
            let bytes = try writer.finish()
            return (try ParquetReader(ParquetBytes(bytes)), bytes.count)
        }
        let (equal, equalBytes) = try file(strings)
        let (apart, apartBytes) = try file(strings.dropLast() + [nil])
        #expect(equal.rowGroups[0].chunks[0].compressedByteCount == equal.rowGroups[0].chunks[2].compressedByteCount)
        #expect(abs(equalBytes - apartBytes) < 200)
        for field in [0, 2, 3] {
            #expect(try equal.readColumn(rowGroup: 0, field: field).leaves[0].slots == strings.map { .bytes(Array($0.utf8)) })
        }
        #expect(try apart.readColumn(rowGroup: 0, field: 2).leaves[0].slots.last == .absent)
    }
}
