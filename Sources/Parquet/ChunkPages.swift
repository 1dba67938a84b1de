/// Writes one leaf of one row group: its dictionary page, its data pages and what the indexes say of them.
///
/// It keeps the scratch that pages are built in.
struct ChunkPages: ~Copyable {
    /// What is encoded: points into the caller's buffers, valid during one call.
    struct Chunk {
        let leaf: ParquetLeaf
        let slots: RowSlots
        let content: ChunkContent
        let encoding: ParquetEncoding

        /// Whether one page holds all rows: nothing is gained by cutting where all are equal.
        var isOnePage: Bool { slots.areLists ? slots.isUniformlyEmpty : content.isUniform }
    }

    private var writer: PageWriter
    private var body = PageBuffer(capacity: 1 << 16)
    private var levels = PageLevels()
    private var bits = Scratch<UInt64>()
    private var codes = Scratch<UInt32>()
    private var integers = Scratch<Int64>()
    private var prefixes = Scratch<UInt64>()

    /// How many codes of a dictionary of integers the pages so far hold.
    private var codesTaken = 0
    /// Bits of a code of a dictionary of strings, in all pages of the chunk.
    private var codeWidth = 1
    /// The zstd level of those pages where it is another than the writer's.
    private var codeLevel: Int32?
    private let level: Int32
    private var trial = PageBuffer(capacity: 1 << 13)

    init(level: Int32) throws(ParquetError) {
        self.level = level
        writer = try PageWriter(level: level)
    }

    /// The chunk that was encoded last.
    var bytes: [UInt8] { writer.output.array }

    /// Encodes a chunk; positions count from its start.
    mutating func encode(_ chunk: Chunk, options: ParquetWriterOptions) throws(ParquetError) -> EncodedChunkParts {
        writer.begin()
        codesTaken = 0
        codeLevel = nil
        var parts = EncodedChunkParts()
        if chunk.encoding == .runLengthDictionary {
            parts.metaData.dictionaryPageOffset = 0
            try writeDictionary(chunk)
            if case .bytes(let leaf) = chunk.content { try chooseCodes(leaf, pageRowCount: options.pageRowCount) }
        }
        parts.metaData.dataPageOffset = Int64(writer.output.count)
        let wantsBounds = options.pageBoundFields?.contains(chunk.leaf.path[0]) ?? true
        if !wantsBounds { parts.columnIndex = nil }
        let cuts = PageCuts(chunk: chunk, pageRowCount: options.pageRowCount, pageBytes: options.pageBytes)
        let prefixes = wantsBounds ? makePrefixes(chunk) : nil
        var start = 0
        var bounds = PageBoundsCollector()
        while start < chunk.slots.rowCount {
            let rows = start..<cuts.end(from: start)
            let (valueCount, presentCount) = try writeData(chunk, rows, &parts)
            if wantsBounds {
                let extremes =
                    cuts.isOnePage
                    ? Self.chunkExtremes(chunk) : extremes(chunk, chunk.slots.slots(rows), prefixes)
                bounds.note(extremes, nullCount: valueCount - presentCount, chunk: chunk, in: &parts)
            }
            start = rows.upperBound
        }
        complete(&parts, chunk)
        if options.bloomFilterFields.contains(chunk.leaf.path[0]) {
            parts.bloomFilter = Self.bloomFilter(chunk, bitsPerValue: options.bloomFilterBitsPerValue)
        }
        return parts
    }

    // MARK: Pages

    private mutating func writeDictionary(_ chunk: Chunk) throws(ParquetError) {
        body.removeAll()
        var cuts: [Int] = []
        let count = chunk.content.distinctCount
        switch chunk.content {
        case .int64(let leaf):
            guard let dictionary = leaf.dictionary else { return }
            for index in 0..<count { body.appendLittleEndian(dictionary.values[index]) }
        case .bytes(let leaf):
            let fixedLength = chunk.leaf.type.fixedLength
            let byteCount = leaf.distinctBytes + (fixedLength == nil ? 4 * count : 0)
            let frameEntries = DictionaryFrames.entryCount(of: count, byteCount: byteCount) ?? count
            if let fixedLength, let bytes = leaf.contiguousBytes {
                body.append(bytes)
                cuts = stride(from: frameEntries, to: count, by: frameEntries).map { $0 * fixedLength }
                break
            }
            body.reserve(byteCount)
            for code in 0..<count {
                if code > 0, code & (frameEntries - 1) == 0, frameEntries < count { cuts.append(body.count) }
                let bytes = leaf.value(UInt32(code))
                if fixedLength == nil { body.appendLittleEndian(UInt32(truncatingIfNeeded: bytes.count)) }
                body.append(bytes)
            }
        case .absent, .boolean: return
        }
        let kind = PageHeader.Kind.dictionary(valueCount: Int32(count), encoding: ParquetEncoding.plain.rawValue)
        _ = try writer.append(kind, body.bytes, cuts: cuts, path: chunk.leaf.dottedPath)
    }

    private mutating func writeData(
        _ chunk: Chunk, _ rows: Range<Int>, _ parts: inout EncodedChunkParts
    ) throws(ParquetError) -> (valueCount: Int, presentCount: Int) {
        let slots = chunk.slots.slots(rows)
        body.removeAll()
        let valueCount: Int
        let presentCount: Int
        switch chunk.content {
        case .absent:
            (valueCount, presentCount) = (levels.append(leaf: chunk.leaf, rows: rows, of: chunk.slots, presence: .none, to: &body), 0)
        case .int64(let leaf): (valueCount, presentCount) = appendIntegers(leaf, chunk, rows, slots)
        case .boolean(let values, _, _): (valueCount, presentCount) = appendBooleans(values, chunk, rows, slots)
        case .bytes(let leaf): (valueCount, presentCount) = appendByteStrings(leaf, chunk, rows, slots)
        }
        let offset = Int64(writer.output.count)
        let kind = PageHeader.Kind.data(valueCount: Int32(valueCount), encoding: chunk.encoding.rawValue)
        let byteCount = try writer.append(kind, body.bytes, path: chunk.leaf.dottedPath, level: codeLevel)
        parts.offsetIndex.locations.append(
            OffsetIndex.Location(offset: offset, byteCount: Int32(byteCount), firstRow: Int64(rows.lowerBound)))
        parts.metaData.valueCount += Int64(valueCount)
        parts.nullCount += valueCount - presentCount
        return (valueCount, presentCount)
    }

    private mutating func appendIntegers(
        _ leaf: IntegerLeaf, _ chunk: Chunk, _ rows: Range<Int>, _ slots: Range<Int>
    ) -> (valueCount: Int, presentCount: Int) {
        var values = leaf.values + slots.lowerBound
        var presentCount = slots.count
        var presence = PagePresence.all
        if let absent = leaf.absent {
            let room = integers.room(slots.count)
            let bits = self.bits.room(slots.count / 64 + 1)
            presentCount = PresentValues.compact(values, count: slots.count, absent: absent, less: 0, into: room, bits: bits)
            values = UnsafePointer(room)
            presence = presentCount == 0 ? .none : .some(bits)
        }
        let valueCount = levels.append(leaf: chunk.leaf, rows: rows, of: chunk.slots, presence: presence, to: &body)
        if let dictionary = leaf.dictionary {
            let width = max(1, BitPacking.width(of: UInt64(dictionary.count - 1)))
            Self.appendCodes(dictionary.codes + codesTaken, count: presentCount, width: width, isUniform: leaf.isUniform, to: &body)
            codesTaken += presentCount
        } else if presentCount > 0 || chunk.encoding == .deltaBinaryPacked {
            DeltaBinaryPacked.encode(values, count: presentCount, into: &body)
        }
        return (valueCount, presentCount)
    }

    private mutating func appendBooleans(
        _ values: UnsafePointer<UInt8>, _ chunk: Chunk, _ rows: Range<Int>, _ slots: Range<Int>
    ) -> (valueCount: Int, presentCount: Int) {
        let present = codes.room(slots.count)
        let bits = self.bits.room(slots.count / 64 + 1)
        bits.update(repeating: 0, count: slots.count / 64 + 1)
        var presentCount = 0
        for (place, slot) in slots.enumerated() where values[slot] <= 1 {
            present[presentCount] = UInt32(values[slot])
            presentCount += 1
            bits[place >> 6] |= 1 << UInt64(place & 63)
        }
        let presence: PagePresence = presentCount == slots.count ? .all : presentCount == 0 ? .none : .some(bits)
        let valueCount = levels.append(leaf: chunk.leaf, rows: rows, of: chunk.slots, presence: presence, to: &body)
        BitPacking.pack(present, count: presentCount, width: 1, into: &body)
        return (valueCount, presentCount)
    }

    private mutating func appendByteStrings(
        _ leaf: ByteLeaf, _ chunk: Chunk, _ rows: Range<Int>, _ slots: Range<Int>
    ) -> (valueCount: Int, presentCount: Int) {
        var present = leaf.codes + slots.lowerBound
        var presentCount = slots.count
        var presence = PagePresence.all
        // Codes as they came are used in place where none is absent and they count from 0; a sequence needs only its first code.
        if leaf.presentCount < leaf.slotCount {
            let room = codes.room(slots.count)
            let bits = self.bits.room(slots.count / 64 + 1)
            presentCount = PresentValues.compact(
                present, count: slots.count, absent: ByteValues.absent, less: leaf.base, into: room, bits: bits)
            present = UnsafePointer(room)
            presence = presentCount == 0 ? .none : presentCount == slots.count ? .all : .some(bits)
        } else if leaf.base > 0, !leaf.isUniform {
            let room = codes.room(slots.count)
            for index in 0..<slots.count { room[index] = present[index] &- leaf.base }
            present = UnsafePointer(room)
        }
        let valueCount = levels.append(leaf: chunk.leaf, rows: rows, of: chunk.slots, presence: presence, to: &body)
        if chunk.encoding == .runLengthDictionary {
            Self.appendCodes(present, count: presentCount, width: codeWidth, isUniform: leaf.isUniform, to: &body)
        } else if presentCount > 0 {
            appendStrings(leaf, present, count: presentCount, hasLengths: chunk.leaf.type.fixedLength == nil)
        } else if chunk.encoding == .deltaLengthByteArray {
            DeltaBinaryPacked.encode(integers.room(0), count: 0, into: &body)
        }
        return (valueCount, presentCount)
    }

    private static func appendCodes(_ codes: UnsafePointer<UInt32>, count: Int, width: Int, isUniform: Bool, to output: inout PageBuffer) {
        output.append(UInt8(width))
        if count == 0 { return }
        if isUniform {
            RunLengthHybrid.appendRun(0, count: count, width: width, into: &output)
        } else {
            RunLengthHybrid.encode(codes, count: count, width: width, into: &output)
        }
    }

    /// The width of codes in bits: what they need, or whole bytes where zstd makes less of those. Repeated codes lie at whole bytes then, and
    /// it finds them; packed tightly they look like noise. And the level: 2 finds matches of four bytes, which is two codes, where 1 wants more.
    /// Decided by a page's worth of codes from the middle.
    private mutating func chooseCodes(_ leaf: ByteLeaf, pageRowCount: Int) throws(ParquetError) {
        let needed = max(1, BitPacking.width(of: UInt64(leaf.distinctCount - 1)))
        let whole = needed <= 8 ? 8 : 16
        codeWidth = needed
        guard needed > 2, !leaf.isUniform else { return }
        let room = codes.room(min(pageRowCount, leaf.slotCount))
        let start = max(0, (leaf.slotCount - pageRowCount) / 2)
        var count = 0
        for slot in start..<min(start + pageRowCount, leaf.slotCount) where leaf.codes[slot] != ByteValues.absent {
            room[count] = leaf.codes[slot] &- leaf.base
            count += 1
        }
        var smallest = Int.max
        for width in needed < whole ? [needed, whole] : [needed] {
            trial.removeAll()
            Self.appendCodes(room, count: count, width: width, isUniform: false, to: &trial)
            let size = try writer.compressedSize(of: trial.bytes)
            if size < smallest { (smallest, codeWidth) = (size, width) }
            // The last width is in place still.
            guard level == 1, width >= whole, codeWidth == width else { continue }
            if try writer.compressedSize(of: trial.bytes, level: 2) < smallest { codeLevel = 2 }
        }
    }

    /// Appends strings one by one, or all at once where they lie one behind the other; lengths first if `hasLengths`.
    private mutating func appendStrings(_ leaf: ByteLeaf, _ codes: UnsafePointer<UInt32>, count: Int, hasLengths: Bool) {
        if hasLengths {
            let lengths = integers.room(count)
            for index in 0..<count {
                let entry = leaf.entry(codes[index])
                lengths[index] = Int64(leaf.entries.start(entry &+ 1) &- leaf.entries.start(entry))
            }
            DeltaBinaryPacked.encode(lengths, count: count, into: &body)
        }
        if leaf.isSequence {
            let first = Int(codes[0]) + Int(leaf.base)
            body.append(
                UnsafeRawBufferPointer(rebasing: leaf.entries.bytes[leaf.entries.start(first)..<leaf.entries.start(first + count)]))
        } else {
            for index in 0..<count { body.append(leaf.value(codes[index])) }
        }
    }

    // MARK: Bounds

    /// For each file code the first eight bytes as a big-endian number, which decide most comparisons; nil where no page is compared.
    private mutating func makePrefixes(_ chunk: Chunk) -> UnsafePointer<UInt64>? {
        guard !chunk.isOnePage, case .bytes(let leaf) = chunk.content else { return nil }
        let room = prefixes.room(leaf.distinctCount)
        for code in 0..<UInt32(leaf.distinctCount) { room[Int(code)] = ByteLeaf.prefix(leaf.value(code)) }
        return UnsafePointer(room)
    }

    /// The extremes of all slots, from what is known of the whole chunk.
    private static func chunkExtremes(_ chunk: Chunk) -> PageExtremes {
        switch chunk.content {
        case .absent: return .none
        case .int64(let leaf): return leaf.presentCount > 0 ? .int64(leaf.minimum, leaf.maximum) : .none
        case .boolean(let values, let slotCount, _): return booleanExtremes(values, 0..<slotCount)
        case .bytes(let leaf): return leaf.extremes().map { .codes($0.low, $0.high) } ?? .none
        }
    }

    private mutating func extremes(_ chunk: Chunk, _ slots: Range<Int>, _ prefixes: UnsafePointer<UInt64>?) -> PageExtremes {
        switch chunk.content {
        case .absent: return .none
        case .int64(let leaf):
            var low = Int64.max
            var high = Int64.min
            var presentCount = 0
            for slot in slots {
                let value = leaf.values[slot]
                if let absent = leaf.absent, value == absent { continue }
                presentCount &+= 1
                low = min(low, value)
                high = max(high, value)
            }
            return presentCount > 0 ? .int64(low, high) : .none
        case .boolean(let values, _, _):
            return Self.booleanExtremes(values, slots)
        case .bytes(let leaf):
            guard let prefixes else { return .none }
            return codeExtremes(leaf, slots, prefixes)
        }
    }

    private static func booleanExtremes(_ values: UnsafePointer<UInt8>, _ slots: Range<Int>) -> PageExtremes {
        slots.reduce(PageExtremes.none) { found, slot in
            values[slot] <= 1 ? found.merged(with: .boolean(values[slot] == 1, values[slot] == 1), leaf: nil) : found
        }
    }

    private mutating func codeExtremes(_ leaf: ByteLeaf, _ slots: Range<Int>, _ prefixes: UnsafePointer<UInt64>) -> PageExtremes {
        var found = CodeExtremes(leaf: leaf, prefixes: prefixes)
        guard leaf.distinctCount < slots.count else {
            for slot in slots where leaf.codes[slot] != ByteValues.absent { found.note(leaf.codes[slot] &- leaf.base) }
            return found.extremes
        }
        // Each code that occurs is compared once.
        let wordCount = leaf.distinctCount / 64 + 1
        let seen = bits.room(wordCount)
        seen.update(repeating: 0, count: wordCount)
        for slot in slots {
            let given = leaf.codes[slot]
            if given == ByteValues.absent { continue }
            let code = Int(given &- leaf.base)
            seen[code &>> 6] |= 1 &<< UInt64(code & 63)
        }
        for word in 0..<wordCount {
            var rest = seen[word]
            while rest != 0 {
                found.note(UInt32(truncatingIfNeeded: word &* 64 &+ rest.trailingZeroBitCount))
                rest &= rest &- 1
            }
        }
        return found.extremes
    }

    // MARK: Description

    private func complete(_ parts: inout EncodedChunkParts, _ chunk: Chunk) {
        parts.metaData.type = chunk.leaf.type.physicalType.rawValue
        parts.metaData.path = chunk.leaf.path
        parts.metaData.codec = CompressionCodec.zstd.rawValue
        parts.metaData.compressedBytes = Int64(writer.output.count)
        parts.metaData.uncompressedBytes = Int64(writer.uncompressedBytes)
        let bounds = Self.chunkExtremes(chunk).bounds(leaf: chunk.content.byteLeaf, isText: chunk.leaf.type == .string)
        parts.metaData.statistics = ChunkStatistics(
            minimum: bounds.lower?.bound, maximum: bounds.upper?.bound, nullCount: Int64(parts.nullCount),
            isMinimumExact: bounds.lower?.isExact ?? true, isMaximumExact: bounds.upper?.isExact ?? true)

        func note(_ encoding: ParquetEncoding) { parts.metaData.encodings |= 1 << UInt32(encoding.rawValue) }
        note(chunk.encoding)
        if chunk.leaf.maxDefinitionLevel > 0 { note(.runLength) }
        if chunk.encoding == .runLengthDictionary {
            note(.plain)
            parts.metaData.encodingCounts.append(.init(pageType: .dictionary, encoding: .plain, count: 1))
        }
        parts.metaData.encodingCounts.append(
            .init(pageType: .data, encoding: chunk.encoding, count: parts.offsetIndex.locations.count))
    }

    private static func bloomFilter(_ chunk: Chunk, bitsPerValue: Double) -> SplitBlockBloomFilter? {
        switch chunk.content {
        case .absent, .boolean: return nil
        case .int64(let leaf):
            var hashes: Set<UInt64> = []
            for slot in 0..<leaf.slotCount where leaf.values[slot] != leaf.absent { hashes.insert(XXH64.hash(leaf.values[slot])) }
            var filter = SplitBlockBloomFilter(valueCount: hashes.count, bitsPerValue: bitsPerValue)
            for hash in hashes { filter.insert(hash: hash) }
            return hashes.isEmpty ? nil : filter
        case .bytes(let leaf):
            var filter = SplitBlockBloomFilter(valueCount: leaf.distinctCount, bitsPerValue: bitsPerValue)
            for code in 0..<UInt32(leaf.distinctCount) { filter.insert(hash: XXH64.hash(leaf.value(code))) }
            return filter
        }
    }
}
