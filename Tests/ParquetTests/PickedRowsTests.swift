import Testing

@testable import Parquet

/// Rows picked from a page, and entries from a dictionary, are what the whole page and the whole dictionary say.
struct PickedRowsTests {
    private static func slots(_ page: ParquetPage, _ dictionary: ParquetEntries?) -> [Slot] {
        (0..<page.slotCount).map { slot in
            switch page.values {
            case .codes(let codes): codes[slot] == ByteValues.absent ? .absent : .bytes(dictionary?[Int(codes[slot])] ?? [])
            case .entries(let codes, let entries): codes[slot] == ByteValues.absent ? .absent : .bytes(entries[Int(codes[slot])])
            case .int64(let integers): integers[slot].map { .int64($0) } ?? .absent
            case .boolean(let values): values[slot] > 1 ? .absent : .boolean(values[slot] == 1)
            }
        }
    }

    @Test(arguments: [UInt64(7), 8, 9], [1, 20, 100, 1_000])
    func `picked rows say what their page says`(seed: UInt64, pageRowCount: Int) throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [383], pageRowCount: pageRowCount, seed: seed)))
        var random = SeededRandom(seed: seed)
        for leaf in reader.schema.leaves.indices where reader.schema.leaves[leaf].type.physicalType != .boolean {
            let layout = try #require(try reader.pageLayout(rowGroup: 0, leaf: leaf))
            let dictionary = try reader.dictionary(rowGroup: 0, leaf: leaf)
            let name = "seed \(seed) \(reader.schema.leaves[leaf].dottedPath)"
            for number in [0, layout.count / 2, layout.count - 1] {
                let whole = try reader.page(rowGroup: 0, leaf: leaf, page: number)
                let all = Self.slots(whole, dictionary)
                let share = Int.random(in: 1...8, using: &random)
                let rows = (0..<whole.rows.count).filter { _ in Int.random(in: 0..<share, using: &random) == 0 }
                let picked = try reader.page(rowGroup: 0, leaf: leaf, page: number, rows: rows)
                let found = Self.slots(picked, dictionary)
                guard let lists = whole.lists, let own = picked.lists else {
                    #expect(found == rows.map { all[$0] }, "\(name)")
                    continue
                }
                for (place, row) in rows.enumerated() {
                    let expected = Array(all[lists.slots(ofRow: row)])
                    #expect(Array(found[own.slots(ofRow: place)]) == expected, "\(name) row \(row)")
                }
            }
        }
    }

    @Test func `rows beyond a page are out of range`() throws {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [10])))
        expectError(.outOfRange) { _ = try reader.page(rowGroup: 0, leaf: 0, page: 0, rows: [3, 10]) }
        expectError(.outOfRange) { _ = try reader.page(rowGroup: 0, leaf: 0, page: 1, rows: [0]) }
    }

    // MARK: Dictionaries

    private static func dictionaryFile(_ count: Int) throws -> (bytes: [UInt8], entries: [String]) {
        let entries = (0..<count).map { "entry \($0) " + String(repeating: "x", count: $0 % 23) }
        let writer = try ParquetWriter(schema: ParquetSchema([.optional("x", .string)]))
        try writer.appendRowGroup([.strings(entries + entries + entries)])
        return (try writer.finish(), entries)
    }

    @Test func `frames hold a power of two of entries and 16 KiB or more`() {
        #expect(DictionaryFrames.entryCount(of: 100, byteCount: 32_767) == nil)
        #expect(DictionaryFrames.entryCount(of: 100, byteCount: 32_768) == 64)
        #expect(DictionaryFrames.entryCount(of: 10_000, byteCount: 210_000) == 1_024)
        #expect(DictionaryFrames.entryCount(of: 1, byteCount: 1 << 20) == nil)
        #expect(DictionaryFrames.entryCount(of: 3, byteCount: 3 << 20) == 1)
        #expect(DictionaryFrames.entryCount(of: 1 << 26, byteCount: 64 << 20) == 16_384)
    }

    @Test(arguments: [40, 1_000, 2_000, 8_192, 20_011])
    func `entries are found wherever they lie`(count: Int) throws {
        let (bytes, entries) = try Self.dictionaryFile(count)
        let reader = try ParquetReader(ParquetBytes(bytes))
        #expect(try reader.dictionary(rowGroup: 0, leaf: 0)?.count == count)
        var random = SeededRandom(seed: UInt64(count))
        for share in [1, 7, 300, 5_000] {
            let wanted = (0..<count).filter { _ in Int.random(in: 0..<share, using: &random) == 0 }
            var found: [String] = []
            let isThere = try reader.withEntries(wanted, rowGroup: 0, leaf: 0) { number, bytes throws(ParquetError) in
                #expect(number == found.count)
                found.append(String(decoding: bytes, as: UTF8.self))
            }
            #expect(isThere && found == wanted.map { entries[$0] })
        }
        let ranges = [3..<9, 9..<10, count / 2..<count - 1, count - 1..<count + 5]
        var places: [Int] = []
        let total = try reader.forEachEntry(in: ranges, rowGroup: 0, leaf: 0) { place, bytes throws(ParquetError) in
            #expect(String(decoding: bytes, as: UTF8.self) == entries[place])
            places.append(place)
        }
        #expect(total == count && places == ranges.flatMap { Array($0.clamped(to: 0..<count)) })
        expectError(.corrupt) { _ = try reader.withEntries([count], rowGroup: 0, leaf: 0) { _, _ throws(ParquetError) in } }
    }

    @Test func `a damaged frame is told or not needed, and never another entry`() throws {
        let (bytes, entries) = try Self.dictionaryFile(3_000)
        let wanted = [5, 2_999]
        for place in stride(from: 4, to: 20_000, by: 61) where place < bytes.count {
            var damaged = bytes
            damaged[place] ^= 0x10
            var found: [String] = []
            do {
                let reader = try ParquetReader(ParquetBytes(damaged))
                _ = try reader.withEntries(wanted, rowGroup: 0, leaf: 0) { _, bytes throws(ParquetError) in
                    found.append(String(decoding: bytes, as: UTF8.self))
                }
            } catch {
                continue
            }
            #expect(found.isEmpty || found == wanted.map { entries[$0] }, "byte \(place)")
        }
    }
}
