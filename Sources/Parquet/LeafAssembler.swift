/// Puts the pages of a leaf together again: levels become rows and presence, values fill slots.
struct LeafAssembler {
    let leaf: ParquetLeaf

    /// The row of the row group that the first decoded row is.
    var firstRow = 0

    /// Rows so far.
    private(set) var rowCount = 0

    /// Levels so far: values, absent ones and empty or absent lists included.
    private(set) var levelCount = 0

    /// For lists the offsets so far, and which rows have a list; nil while all have.
    private var offsets: [UInt32] = [0]
    private var listPresence: [Bool]?

    /// For each slot whether it holds a value; nil while all do.
    private var presence: [Bool]?
    private var slotCount = 0

    private var store: LeafStore

    init(leaf: ParquetLeaf) {
        self.leaf = leaf
        store = LeafStore(leaf: leaf)
    }

    /// Takes in a page.
    ///
    /// - Parameters:
    ///   - body: The page without compression.
    ///   - valueLimit: The most values it may have.
    mutating func append(_ page: ChunkReader.Page, body: [UInt8], valueLimit: Int) throws(ParquetError) {
        try body.withUnsafeBufferPointer { bytes throws(ParquetError) in
            var reader = ByteReader(UnsafeRawBufferPointer(bytes), fileOffset: page.fileOffset)
            switch page.header.kind {
            case .other: return
            case .dictionary(let count, let encoding):
                guard levelCount == 0 else { throw reader.error(.corrupt, "A dictionary page of \(leaf.dottedPath) follows data pages") }
                try store.setDictionary(&reader, count: Int(count), encoding: encoding)
            case .data(let count, let encoding):
                try appendData(&reader, count: Int(count), encoding: encoding, levelBytes: nil, valueLimit: valueLimit)
            case .dataV2(let data):
                try appendData(
                    &reader, count: Int(data.valueCount), encoding: data.encoding,
                    levelBytes: (Int(data.repetitionBytes), Int(data.definitionBytes)), valueLimit: valueLimit)
            }
        }
    }

    private mutating func appendData(
        _ reader: inout ByteReader, count: Int, encoding: Int32, levelBytes: (repetition: Int, definition: Int)?, valueLimit: Int
    ) throws(ParquetError) {
        guard count <= valueLimit else {
            throw reader.error(.corrupt, "A page of \(leaf.dottedPath) has \(count) values where at most \(valueLimit) are announced")
        }
        guard let encoding = ParquetEncoding(rawValue: encoding) else {
            throw reader.error(.unsupported, "The column \(leaf.dottedPath) uses encoding \(encoding), which is not read")
        }
        let repetitions = try levels(&reader, maximum: leaf.maxRepetitionLevel, count: count, byteCount: levelBytes?.repetition)
        let definitions = try levels(&reader, maximum: leaf.maxDefinitionLevel, count: count, byteCount: levelBytes?.definition)
        let firstSlot = slotCount
        let presentCount: Int
        if leaf.maxRepetitionLevel > 0 {
            presentCount = try appendLists(repetitions, definitions, count: count, at: reader)
        } else {
            presentCount = appendRows(definitions, count: count)
        }
        levelCount += count
        let spread = slotCount - firstSlot > presentCount ? presence?[firstSlot...] : nil
        try store.append(&reader, encoding: encoding, presentCount: presentCount, presence: spread)
    }

    /// Levels of a page: often all equal, and then not spelt out.
    private enum Levels {
        case uniform(UInt32)
        case mixed([UInt32])
    }

    /// Levels of one kind; none are stored where the maximum is 0.
    private func levels(
        _ reader: inout ByteReader, maximum: Int, count: Int, byteCount: Int?
    ) throws(ParquetError) -> Levels {
        guard maximum > 0 else {
            if let byteCount { _ = try reader.take(byteCount, "Levels") }
            return .uniform(0)
        }
        var size = byteCount ?? 0
        if byteCount == nil { size = Int(try reader.uint32()) }
        let start = reader.position
        var section = ByteReader(try reader.take(size, "Levels"), fileOffset: reader.fileOffset + start)
        let width = BitPacking.width(of: UInt64(maximum))
        if let value = RunLengthHybrid.uniformValue(section, width: width, count: count), value <= maximum { return .uniform(value) }
        guard count > 0 else { return .uniform(UInt32(maximum)) }
        var levels = [UInt32](repeating: 0, count: count)
        try levels.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            try RunLengthHybrid.decode(&section, width: width, into: room.baseAddress!, count: count)
        }
        for level in levels where level > maximum {
            throw section.error(.corrupt, "A level of \(leaf.dottedPath) is \(level), above \(maximum)")
        }
        return .mixed(levels)
    }

    /// Notes `count` slots that all hold a value, or all do not.
    private mutating func appendSlots(_ count: Int, isPresent: Bool) {
        if !isPresent, presence == nil, count > 0 { presence = Array(repeating: true, count: slotCount) }
        presence?.append(contentsOf: repeatElement(isPresent, count: count))
        slotCount += count
    }

    private mutating func appendRows(_ definitions: Levels, count: Int) -> Int {
        rowCount += count
        switch definitions {
        case .uniform(let level):
            let isPresent = Int(level) == leaf.maxDefinitionLevel
            appendSlots(count, isPresent: isPresent)
            return isPresent ? count : 0
        case .mixed(let levels):
            if presence == nil { presence = Array(repeating: true, count: slotCount) }
            presence?.append(contentsOf: levels.lazy.map { $0 != 0 })
            slotCount += count
            return levels.reduce(0) { $0 &+ Int($1) }
        }
    }

    private mutating func appendLists(
        _ repetitions: Levels, _ definitions: Levels, count: Int, at reader: ByteReader
    ) throws(ParquetError) -> Int {
        let full = UInt32(leaf.maxDefinitionLevel)
        let element = full - (leaf.isOptional ? 1 : 0)
        if case .uniform(0) = repetitions, case .uniform(let level) = definitions, level < element {
            appendRowsWithoutElements(count, isAbsent: element == 2 && level == 0)
            return 0
        }
        let repetitions = Self.spelt(repetitions, count)
        let definitions = Self.spelt(definitions, count)
        var presentCount = 0
        for index in 0..<count {
            let definition = definitions[index]
            if repetitions[index] == 0 {
                // Below "element" stands "empty list", and below that "absent list" where the list is optional.
                appendRowsWithoutElements(1, isAbsent: element == 2 && definition == 0)
            } else if rowCount == 0 || definition < element {
                throw reader.error(.corrupt, "A list of \(leaf.dottedPath) continues where none began")
            }
            guard definition >= element else { continue }
            offsets[offsets.count - 1] += 1
            appendSlots(1, isPresent: definition == full)
            if definition == full { presentCount += 1 }
        }
        return presentCount
    }

    private static func spelt(_ levels: Levels, _ count: Int) -> [UInt32] {
        switch levels {
        case .uniform(let level): Array(repeating: level, count: count)
        case .mixed(let levels): levels
        }
    }

    private mutating func appendRowsWithoutElements(_ count: Int, isAbsent: Bool) {
        offsets.append(contentsOf: repeatElement(offsets[offsets.count - 1], count: count))
        if isAbsent, listPresence == nil { listPresence = Array(repeating: true, count: rowCount) }
        listPresence?.append(contentsOf: repeatElement(!isAbsent, count: count))
        rowCount += count
    }

    /// The rows `rows` of the row group, as offsets, presence of lists, and values.
    ///
    /// - Precondition: They were decoded.
    func slice(_ rows: Range<Int>) -> (offsets: [UInt32]?, present: [Bool]?, values: LeafValues) {
        let local = rows.lowerBound - firstRow..<rows.upperBound - firstRow
        guard leaf.maxRepetitionLevel > 0 else { return (nil, nil, store.values(local, presence: presence)) }
        let first = offsets[local.lowerBound]
        let slots = Int(first)..<Int(offsets[local.upperBound])
        let sliced = local.count == rowCount ? offsets : offsets[local.lowerBound...local.upperBound].map { $0 - first }
        let present = listPresence.map { Array($0[local]) }
        return (sliced, present, store.values(slots, presence: presence))
    }
}
