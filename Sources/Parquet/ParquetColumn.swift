/// The content of one field for a stretch of rows: what the writer takes and the reader gives.
public struct ParquetColumn: Hashable, Sendable {
    /// For lists and maps where each row's elements begin, and at the end where the last row's end: `rowCount + 1` ascending values,
    /// the first 0. Nil for scalars.
    public var offsets: [UInt32]?

    /// For lists and maps which rows have one at all (an absent list has no elements, an empty one neither); nil says that all have.
    /// Nil for scalars, whose absence their leaf tells.
    public var present: [Bool]?

    /// One per leaf: scalar and list one, structures one per member, map the keys and the values.
    public var leaves: [LeafValues]

    /// Makes a column from its parts; the writer checks that they fit.
    public init(offsets: [UInt32]? = nil, present: [Bool]? = nil, leaves: [LeafValues]) {
        self.offsets = offsets
        self.present = present
        self.leaves = leaves
    }

    /// How many rows there are.
    public var rowCount: Int {
        if let offsets { offsets.count - 1 } else { leaves.first?.count ?? 0 }
    }

    /// The elements of `row` as positions in the leaves; empty for an absent list. For lists and maps only.
    public func elements(of row: Int) -> Range<Int> {
        guard let offsets else { return row..<row + 1 }
        return Int(offsets[row])..<Int(offsets[row + 1])
    }

    /// Whether `row` has a list or map at all.
    public func isPresent(_ row: Int) -> Bool { present?[row] ?? true }

    /// A scalar column of integers.
    public static func int64(_ values: [Int64], present: [Bool]? = nil) -> ParquetColumn {
        ParquetColumn(leaves: [.int64(Int64Values(values, present: present))])
    }

    /// A scalar column of booleans.
    public static func boolean(_ values: [Bool], present: [Bool]? = nil) -> ParquetColumn {
        ParquetColumn(leaves: [.boolean(BooleanValues(values, present: present))])
    }

    /// A scalar column of byte strings.
    public static func bytes(_ values: ByteValues) -> ParquetColumn {
        ParquetColumn(leaves: [.bytes(values)])
    }

    /// A scalar column of text.
    public static func strings(_ values: [String?]) -> ParquetColumn {
        .bytes(ByteValues(values))
    }

    /// A list column of text; nil is an absent list.
    public static func stringLists(_ lists: [[String]?]) -> ParquetColumn {
        var builder = ListOffsetsBuilder()
        var elements = ByteValuesBuilder()
        for list in lists {
            if let list { builder.append(count: list.count) } else { builder.appendAbsent() }
            for element in list ?? [] { elements.append(element) }
        }
        return ParquetColumn(offsets: builder.offsets, present: builder.present, leaves: [.bytes(elements.values)])
    }
}
