/// Decodes data pages of one leaf from untrusted bytes.
struct PageDecoder {
    let leaf: ParquetLeaf

    /// How many entries the chunk's dictionary page announces; nil without one.
    let dictionaryCount: Int?

    /// The dictionary of a leaf of integers.
    let integerDictionary: [Int64]

    /// A decoded page.
    struct Decoded {
        var rowCount = 0
        /// Values, absent ones included, and one for each row without a slot.
        var levelCount = 0
        /// Slots at the page's start that continue the last row of the page before.
        var leadingSlots = 0
        var slotCount = 0
        var presentCount = 0
        var lists: ParquetPageLists?
        /// A bit per slot; nil where all hold a value, or none does.
        var bits: [UInt64]?
        var values = ParquetPageValues.codes(.uniform(0, count: 0))
    }

    /// Decodes a page.
    ///
    /// - Parameters:
    ///   - plain: The page without compression.
    ///   - kept: The same bytes as an array, for values that stay where they are; made only if wanted.
    ///   - valueLimit: The most levels it may have.
    func decode(
        _ page: ChunkReader.Page, plain: UnsafeRawBufferPointer, kept: () -> [UInt8], valueLimit: Int
    ) throws(ParquetError) -> Decoded {
        var reader = ByteReader(plain, fileOffset: page.fileOffset)
        let head = try Head(page, reader, leaf: leaf, valueLimit: valueLimit)
        var decoded = Decoded()
        decoded.levelCount = head.count
        if leaf.maxRepetitionLevel > 0 {
            try LevelDecoder(leaf: leaf).lists(&reader, head, into: &decoded)
        } else {
            try LevelDecoder(leaf: leaf).rows(&reader, head, into: &decoded)
        }
        switch leaf.type.physicalType {
        case .int64: decoded.values = .int64(try integers(&reader, head.encoding, decoded))
        case .boolean: decoded.values = .boolean(try booleans(&reader, head.encoding, decoded))
        case .byteArray, .fixedLengthByteArray: decoded.values = try byteStrings(&reader, head.encoding, decoded, kept)
        }
        return decoded
    }

    /// What the header says of a data page.
    struct Head {
        let count: Int
        let encoding: ParquetEncoding
        /// In pages of version 2 how many bytes levels take; nil where a length stands before them.
        let levelBytes: (repetition: Int, definition: Int)?

        init(_ page: ChunkReader.Page, _ reader: ByteReader, leaf: ParquetLeaf, valueLimit: Int) throws(ParquetError) {
            let raw: Int32
            switch page.header.kind {
            case .data(let count, let encoding):
                (self.count, raw, levelBytes) = (Int(count), encoding, nil)
            case .dataV2(let data):
                (count, raw, levelBytes) = (
                    Int(data.valueCount), data.encoding, (Int(data.repetitionBytes), Int(data.definitionBytes))
                )
            case .dictionary, .other: throw reader.error(.corrupt, "A page of \(leaf.dottedPath) is no data page")
            }
            guard count <= valueLimit else {
                throw reader.error(.corrupt, "A page of \(leaf.dottedPath) has \(count) values where at most \(valueLimit) are announced")
            }
            guard let encoding = ParquetEncoding(rawValue: raw) else {
                throw reader.error(.unsupported, "The column \(leaf.dottedPath) uses encoding \(raw), which is not read")
            }
            self.encoding = encoding
        }
    }

    // MARK: Integers

    private func integers(
        _ reader: inout ByteReader, _ encoding: ParquetEncoding, _ page: Decoded
    ) throws(ParquetError) -> ParquetIntegers {
        guard page.presentCount > 0 else { return .uniform(nil, count: page.slotCount) }
        if encoding == .runLengthDictionary || encoding == .plainDictionary {
            let codes: ParquetCodes = try self.codes(&reader, page)
            if case .uniform(let code, let count) = codes { return .uniform(integerDictionary[Int(code)], count: count) }
            let values = (0..<codes.count).map { slot in
                let code = codes[slot]
                return code == ByteValues.absent ? Int64.min : integerDictionary[Int(code)]
            }
            return .values(values, present: page.bits)
        }
        if encoding == .plain {
            guard page.presentCount <= reader.remaining / 8 else { throw leaf.ended(reader) }
        } else if encoding == .deltaBinaryPacked {
            guard DeltaBinaryPacked.isPossible(count: page.presentCount, byteCount: reader.remaining) else { throw leaf.ended(reader) }
        } else {
            throw leaf.unsupported(encoding, reader)
        }
        var values = [Int64](repeating: 0, count: page.slotCount)
        try values.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            guard let base = room.baseAddress else { return }
            let first = base + (page.slotCount - page.presentCount)
            if encoding == .plain {
                let bytes = try reader.take(page.presentCount * 8, "Values of \(leaf.dottedPath)")
                for index in 0..<page.presentCount {
                    first[index] = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self))
                }
            } else {
                try DeltaBinaryPacked.decode(&reader, into: first, count: page.presentCount)
            }
            Self.spread(base, page, absent: Int64.min)
        }
        return .values(values, present: page.bits)
    }

    private static func spread<Value: BitwiseCopyable>(_ base: UnsafeMutablePointer<Value>, _ page: Decoded, absent: Value) {
        guard let bits = page.bits else { return }
        PageBits.spread(base, count: page.slotCount, presentCount: page.presentCount, bits: bits, absent: absent)
    }

    // MARK: Booleans

    private func booleans(_ reader: inout ByteReader, _ encoding: ParquetEncoding, _ page: Decoded) throws(ParquetError) -> [UInt8] {
        guard page.presentCount > 0 else { return Array(repeating: 255, count: page.slotCount) }
        switch encoding {
        case .plain:
            guard (page.presentCount + 7) / 8 <= reader.remaining else { throw leaf.ended(reader) }
        case .runLength: _ = try reader.uint32()
        default: throw leaf.unsupported(encoding, reader)
        }
        var values = [UInt8](repeating: 0, count: page.slotCount)
        try values.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            guard let base = room.baseAddress else { return }
            let first = base + (page.slotCount - page.presentCount)
            if encoding == .plain {
                let bytes = try reader.take((page.presentCount + 7) / 8, "Booleans of \(leaf.dottedPath)")
                BitPacking.unpack(bytes, width: 1, into: first, count: page.presentCount)
            } else {
                try RunLengthHybrid.decode(&reader, width: 1, into: first, count: page.presentCount)
            }
            Self.spread(base, page, absent: 255)
        }
        return values
    }

    // MARK: Byte strings

    private func byteStrings(
        _ reader: inout ByteReader, _ encoding: ParquetEncoding, _ page: Decoded, _ kept: () -> [UInt8]
    ) throws(ParquetError) -> ParquetPageValues {
        guard page.presentCount > 0 else { return .codes(.uniform(ByteValues.absent, count: page.slotCount)) }
        let entries: ParquetEntries
        switch (encoding, leaf.type.fixedLength) {
        case (.runLengthDictionary, _), (.plainDictionary, _): return .codes(try codes(&reader, page))
        case (.plain, nil):
            entries = try EntryDecoder.plain(&reader, count: page.presentCount, leaf: leaf, kept)
        case (.plain, let length?):
            entries = try EntryDecoder.fixed(&reader, count: page.presentCount, length: length, leaf: leaf, kept)
        case (.deltaLengthByteArray, nil):
            entries = try EntryDecoder.deltaLength(&reader, count: page.presentCount, leaf: leaf, kept)
        default: throw leaf.unsupported(encoding, reader)
        }
        return .entries(Self.ascending(page), entries)
    }

    /// Codes that count the slots which hold a value.
    private static func ascending(_ page: Decoded) -> ParquetCodes {
        func all<Code: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(_: Code.Type) -> [Code] {
            [Code](unsafeUninitializedCapacity: page.slotCount) { room, count in
                count = page.slotCount
                guard let base = room.baseAddress else { return }
                let first = base + (page.slotCount - page.presentCount)
                for index in 0..<page.presentCount { first[index] = Code(truncatingIfNeeded: index) }
                spread(base, page, absent: Code.max)
            }
        }
        if page.presentCount <= 255 { return .u8(all(UInt8.self)) }
        return page.presentCount <= 65_535 ? .u16(all(UInt16.self)) : .u32(all(UInt32.self))
    }

    // MARK: Codes

    /// Reads dictionary codes of a page that has values, each checked against the dictionary.
    private func codes(_ reader: inout ByteReader, _ page: Decoded) throws(ParquetError) -> ParquetCodes {
        guard let dictionaryCount else { throw reader.error(.corrupt, "\(leaf.dottedPath) has codes but no dictionary") }
        let width = Int(try reader.byte())
        if page.presentCount == page.slotCount,
            let code = RunLengthHybrid.uniformValue(reader, width: width, count: page.presentCount)
        {
            guard Int(code) < dictionaryCount else { throw leaf.outside(Int(code), dictionaryCount, reader) }
            return .uniform(code, count: page.slotCount)
        }
        // Codes wider than their dictionary needs, from other writers, are read as they are and narrowed when they are known to fit.
        if dictionaryCount <= 255 {
            if width <= 8 { return .u8(try codes(&reader, page, width, dictionaryCount, UInt8.self)) }
            return .u8(try codes(&reader, page, width, dictionaryCount, UInt32.self).map { UInt8(truncatingIfNeeded: $0) })
        }
        if dictionaryCount <= 65_535 {
            if width <= 16 { return .u16(try codes(&reader, page, width, dictionaryCount, UInt16.self)) }
            return .u16(try codes(&reader, page, width, dictionaryCount, UInt32.self).map { UInt16(truncatingIfNeeded: $0) })
        }
        return .u32(try codes(&reader, page, width, dictionaryCount, UInt32.self))
    }

    private func codes<Code: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ reader: inout ByteReader, _ page: Decoded, _ width: Int, _ dictionaryCount: Int, _: Code.Type
    ) throws(ParquetError) -> [Code] {
        var codes = [Code](repeating: 0, count: page.slotCount)
        try codes.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            guard let base = room.baseAddress else { return }
            let first = base + (page.slotCount - page.presentCount)
            try RunLengthHybrid.decode(&reader, width: width, into: first, count: page.presentCount)
            var largest: Code = 0
            var index = 0
            while index < page.presentCount {
                largest = max(largest, first[index])
                index &+= 1
            }
            guard Int(largest) < dictionaryCount else { throw leaf.outside(Int(largest), dictionaryCount, reader) }
            Self.spread(base, page, absent: Code.max)
        }
        return codes
    }
}
