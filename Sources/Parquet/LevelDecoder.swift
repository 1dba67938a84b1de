/// Reads repetition and definition levels of a page: which slots there are, which rows they belong to, and which hold a value.
struct LevelDecoder {
    let leaf: ParquetLeaf

    /// Levels of a scalar leaf.
    func rows(_ reader: inout ByteReader, _ head: PageDecoder.Head, into page: inout PageDecoder.Decoded) throws(ParquetError) {
        page.rowCount = head.count
        page.slotCount = head.count
        page.presentCount = head.count
        if let levelBytes = head.levelBytes { _ = try reader.take(levelBytes.repetition, "Levels") }
        var section = try section(&reader, maximum: leaf.maxDefinitionLevel, byteCount: head.levelBytes?.definition)
        guard leaf.maxDefinitionLevel > 0, head.count > 0 else { return }
        if let level = RunLengthHybrid.uniformValue(section, width: 1, count: head.count) {
            if level == 0 { page.presentCount = 0 }
            return
        }
        var bits = [UInt64](repeating: 0, count: head.count / 64 + 1)
        page.presentCount = try bits.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            guard let base = room.baseAddress else { return 0 }
            return try PageBits.decode(&section, into: base, count: head.count)
        }
        if page.presentCount > 0, page.presentCount < head.count { page.bits = bits }
    }

    /// Levels of a leaf in lists.
    func lists(_ reader: inout ByteReader, _ head: PageDecoder.Head, into page: inout PageDecoder.Decoded) throws(ParquetError) {
        var repetitionSection = try section(&reader, maximum: 1, byteCount: head.levelBytes?.repetition)
        var definitionSection = try section(&reader, maximum: leaf.maxDefinitionLevel, byteCount: head.levelBytes?.definition)
        let width = BitPacking.width(of: UInt64(leaf.maxDefinitionLevel))
        // The level of an element, and below it those of an empty and, where lists are optional, an absent list.
        let element = leaf.maxDefinitionLevel - (leaf.isOptional ? 1 : 0)
        if head.count > 0, RunLengthHybrid.uniformValue(repetitionSection, width: 1, count: head.count) == 0,
            let level = RunLengthHybrid.uniformValue(definitionSection, width: width, count: head.count), level < element
        {
            page.rowCount = head.count
            page.lists = .empty(areAbsent: element == 2 && level == 0)
            return
        }
        let repetitions = try levels(&repetitionSection, width: 1, maximum: 1, count: head.count)
        let definitions = try levels(&definitionSection, width: width, maximum: leaf.maxDefinitionLevel, count: head.count)
        try assemble(repetitions, definitions, element: UInt8(element), reader, into: &page)
    }

    private func assemble(
        _ repetitions: [UInt8], _ definitions: [UInt8], element: UInt8, _ reader: ByteReader, into page: inout PageDecoder.Decoded
    ) throws(ParquetError) {
        let full = UInt8(leaf.maxDefinitionLevel)
        var offsets: [UInt32] = []
        offsets.reserveCapacity(repetitions.count + 1)
        var present = [UInt8](repeating: 1, count: repetitions.count)
        var bits = [UInt64](repeating: 0, count: repetitions.count / 64 + 1)
        var hasAbsentList = false
        var slot = 0
        var index = 0
        while index < repetitions.count {
            let definition = definitions[index]
            if repetitions[index] == 0 {
                if element == 2, definition == 0 {
                    present[offsets.count] = 0
                    hasAbsentList = true
                }
                offsets.append(UInt32(truncatingIfNeeded: slot))
            } else {
                guard definition >= element else {
                    throw reader.error(.corrupt, "A list of \(leaf.dottedPath) continues where none began")
                }
                if offsets.isEmpty { page.leadingSlots += 1 }
            }
            if definition >= element {
                if definition == full {
                    bits[slot &>> 6] |= 1 &<< UInt64(slot & 63)
                    page.presentCount &+= 1
                }
                slot &+= 1
            }
            index &+= 1
        }
        page.rowCount = offsets.count
        page.slotCount = slot
        offsets.append(UInt32(truncatingIfNeeded: slot))
        present.removeLast(present.count - page.rowCount)
        page.lists = .offsets(offsets, present: hasAbsentList ? present : nil)
        if page.presentCount > 0, page.presentCount < slot { page.bits = bits }
    }

    /// The bytes that hold levels of one kind; none where the maximum is 0.
    private func section(_ reader: inout ByteReader, maximum: Int, byteCount: Int?) throws(ParquetError) -> ByteReader {
        guard maximum > 0 else {
            let taken = try reader.take(byteCount ?? 0, "Levels")
            return ByteReader(taken, fileOffset: reader.fileOffset)
        }
        var size = byteCount ?? 0
        if byteCount == nil { size = Int(try reader.uint32()) }
        let start = reader.position
        return ByteReader(try reader.take(size, "Levels"), fileOffset: reader.fileOffset + start)
    }

    private func levels(_ section: inout ByteReader, width: Int, maximum: Int, count: Int) throws(ParquetError) -> [UInt8] {
        var levels = [UInt8](repeating: 0, count: count)
        try levels.withUnsafeMutableBufferPointer { room throws(ParquetError) in
            guard let base = room.baseAddress else { return }
            try RunLengthHybrid.decode(&section, width: width, into: base, count: count)
        }
        var largest: UInt8 = 0
        for level in levels { largest = max(largest, level) }
        guard Int(largest) <= maximum else {
            throw section.error(.corrupt, "A level of \(leaf.dottedPath) is \(largest), above \(maximum)")
        }
        return levels
    }
}
