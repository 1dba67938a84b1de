import Testing

@testable import Parquet

/// Damaged bytes that a checksum would catch reach the decoders here directly: they answer with values or an error, never a trap.
struct PageDecoderTests {
    /// The data pages of a sample file without compression, each with the decoder of its leaf.
    static func pages(seed: UInt64) throws -> [(decoder: PageDecoder, page: ChunkReader.Page, plain: [UInt8])] {
        let reader = try ParquetReader(ParquetBytes(SampleFile.bytes(rowGroups: [90], pageRowCount: 40, seed: seed)))
        var pages: [(decoder: PageDecoder, page: ChunkReader.Page, plain: [UInt8])] = []
        for leaf in reader.schema.leaves.indices {
            let directory = try reader.directory(rowGroup: 0, leaf: leaf)
            let decoder = PageDecoder(
                leaf: reader.schema.leaves[leaf], dictionaryCount: directory.dictionary?.count,
                integerDictionary: directory.integerDictionary)
            for location in directory.offsetIndex?.locations ?? [] {
                try reader.withChunk(rowGroup: 0, leaf: leaf) { chunk throws(ParquetError) in
                    try PageScratch.withOne { scratch throws(ParquetError) in
                        let start = Int(location.offset)
                        let (page, _) = try chunk.page(at: start, end: start + Int(location.byteCount))
                        pages.append((decoder, page, try chunk.plainBytes(page, scratch)))
                    }
                }
            }
        }
        return pages
    }

    static func decode(_ decoder: PageDecoder, _ page: ChunkReader.Page, _ plain: [UInt8]) throws -> PageDecoder.Decoded {
        try plain.withUnsafeBytes { bytes in
            try decoder.decode(page, plain: bytes, kept: { plain }, valueLimit: 10_000)
        }
    }

    /// Looks at every value, so that a code outside its entries would trap here.
    static func touch(_ decoded: PageDecoder.Decoded, dictionaryCount: Int?) {
        switch decoded.values {
        case .codes(let codes):
            for slot in 0..<codes.count where codes[slot] != ByteValues.absent { #expect(Int(codes[slot]) < dictionaryCount ?? 0) }
        case .entries(let codes, let entries):
            for slot in 0..<codes.count where codes[slot] != ByteValues.absent { _ = entries[Int(codes[slot])] }
        case .int64(let integers):
            for slot in 0..<integers.count { _ = integers[slot] }
        case .boolean(let values): #expect(values.allSatisfy { $0 <= 1 || $0 == 255 })
        }
        #expect(decoded.values.count == decoded.slotCount)
        if case .offsets(let offsets, _)? = decoded.lists {
            #expect(offsets.count == decoded.rowCount + 1 && Int(offsets[decoded.rowCount]) == decoded.slotCount)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `changed, cut and extended bytes give values or an error`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for (decoder, page, plain) in try Self.pages(seed: seed) {
            Self.touch(try Self.decode(decoder, page, plain), dictionaryCount: decoder.dictionaryCount)
            for _ in 0..<120 {
                var damaged = plain
                switch Int.random(in: 0..<4, using: &random) {
                case 0: damaged.removeLast(Int.random(in: 0...damaged.count, using: &random))
                case 1: damaged += (0..<Int.random(in: 0..<9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                default:
                    for _ in 0..<Int.random(in: 1..<4, using: &random) where !damaged.isEmpty {
                        let place = Int.random(in: damaged.indices, using: &random)
                        damaged[place] =
                            [0, 0xFF, 0x7F, 0x80, damaged[place] ^ 1, UInt8.random(in: 0...255, using: &random)]
                            .randomElement(using: &random) ?? 0
                    }
                }
                do {
                    Self.touch(try Self.decode(decoder, page, damaged), dictionaryCount: decoder.dictionaryCount)
                } catch {
                    #expect(error is ParquetError, "seed \(seed)")
                }
            }
        }
    }

    @Test func `more values than announced are refused before they are made`() throws {
        let (decoder, page, plain) = try #require(try Self.pages(seed: 1).first)
        expectError(.corrupt) {
            _ = try plain.withUnsafeBytes { try decoder.decode(page, plain: $0, kept: { plain }, valueLimit: 39) }
        }
    }
}
