/// Which slots of a page hold a value.
enum PagePresence {
    case all
    case none
    /// A bit per slot, least significant first.
    case some(UnsafePointer<UInt64>)

    /// Whether a slot holds a value.
    @inline(__always)
    func holds(_ slot: Int) -> Bool {
        switch self {
        case .all: true
        case .none: false
        case .some(let bits): bits[slot &>> 6] & (1 &<< UInt64(slot & 63)) != 0
        }
    }
}

/// Writes repetition and definition levels: how optional and repeated values become a flat sequence (parquet-format, README.md,
/// Nested Encoding), as version 1 data pages hold them: a length of four bytes, then the hybrid encoding.
struct PageLevels: ~Copyable {
    private var repetitions = Scratch<UInt32>()
    private var definitions = Scratch<UInt32>()

    /// Appends the levels of a page.
    ///
    /// - Parameter presence: Of the page's slots, counted from its first.
    /// - Returns: How many levels there are: slots, and one for each row without any.
    mutating func append(
        leaf: ParquetLeaf, rows: Range<Int>, of slots: RowSlots, presence: PagePresence, to output: inout PageBuffer
    ) -> Int {
        if slots.areLists { return appendLists(leaf: leaf, rows: rows, of: slots, presence: presence, to: &output) }
        guard leaf.maxDefinitionLevel > 0 else { return rows.count }
        let start = output.count
        output.appendLittleEndian(UInt32(0))
        switch presence {
        case .all: RunLengthHybrid.appendRun(1, count: rows.count, width: 1, into: &output)
        case .none: RunLengthHybrid.appendRun(0, count: rows.count, width: 1, into: &output)
        case .some(let bits): RunLengthHybrid.encode(bits: bits, count: rows.count, into: &output)
        }
        output.replaceLittleEndian(UInt32(output.count - start - 4), at: start)
        return rows.count
    }

    private mutating func appendLists(
        leaf: ParquetLeaf, rows: Range<Int>, of slots: RowSlots, presence: PagePresence, to output: inout PageBuffer
    ) -> Int {
        let pageSlots = slots.slots(rows)
        let repetitions = self.repetitions.room(rows.count + pageSlots.count)
        let definitions = self.definitions.room(rows.count + pageSlots.count)
        let full = UInt32(leaf.maxDefinitionLevel)
        // The levels beneath an element: the repeated group itself, and the member where that is optional.
        let empty = full - 1 - (leaf.isOptional ? 1 : 0)
        var count = 0
        var row = rows.lowerBound
        while row < rows.upperBound {
            let elements = slots.slots(row..<row &+ 1)
            if elements.isEmpty {
                repetitions[count] = 0
                definitions[count] = slots.isPresent(row) ? empty : empty - 1
                count &+= 1
            } else {
                var slot = elements.lowerBound
                while slot < elements.upperBound {
                    repetitions[count] = slot == elements.lowerBound ? 0 : 1
                    definitions[count] = presence.holds(slot &- pageSlots.lowerBound) ? full : full - 1
                    count &+= 1
                    slot &+= 1
                }
            }
            row &+= 1
        }
        Self.append(repetitions, count: count, maximum: leaf.maxRepetitionLevel, to: &output)
        Self.append(definitions, count: count, maximum: leaf.maxDefinitionLevel, to: &output)
        return count
    }

    private static func append(_ levels: UnsafePointer<UInt32>, count: Int, maximum: Int, to output: inout PageBuffer) {
        let start = output.count
        output.appendLittleEndian(UInt32(0))
        RunLengthHybrid.encode(levels, count: count, width: BitPacking.width(of: UInt64(maximum)), into: &output)
        output.replaceLittleEndian(UInt32(output.count - start - 4), at: start)
    }
}
