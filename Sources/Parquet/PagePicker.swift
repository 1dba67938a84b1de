/// Decodes some rows of a data page and nothing else of it: what it gives is a page of those rows alone.
///
/// It checks what it reads, so damage elsewhere in the page is not its to find; checksums are.
struct PagePicker {
    let leaf: ParquetLeaf
    /// How many entries the chunk's dictionary page announces; nil without one.
    let dictionaryCount: Int?
    /// The dictionary of a leaf of integers.
    let integerDictionary: [Int64]

    /// Which slots are wanted, and where their values stand among those that the page holds.
    private struct Wanted {
        /// For each slot the place of its value; -1 where it has none.
        var places: [Int] = []
        var presentCount = 0
        /// How many values the page holds.
        var heldCount = 0
        var lists: ParquetPageLists?
    }

    /// - Parameters:
    ///   - plain: The page without compression.
    ///   - rows: Ascending, none twice, counted from the page's first.
    ///   - rowCount: How many rows the page must have.
    func pick(
        _ rows: [Int], of page: ChunkReader.Page, plain: UnsafeRawBufferPointer, rowCount: Int, valueLimit: Int
    ) throws(ParquetError) -> (values: ParquetPageValues, lists: ParquetPageLists?) {
        var reader = ByteReader(plain, fileOffset: page.fileOffset)
        let head = try PageDecoder.Head(page, reader, leaf: leaf, valueLimit: valueLimit)
        let wanted = leaf.maxRepetitionLevel > 0 ? try lists(&reader, head, rows, rowCount) : try scalars(&reader, head, rows, rowCount)
        switch leaf.type.physicalType {
        case .int64: return (.int64(try integers(&reader, head.encoding, wanted)), wanted.lists)
        case .boolean: throw reader.error(.unsupported, "Rows of booleans are not picked")
        case .byteArray, .fixedLengthByteArray: return (try strings(&reader, head.encoding, wanted), wanted.lists)
        }
    }

    // MARK: Levels

    private func section(_ reader: inout ByteReader, maximum: Int, byteCount: Int?) throws(ParquetError) -> ByteReader {
        guard maximum > 0 else {
            return ByteReader(try reader.take(byteCount ?? 0, "Levels"), fileOffset: reader.fileOffset)
        }
        var size = byteCount ?? 0
        if byteCount == nil { size = Int(try reader.uint32()) }
        let start = reader.position
        return ByteReader(try reader.take(size, "Levels"), fileOffset: reader.fileOffset + start)
    }

    private func scalars(
        _ reader: inout ByteReader, _ head: PageDecoder.Head, _ rows: [Int], _ rowCount: Int
    ) throws(ParquetError) -> Wanted {
        guard head.count == rowCount else { throw reader.error(.corrupt, "A page of \(leaf.dottedPath) has other rows than its offset index says") }
        if let levelBytes = head.levelBytes { _ = try reader.take(levelBytes.repetition, "Levels") }
        var section = try section(&reader, maximum: leaf.maxDefinitionLevel, byteCount: head.levelBytes?.definition)
        var wanted = Wanted()
        if leaf.maxDefinitionLevel == 0 || RunLengthHybrid.uniformValue(section, width: 1, count: head.count) == 1 {
            wanted.places = rows
            wanted.presentCount = rows.count
            wanted.heldCount = head.count
            return wanted
        }
        wanted.places = try withUnsafeTemporaryWords(head.count / 64 + 1) { bits throws(ParquetError) in
            wanted.heldCount = try PageBits.decode(&section, into: bits, count: head.count)
            var places: [Int] = []
            places.reserveCapacity(rows.count)
            var word = 0
            var before = 0
            for row in rows {
                while word < row &>> 6 {
                    before &+= bits[word].nonzeroBitCount
                    word &+= 1
                }
                let bit: UInt64 = 1 &<< UInt64(row & 63)
                let isPresent = bits[word] & bit != 0
                places.append(isPresent ? before &+ (bits[word] & (bit &- 1)).nonzeroBitCount : -1)
                wanted.presentCount &+= isPresent ? 1 : 0
            }
            return places
        }
        return wanted
    }

    private func lists(
        _ reader: inout ByteReader, _ head: PageDecoder.Head, _ rows: [Int], _ rowCount: Int
    ) throws(ParquetError) -> Wanted {
        var repetitions = try section(&reader, maximum: 1, byteCount: head.levelBytes?.repetition)
        var definitions = try section(&reader, maximum: leaf.maxDefinitionLevel, byteCount: head.levelBytes?.definition)
        let width = BitPacking.width(of: UInt64(leaf.maxDefinitionLevel))
        let element = leaf.maxDefinitionLevel - (leaf.isOptional ? 1 : 0)
        let uniform = RunLengthHybrid.uniformValue(definitions, width: width, count: head.count).map { Int($0) }
        if head.count > 0, RunLengthHybrid.uniformValue(repetitions, width: 1, count: head.count) == 0, let uniform, uniform < element {
            guard head.count == rowCount else { throw reader.error(.corrupt, "A page of \(leaf.dottedPath) has other rows than its offset index says") }
            var wanted = Wanted()
            wanted.lists = .empty(areAbsent: element == 2 && uniform == 0)
            return wanted
        }
        let starts = try levelStarts(&repetitions, head.count, rows, rowCount, reader)
        if let uniform {
            if uniform == leaf.maxDefinitionLevel { return full(starts, heldCount: head.count) }
            return try slots(starts, level: { _ in UInt8(truncatingIfNeeded: uniform) }, head.count, element, reader)
        }
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, head.count))
        defer { memory.deallocate() }
        try RunLengthHybrid.decode(&definitions, width: width, into: memory, count: head.count)
        return try slots(starts, level: { memory[$0] }, head.count, element, reader)
    }

    /// The first level of each wanted row, and the one behind its last.
    private func levelStarts(
        _ section: inout ByteReader, _ count: Int, _ rows: [Int], _ rowCount: Int, _ reader: ByteReader
    ) throws(ParquetError) -> [Range<Int>] {
        try withUnsafeTemporaryWords(count / 64 + 1) { bits throws(ParquetError) in
            let continued = try PageBits.decode(&section, into: bits, count: count)
            guard count - continued == rowCount, count == 0 || bits[0] & 1 == 0 else {
                throw reader.error(.corrupt, "A page of \(leaf.dottedPath) has other rows than its offset index says")
            }
            var word = 0
            var before = 0
            // Rows begin at zero bits; behind the last level nothing is counted, as rows are fewer than zero bits.
            func start(_ row: Int) -> Int {
                if row >= rowCount { return count }
                while before &+ (64 &- bits[word].nonzeroBitCount) <= row {
                    before &+= 64 &- bits[word].nonzeroBitCount
                    word &+= 1
                }
                var rest = ~bits[word]
                var skip = row &- before
                while skip > 0 {
                    rest &= rest &- 1
                    skip &-= 1
                }
                return word &* 64 &+ rest.trailingZeroBitCount
            }
            var starts: [Range<Int>] = []
            starts.reserveCapacity(rows.count)
            for row in rows {
                let first = start(row)
                starts.append(first..<start(row + 1))
            }
            return starts
        }
    }

    /// Every level is an element with a value.
    private func full(_ rows: [Range<Int>], heldCount: Int) -> Wanted {
        var wanted = Wanted()
        var offsets: [UInt32] = [0]
        for row in rows {
            wanted.places.append(contentsOf: row)
            offsets.append(UInt32(wanted.places.count))
        }
        wanted.presentCount = wanted.places.count
        wanted.heldCount = heldCount
        wanted.lists = .offsets(offsets, present: nil)
        return wanted
    }

    @inline(__always)
    private func slots(
        _ rows: [Range<Int>], level: (Int) -> UInt8, _ count: Int, _ element: Int, _ reader: ByteReader
    ) throws(ParquetError) -> Wanted {
        let full = UInt8(leaf.maxDefinitionLevel)
        var wanted = Wanted()
        var offsets: [UInt32] = [0]
        var index = 0
        var held = 0
        var largest: UInt8 = 0
        for row in rows {
            while index < row.lowerBound {
                let found = level(index)
                held &+= found == full ? 1 : 0
                largest = max(largest, found)
                index &+= 1
            }
            while index < row.upperBound {
                let found = level(index)
                largest = max(largest, found)
                if Int(found) >= element {
                    wanted.places.append(found == full ? held : -1)
                    wanted.presentCount &+= found == full ? 1 : 0
                } else if row.count > 1 {
                    throw reader.error(.corrupt, "A list of \(leaf.dottedPath) continues where none began")
                }
                held &+= found == full ? 1 : 0
                index &+= 1
            }
            offsets.append(UInt32(wanted.places.count))
        }
        while index < count {
            let found = level(index)
            held &+= found == full ? 1 : 0
            largest = max(largest, found)
            index &+= 1
        }
        guard largest <= full else { throw reader.error(.corrupt, "A level of \(leaf.dottedPath) is \(largest), above \(full)") }
        wanted.heldCount = held
        wanted.lists = .offsets(offsets, present: nil)
        return wanted
    }

    // MARK: Values

    private func integers(_ reader: inout ByteReader, _ encoding: ParquetEncoding, _ wanted: Wanted) throws(ParquetError) -> ParquetIntegers {
        guard wanted.presentCount > 0 else { return .uniform(nil, count: wanted.places.count) }
        var values = [Int64](repeating: Int64.min, count: wanted.places.count)
        switch encoding {
        case .runLengthDictionary, .plainDictionary:
            let codes = try codes(&reader, wanted)
            for (slot, code) in codes.enumerated() where code != ByteValues.absent {
                guard Int(code) < integerDictionary.count else { throw leaf.outside(Int(code), integerDictionary.count, reader) }
                values[slot] = integerDictionary[Int(code)]
            }
        case .plain:
            guard wanted.heldCount <= reader.remaining / 8 else { throw leaf.ended(reader) }
            let bytes = reader.takeRest()
            for (slot, place) in wanted.places.enumerated() where place >= 0 {
                values[slot] = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * place, as: Int64.self))
            }
        case .deltaBinaryPacked:
            guard DeltaBinaryPacked.isPossible(count: wanted.heldCount, byteCount: reader.remaining) else { throw leaf.ended(reader) }
            let memory = UnsafeMutablePointer<Int64>.allocate(capacity: wanted.heldCount)
            defer { memory.deallocate() }
            try DeltaBinaryPacked.decode(&reader, into: memory, count: wanted.heldCount)
            for (slot, place) in wanted.places.enumerated() where place >= 0 { values[slot] = memory[place] }
        default: throw leaf.unsupported(encoding, reader)
        }
        return .values(values, present: presence(wanted))
    }

    private func presence(_ wanted: Wanted) -> [UInt64]? {
        guard wanted.presentCount < wanted.places.count else { return nil }
        var bits = [UInt64](repeating: 0, count: wanted.places.count / 64 + 1)
        for (slot, place) in wanted.places.enumerated() where place >= 0 { bits[slot >> 6] |= 1 << UInt64(slot & 63) }
        return bits
    }

    private func strings(_ reader: inout ByteReader, _ encoding: ParquetEncoding, _ wanted: Wanted) throws(ParquetError) -> ParquetPageValues {
        guard wanted.presentCount > 0 else { return .codes(.uniform(ByteValues.absent, count: wanted.places.count)) }
        let dictionary = encoding == .runLengthDictionary || encoding == .plainDictionary
        if dictionary {
            guard let dictionaryCount else { throw reader.error(.corrupt, "\(leaf.dottedPath) has codes but no dictionary") }
            let codes = try codes(&reader, wanted)
            for code in codes where code != ByteValues.absent && Int(code) >= dictionaryCount { throw leaf.outside(Int(code), dictionaryCount, reader) }
            return .codes(.u32(codes))
        }
        var ascending: UInt32 = 0
        let codes = wanted.places.map { place in
            defer { ascending += place >= 0 ? 1 : 0 }
            return place >= 0 ? ascending : ByteValues.absent
        }
        var storage: [UInt8] = []
        var starts: [UInt32] = [0]
        func take(_ bytes: UnsafeRawBufferPointer) {
            storage.append(contentsOf: bytes)
            starts.append(UInt32(storage.count))
        }
        switch (encoding, leaf.type.fixedLength) {
        case (.plain, let length?):
            guard wanted.heldCount <= reader.remaining / length else { throw leaf.ended(reader) }
            let bytes = reader.takeRest()
            for place in wanted.places where place >= 0 { take(UnsafeRawBufferPointer(rebasing: bytes[place * length..<(place + 1) * length])) }
        case (.plain, nil):
            var next = 0
            for place in wanted.places where place >= 0 {
                while true {
                    let bytes = try reader.take(Int(try reader.uint32()), "Values of \(leaf.dottedPath)")
                    next += 1
                    if next > place {
                        take(bytes)
                        break
                    }
                }
            }
        case (.deltaLengthByteArray, nil): try deltaLength(&reader, wanted, take)
        default: throw leaf.unsupported(encoding, reader)
        }
        return .entries(.u32(codes), ParquetEntries(storage: storage, starts: starts, gap: 0))
    }

    private func deltaLength(
        _ reader: inout ByteReader, _ wanted: Wanted, _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(ParquetError) {
        guard DeltaBinaryPacked.isPossible(count: wanted.heldCount, byteCount: reader.remaining) else { throw leaf.ended(reader) }
        let lengths = UnsafeMutablePointer<Int64>.allocate(capacity: wanted.heldCount)
        defer { lengths.deallocate() }
        try DeltaBinaryPacked.decode(&reader, into: lengths, count: wanted.heldCount)
        let bytes = reader.takeRest()
        var next = 0
        var position: Int64 = 0
        for place in wanted.places where place >= 0 {
            while next < place {
                let length = lengths[next]
                guard length >= 0, length <= Int64(bytes.count) else { throw leaf.ended(reader) }
                position &+= length
                next &+= 1
            }
            let length = lengths[place]
            guard length >= 0, position <= Int64(bytes.count), length <= Int64(bytes.count) - position else { throw leaf.ended(reader) }
            take(UnsafeRawBufferPointer(rebasing: bytes[Int(position)..<Int(position + length)]))
        }
    }

    /// The codes of the wanted slots, absent where they have no value; not compared with the dictionary.
    private func codes(_ reader: inout ByteReader, _ wanted: Wanted) throws(ParquetError) -> [UInt32] {
        let width = Int(try reader.byte())
        guard (0...32).contains(width) else { throw reader.error(.corrupt, "Codes are said to be \(width) bits wide") }
        var codes = [UInt32](repeating: ByteValues.absent, count: wanted.places.count)
        var runs = HybridRuns(reader, width: width, count: wanted.heldCount)
        for slot in codes.indices where wanted.places[slot] >= 0 { codes[slot] = try runs.value(wanted.places[slot]) }
        return codes
    }
}

/// Single values of the RLE / bit-packing hybrid, asked for in ascending order.
private struct HybridRuns {
    private var reader: ByteReader
    private let width: Int
    private let count: Int
    /// The stretch that the reader stands behind.
    private var start = 0
    private var end = 0
    private var run: UInt32?
    private var packed = UnsafeRawBufferPointer(start: nil, count: 0)

    init(_ reader: ByteReader, width: Int, count: Int) {
        self.reader = reader
        self.width = width
        self.count = count
    }

    mutating func value(_ place: Int) throws(ParquetError) -> UInt32 {
        while place >= end { try next() }
        if let run { return run }
        return UInt32(truncatingIfNeeded: BitPacking.load(packed, bit: (place - start) * width, width: width))
    }

    private mutating func next() throws(ParquetError) {
        start = end
        let wanted = count - start
        let head = try reader.varint()
        guard head > 1, wanted > 0 else { throw reader.error(.corrupt, "A run of codes or levels is empty") }
        if head & 1 == 0 {
            run = try RunLengthHybrid.runValue(&reader, width: width)
            end = start + Int(min(head &>> 1, UInt64(wanted)))
            return
        }
        run = nil
        let groups = head &>> 1
        let isBeyond = groups > UInt64(wanted)
        let length = isBeyond ? wanted : min(wanted, Int(groups) &* 8)
        let announced = isBeyond ? Int.max : Int(groups) &* width
        packed = try reader.take(max((length &* width &+ 7) / 8, min(announced, reader.remaining)), "A stretch of packed codes or levels")
        end = start + length
    }
}

/// Words for the time of a call.
private func withUnsafeTemporaryWords<Result>(
    _ count: Int, _ body: (UnsafeMutablePointer<UInt64>) throws(ParquetError) -> Result
) throws(ParquetError) -> Result {
    let words = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
    defer { words.deallocate() }
    return try body(words)
}
