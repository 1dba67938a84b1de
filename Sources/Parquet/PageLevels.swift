/// The repetition and definition levels of a stretch of rows: how optional and repeated values become a flat sequence
/// (parquet-format, README.md, Nested Encoding).
struct PageLevels {
    private(set) var repetitions: [UInt32] = []
    private(set) var definitions: [UInt32] = []

    /// Levels of `rows`.
    ///
    /// - Parameter presence: For each slot of the leaf whether it holds a value; nil where all do.
    init(leaf: ParquetLeaf, column: ParquetColumn, presence: [Bool]?, rows: Range<Int>) {
        if let offsets = column.offsets {
            appendLists(leaf: leaf, offsets: offsets, column: column, presence: presence, rows: rows)
        } else if leaf.maxDefinitionLevel > 0 {
            definitions = presence.map { $0[rows].map { $0 ? 1 : 0 } } ?? Array(repeating: 1, count: rows.count)
        }
    }

    private mutating func appendLists(
        leaf: ParquetLeaf, offsets: [UInt32], column: ParquetColumn, presence: [Bool]?, rows: Range<Int>
    ) {
        let full = UInt32(leaf.maxDefinitionLevel)
        let memberAbsent = full - 1
        // The levels beneath an element: the repeated group itself, and the member where that is optional.
        let empty = full - 1 - (leaf.isOptional ? 1 : 0)
        for row in rows {
            let elements = Int(offsets[row])..<Int(offsets[row + 1])
            if elements.isEmpty {
                repetitions.append(0)
                definitions.append(column.isPresent(row) ? empty : empty - 1)
                continue
            }
            for slot in elements {
                repetitions.append(slot == elements.lowerBound ? 0 : 1)
                definitions.append(presence?[slot] ?? true ? full : memberAbsent)
            }
        }
    }

    /// Appends both kinds of levels as version 1 data pages hold them: a length of four bytes, then the hybrid encoding.
    func append(to output: inout [UInt8], leaf: ParquetLeaf) {
        if leaf.maxRepetitionLevel > 0 { Self.append(repetitions, maximum: leaf.maxRepetitionLevel, to: &output) }
        if leaf.maxDefinitionLevel > 0 { Self.append(definitions, maximum: leaf.maxDefinitionLevel, to: &output) }
    }

    private static func append(_ levels: [UInt32], maximum: Int, to output: inout [UInt8]) {
        let start = output.count
        output.appendLittleEndian(UInt32(0))
        levels.withUnsafeBufferPointer {
            RunLengthHybrid.encode($0, width: BitPacking.width(of: UInt64(maximum)), into: &output)
        }
        output.replaceLittleEndian(UInt32(output.count - start - 4), at: start)
    }
}
