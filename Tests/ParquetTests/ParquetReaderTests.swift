import Testing

@testable import Parquet

struct ParquetReaderTests {
    @Test(arguments: [[], [0], [1], [2, 3], [45], [50, 21]])
    func `every value that was written is read`(rowGroups: [Int]) throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: rowGroups)))
        let written = rowGroups.filter { $0 > 0 }
        #expect(try reader.schema == SampleFile.schema())
        #expect(reader.rowGroups.map(\.rowCount) == written)
        #expect(reader.rowCount == Int64(rowGroups.reduce(0, +)))
        for (group, rowCount) in written.enumerated() {
            let expected = SampleFile.columns(rowCount: rowCount, seed: 1 + UInt64(group))
            for field in reader.schema.fields.indices {
                let column = try reader.readColumn(rowGroup: group, field: field)
                #expect(column.described() == expected[field].described(), "\(reader.schema.fields[field].name)")
            }
        }
    }

    @Test func `any stretch of rows is read as it lies in the whole`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [50], pageRowCount: 8)))
        let expected = SampleFile.columns(rowCount: 50, seed: 1)
        for rows in [0..<0, 0..<1, 7..<9, 8..<16, 13..<41, 49..<50, 50..<50, 0..<50] {
            for field in reader.schema.fields.indices {
                let column = try reader.readColumn(rowGroup: 0, field: field, rows: rows)
                #expect(column.described() == expected[field].described(rows), "\(reader.schema.fields[field].name) \(rows)")
                #expect(column.rowCount == rows.count)
            }
        }
    }

    @Test func `rows, fields and row groups that are not there are refused`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [5])))
        expectError(.outOfRange) { _ = try reader.readColumn(rowGroup: 1, field: 0) }
        expectError(.outOfRange) { _ = try reader.readColumn(rowGroup: 0, field: 99) }
        expectError(.outOfRange) { _ = try reader.readColumn(rowGroup: 0, field: 0, rows: 3..<6) }
        expectError(.outOfRange) { _ = try reader.readColumn(rowGroup: 0, field: 0, rows: -1..<2) }
        expectError(.outOfRange) { _ = try reader.pageIndex(rowGroup: 0, leaf: -1) }
        expectError(.outOfRange) { _ = try reader.bloomFilter(rowGroup: -1, leaf: 0) }
    }

    @Test func `metadata, writer and sorting come back`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [5])))
        #expect(reader.metadata("proofline.seals") == "[\"ü\"]")
        #expect(reader.metadata("empty") == "")
        #expect(reader.metadata("missing") == nil)
        #expect(reader.createdBy == "proofline version 1")
        #expect(reader.rowGroups[0].sortingColumns == [ParquetSortingColumn("seq", areNullsFirst: false)])
    }

    @Test func `statistics tell bounds and absent values`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [40])))
        let seq = try #require(reader.rowGroups[0].chunks[0].statistics)
        #expect(seq.minimumInt64 == 1000)
        #expect(seq.maximumInt64 == 1039)
        #expect(seq.nullCount == 0)
        let source = try #require(reader.rowGroups[0].chunks[4].statistics)
        #expect(source.minimum == Array("github".utf8))
        #expect(source.maximum == Array("okta".utf8))
        let nothing = try #require(reader.rowGroups[0].chunks[7].statistics)
        #expect(nothing.minimum == nil && nothing.maximum == nil)
        #expect(nothing.nullCount == 40)
    }

    @Test func `the page index tells rows and bounds of each page`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [45], pageRowCount: 20)))
        let seq = try #require(try reader.pageIndex(rowGroup: 0, leaf: 0))
        #expect(seq.pages.map(\.rows) == [0..<20, 20..<40, 40..<45])
        #expect(seq.pages.map(\.statistics.minimumInt64) == [1000, 1020, 1040])
        #expect(seq.pages.map(\.statistics.maximumInt64) == [1019, 1039, 1044])
        let nothing = try #require(try reader.pageIndex(rowGroup: 0, leaf: 7))
        #expect(nothing.pages.allSatisfy { $0.isAllNull && $0.statistics.minimum == nil })
        #expect(nothing.pages.map(\.rows) == [0..<45], "pages that all say the same are one page")
        #expect(nothing.pages.map(\.statistics.nullCount) == [45])
    }

    @Test func `bloom filters hold what the column holds`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [40])))
        let seq = try #require(try reader.bloomFilter(rowGroup: 0, leaf: 0))
        #expect((1000..<1040 as Range<Int64>).allSatisfy { seq.mayContain($0) })
        let actor = try #require(try reader.bloomFilter(rowGroup: 0, leaf: 5))
        let values = try #require(try reader.readColumn(rowGroup: 0, field: 5).leaves[0].byteValues)
        for slot in 0..<40 {
            if let text = values.string(slot) { #expect(actor.mayContain(text)) }
        }
        #expect(!actor.mayContain("nobody at all"))
        #expect(try reader.bloomFilter(rowGroup: 0, leaf: 4) == nil)
        #expect(!reader.rowGroups[0].chunks[4].hasBloomFilter)
    }

    @Test func `repeating strings come as codes into distinct entries`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [40], pageRowCount: 10)))
        let source = try #require(try reader.readColumn(rowGroup: 0, field: 4).leaves[0].byteValues)
        #expect(source.dictionary.strings == ["okta", "github"])
        #expect(source.isDictionaryDistinct)
        #expect(Array(source.codes[..<4]) == [0, 1, 1, 0])
    }

    @Test func `a file that is no Parquet file is told from one that is cut`() throws {
        expectError(.notParquet) { _ = try ParquetReader(ParquetBytes([])) }
        expectError(.notParquet) { _ = try ParquetReader(ParquetBytes(Array("SQLite format 3, surely".utf8))) }
        let whole = try SampleFile.bytes(rowGroups: [3])
        expectError(.truncated) { _ = try ParquetReader(ParquetBytes(Array(whole.dropLast()))) }
        expectError(.truncated) { _ = try ParquetReader(ParquetBytes(Array(whole.prefix(100)))) }
    }

    @Test func `limits hold`() throws {
        let bytes = try ParquetBytes(SampleFile.bytes(rowGroups: [30]))
        var limits = ParquetReaderLimits()
        limits.rowGroupRows = 29
        expectError(.limit) { _ = try ParquetReader(bytes, limits: limits) }
        limits = ParquetReaderLimits()
        limits.footerBytes = 100
        expectError(.limit) { _ = try ParquetReader(bytes, limits: limits) }
        limits = ParquetReaderLimits()
        limits.leafCount = 5
        expectError(.limit) { _ = try ParquetReader(bytes, limits: limits) }
        limits = ParquetReaderLimits()
        limits.chunkValues = 29
        expectError(.limit) { _ = try ParquetReader(bytes, limits: limits) }
        limits = ParquetReaderLimits()
        limits.pageBytes = 10
        let reader = try ParquetReader(bytes, limits: limits)
        expectError(.limit) { _ = try reader.readColumn(rowGroup: 0, field: 4) }
    }

    @Test func `a file on disk is mapped, and a missing one is named`() throws {
        let error = #expect(throws: ParquetError.self) { try ParquetBytes(mapping: "/nonexistent/segment.parquet") }
        #expect(error?.code == .io)
        #expect(error?.path == "/nonexistent/segment.parquet")
        #expect(error?.description.contains("No such file") == true)
    }
}
