/// Puts the pages of a leaf together again: levels become rows and presence, values fill slots.
struct LeafAssembler {
    let leaf: ParquetLeaf

    /// The row of the row group that the first decoded row is.
    var firstRow = 0

    /// Rows so far.
    private(set) var rowCount = 0

    /// Levels so far: values, absent ones and empty or absent lists included.
    private(set) var levelCount = 0

    /// For lists the offsets so far, and which rows have a list.
    private var offsets: [UInt32] = [0]
    private var listPresence: [Bool] = []
    private var isListAbsentAnywhere = false

    /// For each slot whether it holds a value; kept for optional leaves only.
    private var presence: [Bool] = []
    private var isAbsentAnywhere = false

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
        let firstSlot = presence.count
        let presentCount: Int
        if leaf.maxRepetitionLevel > 0 {
            presentCount = try appendLists(repetitions, definitions, at: reader)
        } else {
            presentCount = appendRows(definitions, count: count)
        }
        levelCount += count
        let newPresence = leaf.isOptional ? presence[firstSlot...] : nil
        try store.append(&reader, encoding: encoding, presentCount: presentCount, presence: newPresence)
    }

    /// Levels of one kind; none are stored where the maximum is 0.
    private func levels(
        _ reader: inout ByteReader, maximum: Int, count: Int, byteCount: Int?
    ) throws(ParquetError) -> [UInt32] {
        guard maximum > 0 else {
            if let byteCount { _ = try reader.take(byteCount, "Levels") }
            return []
        }
        var size = byteCount ?? 0
        if byteCount == nil { size = Int(try reader.uint32()) }
        let start = reader.position
        var section = ByteReader(try reader.take(size, "Levels"), fileOffset: reader.fileOffset + start)
        var levels = [UInt32](repeating: 0, count: count)
        try levels.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            try RunLengthHybrid.decode(&section, width: BitPacking.width(of: UInt64(maximum)), into: room)
        }
        for level in levels where level > maximum {
            throw section.error(.corrupt, "A level of \(leaf.dottedPath) is \(level), above \(maximum)")
        }
        return levels
    }

    private mutating func appendRows(_ definitions: [UInt32], count: Int) -> Int {
        rowCount += count
        guard leaf.maxDefinitionLevel > 0 else { return count }
        var presentCount = 0
        presence.reserveCapacity(presence.count + count)
        for level in definitions {
            presence.append(level == 1)
            presentCount &+= Int(level)
        }
        if presentCount < count { isAbsentAnywhere = true }
        return presentCount
    }

    private mutating func appendLists(
        _ repetitions: [UInt32], _ definitions: [UInt32], at reader: ByteReader
    ) throws(ParquetError) -> Int {
        let full = UInt32(leaf.maxDefinitionLevel)
        let element = full - (leaf.isOptional ? 1 : 0)
        var presentCount = 0
        for (repetition, definition) in zip(repetitions, definitions) {
            if repetition == 0 {
                // Below "element" stands "empty list", and below that "absent list" where the list is optional.
                let isAbsent = element == 2 && definition == 0
                offsets.append(offsets[offsets.count - 1])
                listPresence.append(!isAbsent)
                if isAbsent { isListAbsentAnywhere = true }
                rowCount += 1
            } else if rowCount == 0 || definition < element {
                throw reader.error(.corrupt, "A list of \(leaf.dottedPath) continues where none began")
            }
            guard definition >= element else { continue }
            offsets[offsets.count - 1] += 1
            if leaf.isOptional {
                presence.append(definition == full)
                if definition != full { isAbsentAnywhere = true }
            }
            if definition == full { presentCount += 1 }
        }
        return presentCount
    }

    /// The rows `rows` of the row group, as offsets, presence of lists, and values.
    ///
    /// - Precondition: They were decoded.
    func slice(_ rows: Range<Int>) -> (offsets: [UInt32]?, present: [Bool]?, values: LeafValues) {
        let local = rows.lowerBound - firstRow..<rows.upperBound - firstRow
        guard leaf.maxRepetitionLevel > 0 else { return (nil, nil, store.values(local, presence: isAbsentAnywhere ? presence : nil)) }
        let first = offsets[local.lowerBound]
        let slots = Int(first)..<Int(offsets[local.upperBound])
        let sliced = local.count == rowCount ? offsets : offsets[local.lowerBound...local.upperBound].map { $0 - first }
        let present = isListAbsentAnywhere ? Array(listPresence[local]) : nil
        return (sliced, present, store.values(slots, presence: isAbsentAnywhere ? presence : nil))
    }
}
