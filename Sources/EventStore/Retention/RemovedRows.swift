public import TransparencyLog

/// What retention deleted of one batch: exact index ranges, and the hashes that stand for them.
///
/// With the rows that are left the hashes still give the batch's `rowsRoot`, so deleting rows breaks no proof of another.
public struct RemovedRows: Hashable, Sendable {
    /// Indexes in the batch, ascending, joined where they touch.
    public let ranges: [Range<Int>]
    /// The fewest complete subtrees over them.
    public let subtrees: [PrunedSubtree]
    /// The `retention` entry that removed the last of them.
    public let entry: UInt64

    /// Number of rows.
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Whether the row at an index was deleted.
    public func contains(_ index: Int) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= index { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(index)
    }

    /// The ranges of set bits.
    static func ranges(of bits: [Bool]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start: Int?
        for (index, bit) in bits.enumerated() {
            if bit, start == nil { start = index }
            if !bit, let from = start {
                ranges.append(from..<index)
                start = nil
            }
        }
        if let start { ranges.append(start..<bits.count) }
        return ranges
    }
}
