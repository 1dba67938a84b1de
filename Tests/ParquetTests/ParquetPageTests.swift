import Testing

@testable import Parquet

/// The value of a slot, for comparing what different ways of reading give.
enum Slot: Hashable {
    case absent
    case int64(Int64)
    case boolean(Bool)
    case bytes([UInt8])
}

extension LeafValues {
    /// The values slot by slot.
    var slots: [Slot] {
        switch self {
        case .int64(let column): column.values.indices.map { column[$0].map { .int64($0) } ?? .absent }
        case .boolean(let column): column.values.indices.map { column[$0].map { .boolean($0) } ?? .absent }
        case .bytes(let column): column.codes.map { $0 == ByteValues.absent ? .absent : .bytes(Array(column.dictionary[Int($0)])) }
        }
    }
}

/// Pages one by one are the column.
struct ParquetPageTests {
    /// All slots of a leaf, read page by page.
    static func slots(_ reader: ParquetReader, leaf: Int) throws -> [Slot] {
        let layout = try #require(try reader.pageLayout(rowGroup: 0, leaf: leaf))
        let dictionary = try reader.dictionary(rowGroup: 0, leaf: leaf)
        var slots: [Slot] = []
        var nextRow = 0
        for number in 0..<layout.count {
            let page = try reader.page(rowGroup: 0, leaf: leaf, page: number)
            #expect(page.rows == layout.rows(ofPage: number) && page.rows.lowerBound == nextRow)
            nextRow = page.rows.upperBound
            switch page.values {
            case .codes(let codes):
                slots += (0..<codes.count).map { codes[$0] == ByteValues.absent ? .absent : .bytes(dictionary?[Int(codes[$0])] ?? []) }
            case .entries(let codes, let entries):
                slots += (0..<codes.count).map { codes[$0] == ByteValues.absent ? .absent : .bytes(entries[Int(codes[$0])]) }
            case .int64(let integers):
                slots += (0..<integers.count).map { integers[$0].map { .int64($0) } ?? .absent }
                if case .values(let values, let present?) = integers {
                    for slot in values.indices where present[slot / 64] >> UInt64(slot % 64) & 1 == 0 { #expect(values[slot] == .min) }
                }
            case .boolean(let values): slots += values.map { $0 > 1 ? .absent : .boolean($0 == 1) }
            }
        }
        #expect(nextRow == reader.rowGroups[0].rowCount)
        return slots
    }

    @Test(arguments: [UInt64(5), 6], [1, 6, 20, 100])
    func `every page of every leaf says what the column says`(seed: UInt64, pageRowCount: Int) throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [83], pageRowCount: pageRowCount, seed: seed)))
        for (field, leaves) in reader.schema.leafRanges.enumerated() {
            let column = try reader.readColumn(rowGroup: 0, field: field)
            for (values, leaf) in zip(column.leaves, leaves) {
                #expect(try Self.slots(reader, leaf: leaf) == values.slots, "seed \(seed) \(reader.schema.leaves[leaf].dottedPath)")
                guard column.offsets != nil, let layout = try reader.pageLayout(rowGroup: 0, leaf: leaf) else { continue }
                for number in 0..<layout.count {
                    let page = try reader.page(rowGroup: 0, leaf: leaf, page: number)
                    let lists = try #require(page.lists)
                    let first = column.elements(of: page.rows.lowerBound).lowerBound
                    for row in page.rows {
                        let slots = lists.slots(ofRow: row - page.rows.lowerBound)
                        #expect(slots.count == column.elements(of: row).count)
                        if !slots.isEmpty { #expect(first + slots.lowerBound == column.elements(of: row).lowerBound) }
                        #expect(lists.isPresent(row - page.rows.lowerBound) == column.isPresent(row))
                    }
                }
            }
        }
    }

    @Test(arguments: [(255, 1), (256, 2), (65_535, 2), (65_536, 4)])
    func `codes are as narrow as the dictionary allows`(entryCount: Int, width: Int) throws {
        let schema = try ParquetSchema([.optional("x", .string)])
        let writer = try ParquetWriter(schema: schema)
        let strings = (0..<entryCount).map { "entry number \($0)" }
        try writer.appendRowGroup([.strings(strings + strings + [nil])])
        let reader = try ParquetReader(ParquetBytes(writer.finish()))
        #expect(try reader.dictionary(rowGroup: 0, leaf: 0)?.count == entryCount)
        let last = try #require(try reader.pageLayout(rowGroup: 0, leaf: 0)).count - 1
        guard case .codes(let codes) = try reader.page(rowGroup: 0, leaf: 0, page: last).values else {
            Issue.record("the page holds no codes")
            return
        }
        #expect(codes.byteCount == codes.count * width)
        #expect(codes[codes.count - 1] == ByteValues.absent && codes[codes.count - 2] == UInt32(entryCount - 1))
    }

    @Test func `a dictionary is searched for bytes`() throws {
        let schema = try ParquetSchema([.optional("x", .string)])
        let writer = try ParquetWriter(schema: schema)
        try writer.appendRowGroup([.strings(["", "a", "b", "ab", "a", "b", "ab", "", "ab", "ab", "ab", "ab", "a", "", "b"])])
        let dictionary = try #require(try ParquetReader(ParquetBytes(writer.finish())).dictionary(rowGroup: 0, leaf: 0))
        func find(_ text: String) -> Int? { Array(text.utf8).withUnsafeBytes { dictionary.firstIndex(of: $0) } }
        #expect(["", "a", "b", "ab"].map(find) == [0, 1, 2, 3])
        #expect(find("ba") == nil && find("abc") == nil)
        #expect(dictionary.string(3) == "ab" && dictionary.byteCount(3) == 2 && dictionary.withAll { $0[2].count } == 1)
    }

    @Test func `the page of a row is found`() {
        let layout = ParquetPageLayout(starts: [0, 4, 5, 90, 100])
        #expect((0..<100).allSatisfy { layout.rows(ofPage: layout.page(ofRow: $0)).contains($0) })
        #expect(layout.count == 4)
    }

    @Test func `pages and leaves that are not there are out of range`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [10])))
        expectError(.outOfRange) { _ = try reader.page(rowGroup: 0, leaf: 0, page: 1) }
        expectError(.outOfRange) { _ = try reader.page(rowGroup: 0, leaf: 0, page: -1) }
        expectError(.outOfRange) { _ = try reader.page(rowGroup: 1, leaf: 0, page: 0) }
        expectError(.outOfRange) { _ = try reader.dictionary(rowGroup: 0, leaf: 99) }
        expectError(.outOfRange) { _ = try reader.pageLayout(rowGroup: 0, leaf: -1) }
    }
}
