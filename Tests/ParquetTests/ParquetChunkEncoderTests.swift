import Testing

@testable import Parquet

/// Leaves encoded from borrowed buffers, whatever is in them, come back value by value.
struct ParquetChunkEncoderTests {
    /// A column of byte strings as a block would hold it.
    struct Texts {
        var entries: [[UInt8]] = []
        var codes: [UInt32] = []
        var kind = ParquetLeafInput.Entries.distinct
        var fixedLength: Int?

        var values: [[UInt8]?] { codes.map { $0 == ByteValues.absent ? nil : entries[Int($0)] } }

        func withInput<Result>(_ body: (ParquetLeafInput) throws -> Result) rethrows -> Result {
            let bytes = entries.flatMap { $0 }
            var offsets: [UInt32] = [0]
            for entry in entries { offsets.append((offsets.last ?? 0) + UInt32(entry.count)) }
            return try codes.withUnsafeBufferPointer { codes in
                try bytes.withUnsafeBytes { bytes in
                    if let fixedLength {
                        return try body(.fixed(codes: codes, entryBytes: bytes, entryLength: fixedLength, entries: kind))
                    }
                    return try offsets.withUnsafeBufferPointer { offsets in
                        try body(.bytes(codes: codes, entryBytes: bytes, entryOffsets: offsets, entries: kind))
                    }
                }
            }
        }
    }

    /// How many slots in a row lack a value: none, all, single ones, long stretches.
    enum Absence: CaseIterable {
        case none, all, single, stretches

        func flags(_ count: Int, _ random: inout SeededRandom) -> [Bool] {
            switch self {
            case .none: return Array(repeating: false, count: count)
            case .all: return Array(repeating: true, count: count)
            case .single: return (0..<count).map { _ in Int.random(in: 0..<4, using: &random) == 0 }
            case .stretches:
                var flags: [Bool] = []
                while flags.count < count {
                    let isAbsent = Bool.random(using: &random)
                    flags += Array(repeating: isAbsent, count: Int.random(in: 1..<150, using: &random))
                }
                return Array(flags[..<count])
            }
        }
    }

    /// Encodes one leaf and reads it back, whole and page by page.
    static func readBack(
        _ field: ParquetField, pageRowCount: Int, _ input: (ParquetChunkEncoder) throws -> ParquetEncodedChunk
    ) throws -> (reader: ParquetReader, column: ParquetColumn) {
        var options = ParquetWriterOptions()
        options.pageRowCount = pageRowCount
        options.bloomFilterFields = [field.name]
        let schema = try ParquetSchema([field])
        let writer = try ParquetWriter(schema: schema, options: options)
        try writer.appendRowGroup(chunks: [try input(ParquetChunkEncoder(schema: schema, options: options))])
        let reader = try ParquetReader(ParquetBytes(writer.finish()))
        let column = try reader.readColumn(rowGroup: 0, field: 0)
        for leaf in schema.leaves.indices {
            #expect(try ParquetPageTests.slots(reader, leaf: leaf) == column.leaves[leaf].slots)
        }
        return (reader, column)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `byte strings of any number of entries, absence and page size survive`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for entryCount in [1, 2, 5, 200, 255, 256, 300] {
            for absence in Absence.allCases {
                for (fixedLength, kind) in [(nil, .distinct), (nil, .oneBySlot), (nil, .mayRepeat), (16, .distinct), (16, .oneBySlot)]
                    as [(Int?, ParquetLeafInput.Entries)]
                {
                    let rowCount = Int.random(in: 1..<700, using: &random)
                    var texts = Texts(kind: kind, fixedLength: fixedLength)
                    for entry in 0..<entryCount {
                        let length = fixedLength.map { $0 - 2 } ?? Int.random(in: 0..<30, using: &random)
                        texts.entries.append([UInt8(entry & 127), UInt8(entry >> 7)] + Array(repeating: 120, count: length))
                    }
                    let isAbsent = absence.flags(rowCount, &random)
                    var code: UInt32 = 0
                    for row in 0..<rowCount {
                        if Int.random(in: 0..<3, using: &random) > 0 { code = UInt32.random(in: 0..<UInt32(entryCount), using: &random) }
                        texts.codes.append(isAbsent[row] ? ByteValues.absent : code)
                    }
                    let type: ParquetPrimitive = fixedLength == nil ? .string : .uuid
                    let pageRowCount = [1, 7, 64, 100, 4096].randomElement(using: &random) ?? 1
                    let (_, column) = try Self.readBack(.optional("x", type), pageRowCount: pageRowCount) { encoder in
                        try texts.withInput { try encoder.encode(leaf: 0, $0) }
                    }
                    let expected = texts.values.map { $0.map { Slot.bytes($0) } ?? .absent }
                    #expect(
                        column.leaves[0].slots == expected,
                        "seed \(seed): \(entryCount) entries, \(absence), \(kind), pages of \(pageRowCount)")
                }
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `integers of any step, absence and page size survive`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for width in [0, 1, 7, 8, 20, 31, 33, 57, 58, 63, 64] {
            for absence in Absence.allCases {
                let rowCount = Int.random(in: 1..<900, using: &random)
                let isAbsent = absence.flags(rowCount, &random)
                var value: Int64 = 0
                let values = (0..<rowCount).map { row -> Int64 in
                    let step = width == 0 ? 3 : Int64(bitPattern: random.next() >> UInt64(64 - width))
                    value = value &+ step
                    return isAbsent[row] ? .min : max(value, .min + 1)
                }
                let pageRowCount = [1, 7, 128, 129, 4096].randomElement(using: &random) ?? 1
                let (_, column) = try Self.readBack(.optional("n", .int64), pageRowCount: pageRowCount) { encoder in
                    try values.withUnsafeBufferPointer { try encoder.encode(leaf: 0, .int64($0)) }
                }
                let expected = values.map { $0 == .min ? Slot.absent : .int64($0) }
                #expect(column.leaves[0].slots == expected, "seed \(seed): width \(width), \(absence), pages of \(pageRowCount)")
            }
        }
    }

    @Test func `integers of few values become a dictionary, a sequence does not`() throws {
        func encodings(_ values: [Int64]) throws -> [String] {
            let (reader, column) = try Self.readBack(.optional("n", .int64), pageRowCount: 100) { encoder in
                try values.withUnsafeBufferPointer { try encoder.encode(leaf: 0, .int64($0)) }
            }
            #expect(column.leaves[0].slots == values.map { $0 == .min ? .absent : .int64($0) })
            return reader.rowGroups[0].chunks[0].encodings
        }
        #expect(try encodings((0..<1000).map { Int64($0) }) == ["DELTA_BINARY_PACKED", "RLE"])
        #expect(try encodings((0..<1000).map { _ in 7 }) == ["PLAIN", "RLE", "RLE_DICTIONARY"])
        #expect(try encodings((0..<1000).map { Int64($0 % 7) * 1_000_003 }) == ["PLAIN", "RLE", "RLE_DICTIONARY"])
        #expect(try encodings((0..<1000).map { $0 % 9 == 0 ? .min : Int64($0 / 200) * 1_000_003 }) == ["PLAIN", "RLE", "RLE_DICTIONARY"])
        #expect(try encodings((0..<1000).map { _ in .min }) == ["PLAIN", "RLE"])
    }

    @Test func `codes that repeat lie at whole bytes, codes that do not are packed`() throws {
        var random = SeededRandom(seed: 5)
        func size(_ codes: [UInt32]) throws -> (raw: Int, compressed: Int) {
            let texts = Texts(entries: (0..<1_200).map { Array("entry \($0)".utf8) }, codes: Array(0..<1_200) + codes)
            let (reader, column) = try Self.readBack(.optional("x", .string), pageRowCount: 4_096) { encoder in
                try texts.withInput { try encoder.encode(leaf: 0, $0) }
            }
            #expect(column.leaves[0].slots == texts.values.map { $0.map { Slot.bytes($0) } ?? .absent })
            let layout = try #require(try reader.pageLayout(rowGroup: 0, leaf: 0))
            #expect(layout.count == 4)
            let chunk = reader.rowGroups[0].chunks[0]
            return (chunk.uncompressedByteCount, chunk.compressedByteCount)
        }
        // Eleven bits are needed; a session of some rows has the same few entries again and again.
        let noise = try size((0..<12_000).map { _ in UInt32.random(in: 0..<1_200, using: &random) })
        var sessions: [UInt32] = []
        while sessions.count < 12_000 {
            let own = (0..<3).map { _ in UInt32.random(in: 0..<1_200, using: &random) }
            for _ in 0..<8 { sessions += own }
        }
        let repeating = try size(Array(sessions.prefix(12_000)))
        #expect(repeating.raw > noise.raw + 12_000 / 2 && repeating.compressed < noise.compressed)
    }

    @Test func `what is the same in all rows is one page`() throws {
        var texts = Texts(entries: [Array("unused".utf8), Array("same".utf8)], codes: Array(repeating: 1, count: 5_000))
        let (reader, _) = try Self.readBack(.optional("x", .string), pageRowCount: 64) { encoder in
            try texts.withInput { try encoder.encode(leaf: 0, $0) }
        }
        #expect(try reader.pageLayout(rowGroup: 0, leaf: 0)?.count == 1)
        guard case .codes(.uniform(0, count: 5_000)) = try reader.page(rowGroup: 0, leaf: 0, page: 0).values else {
            Issue.record("the page is not known to be uniform")
            return
        }
        #expect(reader.rowGroups[0].chunks[0].compressedByteCount < 200)
        texts.codes[4_999] = ByteValues.absent
        let (cut, _) = try Self.readBack(.optional("x", .string), pageRowCount: 64) { encoder in
            try texts.withInput { try encoder.encode(leaf: 0, $0) }
        }
        #expect(try cut.pageLayout(rowGroup: 0, leaf: 0)?.count == 79)
    }

    @Test func `codes that begin above 0, out of order, or with entries nobody uses leave no trace`() throws {
        let schema = try ParquetSchema([.optional("x", .string)])
        func bytes(_ entries: [String], _ codes: [UInt32], _ kind: ParquetLeafInput.Entries) throws -> [UInt8] {
            let texts = Texts(entries: entries.map { Array($0.utf8) }, codes: codes, kind: kind)
            return try texts.withInput { try ParquetChunkEncoder(schema: schema).encode(leaf: 0, $0).bytes }
        }
        let none = ByteValues.absent
        let expected = try bytes(["b", "a", "c"], [0, none, 1, 0, 2, 1, 0], .distinct)
        #expect(try bytes(["?", "b", "a", "c", "?"], [1, none, 2, 1, 3, 2, 1], .distinct) == expected)
        #expect(try bytes(["a", "b", "?", "c"], [1, none, 0, 1, 3, 0, 1], .distinct) == expected)
        #expect(try bytes(["a", "b", "a", "c", "b"], [1, none, 2, 4, 3, 0, 1], .mayRepeat) == expected)
    }

    @Test(arguments: [UInt64(1), 2])
    func `a part of a block's lists is encoded as lists of their own`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let field = ParquetField.structs(
            "targets", [ParquetMember("type", .string, isOptional: false), ParquetMember("id", .string, isOptional: true)])
        let schema = try ParquetSchema([field])
        var offsets: [UInt32] = [0]
        for _ in 0..<300 { offsets.append((offsets.last ?? 0) + UInt32.random(in: 0..<4, using: &random)) }
        let slotCount = Int(offsets.last ?? 0)
        var types = Texts(entries: [Array("user".utf8), Array("file".utf8)])
        var ids = Texts(kind: .oneBySlot)
        for slot in 0..<slotCount {
            types.codes.append(UInt32.random(in: 0..<2, using: &random))
            ids.entries.append(Array("id \(slot)".utf8))
            ids.codes.append(slot % 5 == 2 ? ByteValues.absent : UInt32(slot))
        }
        for rows in [0..<300, 37..<219, 299..<300] {
            var options = ParquetWriterOptions()
            options.pageRowCount = 20
            let encoder = try ParquetChunkEncoder(schema: schema, options: options)
            let part = Array(offsets[rows.lowerBound...rows.upperBound])
            let chunks = try part.withUnsafeBufferPointer { part in
                let lists = ParquetListInput(offsets: part)
                // The order does not matter.
                let id = try ids.withInput { try encoder.encode(leaf: 1, $0, lists: lists) }
                return [try types.withInput { try encoder.encode(leaf: 0, $0, lists: lists) }, id]
            }
            let writer = try ParquetWriter(schema: schema, options: options)
            try writer.appendRowGroup(chunks: chunks)
            let reader = try ParquetReader(ParquetBytes(writer.finish()))
            let column = try reader.readColumn(rowGroup: 0, field: 0)
            let slots = Int(part[0])..<Int(part[part.count - 1])
            #expect(column.offsets == part.map { $0 - part[0] })
            #expect(column.leaves[0].slots == types.values[slots].map { .bytes($0 ?? []) }, "seed \(seed) rows \(rows)")
            #expect(column.leaves[1].slots == ids.values[slots].map { $0.map { .bytes($0) } ?? .absent })
            for leaf in 0..<2 { #expect(try ParquetPageTests.slots(reader, leaf: leaf) == column.leaves[leaf].slots) }
        }
    }

    @Test func `lists that are all empty, or all absent, are one page`() throws {
        let schema = try ParquetSchema([.list("roles", of: .string)])
        for presence in [UInt8(0), 1] {
            let offsets = [UInt32](repeating: 5, count: 401)
            let flags = [UInt8](repeating: presence, count: 400)
            var options = ParquetWriterOptions()
            options.pageRowCount = 20
            let chunk = try offsets.withUnsafeBufferPointer { offsets in
                try flags.withUnsafeBufferPointer { flags in
                    try ParquetChunkEncoder(schema: schema, options: options).encode(
                        leaf: 0, .absent(count: 5), lists: ParquetListInput(offsets: offsets, presence: flags))
                }
            }
            let writer = try ParquetWriter(schema: schema, options: options)
            try writer.appendRowGroup(chunks: [chunk])
            let reader = try ParquetReader(ParquetBytes(writer.finish()))
            #expect(try reader.page(rowGroup: 0, leaf: 0, page: 0).lists == .empty(areAbsent: presence == 0))
            let column = try reader.readColumn(rowGroup: 0, field: 0)
            #expect(column.rowCount == 400 && (0..<400).allSatisfy { column.isPresent($0) == (presence == 1) })
        }
    }

    @Test func `random bytes are stored as they are, in frames that every reader takes`() throws {
        var random = SeededRandom(seed: 11)
        var texts = Texts(kind: .oneBySlot, fixedLength: 16)
        for row in 0..<2_000 {
            texts.entries.append((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
            texts.codes.append(UInt32(row))
        }
        let (reader, column) = try Self.readBack(.optional("id", .uuid), pageRowCount: 50) { encoder in
            try texts.withInput { try encoder.encode(leaf: 0, $0) }
        }
        #expect(column.leaves[0].slots == texts.values.map { .bytes($0 ?? []) })
        #expect(reader.rowGroups[0].chunks[0].compressedByteCount < 2_000 * 16 + 40 * 60)
    }

    @Test func `input that does not fit is refused`() throws {
        let schema = try ParquetSchema([
            .optional("text", .string), .required("id", .uuid), .list("roles", of: .string, isOptional: false), .required("n", .int64),
        ])
        let encoder = try ParquetChunkEncoder(schema: schema)
        let text = Texts(entries: [Array("a".utf8)], codes: [0, 1])
        func refused(_ leaf: Int, _ texts: Texts, lists: [UInt32]? = nil, presence: [UInt8]? = nil) {
            expectError(.invalidColumn) {
                try texts.withInput { input in
                    guard let lists else { return _ = try encoder.encode(leaf: leaf, input) }
                    try lists.withUnsafeBufferPointer { lists in
                        guard let presence else {
                            return _ = try encoder.encode(leaf: leaf, input, lists: ParquetListInput(offsets: lists))
                        }
                        try presence.withUnsafeBufferPointer {
                            _ = try encoder.encode(leaf: leaf, input, lists: ParquetListInput(offsets: lists, presence: $0))
                        }
                    }
                }
            }
        }
        refused(0, text)
        refused(0, Texts(entries: [Array("a".utf8)], codes: [7, 7]))
        refused(0, Texts(entries: [Array("a".utf8)], codes: [0, ByteValues.absent - 1]))
        refused(0, Texts(entries: [[0xC3, 0x28]], codes: [0]))
        refused(0, Texts(entries: [Array("a".utf8)], codes: []))
        refused(0, text, lists: [0, 1])
        refused(1, Texts(entries: [Array(repeating: 1, count: 16)], codes: [0, ByteValues.absent], fixedLength: 16))
        refused(1, Texts(entries: [Array(repeating: 1, count: 15)], codes: [0], fixedLength: 15))
        refused(2, Texts(entries: [Array("a".utf8)], codes: [0]))
        refused(2, Texts(entries: [Array("a".utf8)], codes: [0]), lists: [0, 2])
        refused(2, Texts(entries: [Array("a".utf8)], codes: [0]), lists: [1, 0])
        refused(2, Texts(entries: [Array("a".utf8)], codes: [0]), lists: [])
        refused(2, Texts(entries: [Array("a".utf8)], codes: [0]), lists: [0, 0, 1], presence: [0, 1])
        refused(2, Texts(entries: [Array("a".utf8)], codes: [0]), lists: [0, 0, 1], presence: [0])
        refused(3, text)
    }

    @Test func `chunks of other leaves or row counts are refused`() throws {
        let schema = try ParquetSchema([.optional("a", .string), .optional("b", .string)])
        let encoder = try ParquetChunkEncoder(schema: schema)
        let first = try encoder.encode(leaf: 0, .absent(count: 3))
        let second = try encoder.encode(leaf: 1, .absent(count: 4))
        let writer = try ParquetWriter(schema: schema)
        expectError(.invalidColumn) { try writer.appendRowGroup(chunks: [first]) }
        expectError(.invalidColumn) { try writer.appendRowGroup(chunks: [second, first]) }
        expectError(.invalidColumn) { try writer.appendRowGroup(chunks: [first, second]) }
        try writer.appendRowGroup(chunks: [first, try encoder.encode(leaf: 1, .absent(count: 3))])
        #expect(try writer.finishPieces().flatMap { $0 }.suffix(4) == Array("PAR1".utf8))
    }
}
