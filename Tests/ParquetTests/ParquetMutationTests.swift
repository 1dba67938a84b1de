import Testing

@testable import Parquet

/// Damaged files end in a ``ParquetError`` or in values, never in a trap; damage inside a page is always noticed.
struct ParquetMutationTests {
    /// Reads everything there is in a file; says whether all of it could be read.
    @discardableResult
    static func readEverything(_ bytes: [UInt8]) throws -> Int {
        var limits = ParquetReaderLimits()
        limits.pageBytes = 1 << 20
        limits.rowGroupRows = 1 << 14
        limits.chunkValues = 1 << 16
        let reader = try ParquetReader(ParquetBytes(bytes), limits: limits)
        var failures = 0
        func attempt(_ body: () throws -> Void) {
            do { try body() } catch {
                #expect(error is ParquetError)
                failures += 1
            }
        }
        for group in reader.rowGroups.indices {
            for field in reader.schema.fields.indices {
                attempt { _ = try reader.readColumn(rowGroup: group, field: field) }
                let rowCount = reader.rowGroups[group].rowCount
                attempt { _ = try reader.readColumn(rowGroup: group, field: field, rows: rowCount / 3..<rowCount / 2) }
            }
            for leaf in reader.schema.leaves.indices {
                attempt { _ = try reader.pageIndex(rowGroup: group, leaf: leaf) }
                attempt { _ = try reader.bloomFilter(rowGroup: group, leaf: leaf) }
                attempt { _ = try reader.dictionary(rowGroup: group, leaf: leaf) }
                attempt {
                    for page in 0..<(try reader.pageLayout(rowGroup: group, leaf: leaf)?.count ?? 0) {
                        _ = try reader.page(rowGroup: group, leaf: leaf, page: page)
                    }
                }
            }
        }
        return failures
    }

    /// A file of a few columns, so that each damage is tried quickly.
    static func smallFile() throws -> [UInt8] {
        var options = ParquetWriterOptions()
        options.pageRowCount = 6
        options.bloomFilterFields = ["name"]
        let schema = try ParquetSchema([
            .required("time", .timestampMicros), .optional("name", .string),
            .structs("targets", [ParquetMember("type", .string, isOptional: false), ParquetMember("id", .string, isOptional: true)]),
        ])
        let columns = SampleFile.columns(rowCount: 14, seed: 3)
        let writer = try ParquetWriter(schema: schema, options: options)
        var targets = columns[13]
        targets.leaves.removeLast()
        try writer.appendRowGroup([columns[1], columns[5], targets])
        return try writer.finish()
    }

    @Test func `a file cut anywhere is an error`() throws {
        let whole = try Self.smallFile()
        for end in 0..<whole.count {
            let error = #expect(throws: ParquetError.self) { try Self.readEverything(Array(whole[..<end])) }
            #expect([.notParquet, .truncated].contains(error?.code), "cut at \(end)")
        }
    }

    @Test(arguments: [UInt64(1), 2])
    func `a changed byte never traps`(seed: UInt64) throws {
        let whole = try Self.smallFile()
        var random = SeededRandom(seed: seed)
        for position in whole.indices {
            var damaged = whole
            let choices: [UInt8] = [
                0, 0xFF, 0x7F, 0x80, whole[position] ^ 1 << UInt8.random(in: 0..<8, using: &random), whole[position] &+ 1,
            ]
            damaged[position] = choices.randomElement(using: &random) ?? 0
            do {
                try Self.readEverything(damaged)
            } catch {
                #expect(error is ParquetError, "seed \(seed) byte \(position)")
            }
        }
    }

    @Test func `several changes at once never trap`() throws {
        let whole = try SampleFile.bytes(rowGroups: [9], pageRowCount: 4)
        var random = SeededRandom(seed: 99)
        for _ in 0..<60 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1..<6, using: &random) {
                damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                try Self.readEverything(damaged)
            } catch {
                #expect(error is ParquetError)
            }
        }
    }

    /// Where the bodies of all pages lie: what their checksums cover. Headers are under none.
    static func pageBodies(_ file: [UInt8], chunkBytes: Int) throws -> [Range<Int>] {
        try file.withUnsafeBytes { bytes in
            var bodies: [Range<Int>] = []
            var position = 4
            while position < 4 + chunkBytes {
                var reader = ThriftReader(UnsafeRawBufferPointer(rebasing: bytes[position...]), fileOffset: position)
                let header = try PageHeader(from: &reader)
                let start = position + reader.position
                bodies.append(start..<start + Int(header.compressedBytes))
                position = start + Int(header.compressedBytes)
            }
            return bodies
        }
    }

    @Test func `a changed byte inside any page is noticed`() throws {
        let whole = try Self.smallFile()
        let chunks = try ParquetReader(ParquetBytes(whole)).rowGroups[0].chunks
        let bodies = try Self.pageBodies(whole, chunkBytes: chunks.reduce(0) { $0 + $1.compressedByteCount })
        #expect(bodies.count == 4 * 3 + 2, "four leaves of three pages, two of them with a dictionary")
        for position in bodies.joined() {
            var damaged = whole
            damaged[position] ^= 0x10
            let failures = try Self.readEverything(damaged)
            #expect(failures > 0, "byte \(position)")
        }
    }

    @Test func `a footer that announces more than it has costs no memory`() throws {
        // A footer whose list of row groups claims 2^31 entries.
        var writer = ThriftWriter()
        writer.structure { $0.int64(3, 1) }
        var footer = writer.bytes.dropLast() + [0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]
        footer.append(0)
        var file = Array("PAR1".utf8) + footer
        file.appendLittleEndian(UInt32(footer.count))
        file += Array("PAR1".utf8)
        expectError(.truncated) { _ = try ParquetReader(ParquetBytes(file)) }
    }
}
