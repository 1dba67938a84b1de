@testable import Parquet

/// A small file with every type and shape, and rows that hold every special case.
enum SampleFile {
    static func schema() throws -> ParquetSchema {
        try ParquetSchema([
            .required("seq", .int64),
            .required("time", .timestampMicros),
            .optional("bound", .int64),
            .optional("ok", .boolean),
            .required("source", .string),
            .optional("actor.id", .string),
            .optional("event_id", .string),
            .optional("nothing", .string),
            .optional("address", .fixed(length: 4)),
            .optional("trace", .uuid),
            .required("raw", .binary),
            .list("roles", of: .string),
            .list("marks", of: .int64, isOptional: false),
            .structs(
                "targets",
                [
                    ParquetMember("type", .string, isOptional: false), ParquetMember("id", .string, isOptional: true),
                    ParquetMember("size", .int64, isOptional: true),
                ]),
            .map("attributes"),
            // The same as others in every row: stored once.
            .optional("event_id.again", .string),
            .optional("at", .timestampMillis),
        ])
    }

    static let words = ["", "a", "usr_4k2", "héllo wörld", "日本語", "😀", String(repeating: "long ", count: 30), "login"]

    /// Columns of `rowCount` rows for ``schema()``.
    static func columns(rowCount: Int, seed: UInt64) -> [ParquetColumn] {
        var random = SeededRandom(seed: seed)
        func rare() -> Bool { Int.random(in: 0..<4, using: &random) == 0 }
        func word() -> String { words.randomElement(using: &random) ?? "" }
        let rows = 0..<rowCount
        func bytes(_ length: Int) -> ParquetColumn {
            var builder = ByteValuesBuilder()
            for _ in rows {
                if rare() {
                    builder.appendAbsent()
                } else {
                    builder.append((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
                }
            }
            return .bytes(builder.values)
        }
        var raw = ByteValuesBuilder()
        for row in rows { raw.append((0..<row % 5).map { _ in UInt8.random(in: 0...255, using: &random) }) }
        var columns: [ParquetColumn] = [
            .int64(rows.map { Int64($0) + 1000 }),
            .int64(rows.map { 1_782_864_000_000_000 + Int64($0) * 1_000_003 }),
            ParquetColumn(leaves: [
                .int64(
                    Int64Values(
                        rows.map { _ in
                            rare() ? nil : [Int64.min, .max, 0, -1, 77].randomElement(using: &random)
                        }))
            ]),
            .boolean(rows.map { $0 % 3 == 0 && $0 % 4 != 0 }, present: rowCount > 4 ? rows.map { $0 % 4 != 0 } : nil),
            .strings(rows.map { $0 % 3 == 0 ? "okta" : "github" }),
            .strings(rows.map { _ in rare() ? nil : word() }),
            .strings(rows.map { rare() ? nil : "event-\($0)-\(random.next())" }),
            .strings(rows.map { _ in nil }),
            bytes(4),
            bytes(16),
            .bytes(raw.values),
            .stringLists(rows.map { _ in rare() ? nil : (0..<Int.random(in: 0..<4, using: &random)).map { _ in word() } }),
            marks(rowCount: rowCount, &random),
            targets(rowCount: rowCount, &random),
            attributes(rowCount: rowCount, &random),
        ]
        columns.append(columns[6])
        columns.append(.int64(rows.map { 1_782_864_000_000 + Int64($0) * 77 }))
        return columns
    }

    private static func marks(rowCount: Int, _ random: inout SeededRandom) -> ParquetColumn {
        var lists = ListOffsetsBuilder()
        for row in 0..<rowCount { lists.append(count: row % 3) }
        let values = (0..<Int(lists.offsets.last ?? 0)).map { _ in Int64.random(in: -50...50, using: &random) }
        return ParquetColumn(offsets: lists.offsets, leaves: [.int64(Int64Values(values))])
    }

    private static func targets(rowCount: Int, _ random: inout SeededRandom) -> ParquetColumn {
        var lists = ListOffsetsBuilder()
        for row in 0..<rowCount {
            if row % 5 == 1 { lists.appendAbsent() } else { lists.append(count: row % 4) }
        }
        let slots = 0..<Int(lists.offsets.last ?? 0)
        let ids = slots.map { _ in Bool.random(using: &random) ? words.randomElement(using: &random) : nil }
        return ParquetColumn(
            offsets: lists.offsets, present: lists.present,
            leaves: [
                .bytes(ByteValues(slots.map { $0 % 2 == 0 ? "user" : "repository" })), .bytes(ByteValues(ids)),
                .int64(Int64Values(slots.map { $0 % 3 == 0 ? nil : Int64($0) })),
            ])
    }

    private static func attributes(rowCount: Int, _ random: inout SeededRandom) -> ParquetColumn {
        var lists = ListOffsetsBuilder()
        for row in 0..<rowCount {
            if row % 7 == 2 { lists.appendAbsent() } else { lists.append(count: row % 3) }
        }
        let slots = 0..<Int(lists.offsets.last ?? 0)
        let values = slots.map { _ in words.randomElement(using: &random) }
        return ParquetColumn(
            offsets: lists.offsets, present: lists.present,
            leaves: [.bytes(ByteValues(slots.map { "key \($0 % 4)" })), .bytes(ByteValues(values))])
    }

    /// A whole file of the sample columns: row groups of the given sizes, small pages.
    static func bytes(rowGroups: [Int], pageRowCount: Int = 20, seed: UInt64 = 1) throws -> [UInt8] {
        var options = ParquetWriterOptions()
        options.pageRowCount = pageRowCount
        options.bloomFilterFields = ["actor.id", "seq", "targets"]
        options.sortingColumns = [ParquetSortingColumn("seq", areNullsFirst: false)]
        let writer = try ParquetWriter(schema: schema(), options: options)
        writer.keyValueMetadata = [("proofline.seals", "[\"ü\"]"), ("empty", "")]
        for (index, rowCount) in rowGroups.enumerated() {
            try writer.appendRowGroup(columns(rowCount: rowCount, seed: seed + UInt64(index)))
        }
        return try writer.finish()
    }
}

extension ParquetColumn {
    /// The rows as text, with absence visible: for comparing columns whatever their dictionaries.
    func described(_ rows: Range<Int>? = nil) -> [String] {
        (rows ?? 0..<rowCount).map { row in
            guard isPresent(row) else { return "absent" }
            let elements = elements(of: row).map { slot in leaves.map { $0.described(slot) }.joined(separator: "|") }
            return offsets == nil ? elements.joined() : "[" + elements.joined(separator: ", ") + "]"
        }
    }
}

extension LeafValues {
    func described(_ slot: Int) -> String {
        switch self {
        case .int64(let column): return column[slot].map { "\($0)" } ?? "-"
        case .boolean(let column): return column[slot].map { "\($0)" } ?? "-"
        case .bytes(let column):
            let code = column.codes[slot]
            return code == ByteValues.absent ? "-" : "<" + column.dictionary[Int(code)].map { "\($0)" }.joined(separator: " ") + ">"
        }
    }
}
