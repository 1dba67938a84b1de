/// Ranges of indexes in a batch, ascending: what `retention` entries list as deleted (docs/formats/seal.md).
///
/// Entries arrive from outside too: ranges may overlap there, which ``overlaps`` tells; ``contains(_:)`` is meant for ranges that do not.
public struct IndexRanges: Hashable, Sendable {
    /// By beginning.
    public private(set) var ranges: [Range<Int>]

    /// - Parameter ranges: In any order.
    public init(_ ranges: [Range<Int>] = []) { self.ranges = ranges.sorted { $0.lowerBound < $1.lowerBound } }

    /// The ranges of set bits, joined where they touch.
    public init(of bits: [Bool]) {
        ranges = []
        var start: Int?
        for (index, bit) in bits.enumerated() {
            if bit, start == nil { start = index }
            if !bit, let from = start {
                ranges.append(from..<index)
                start = nil
            }
        }
        if let start { ranges.append(start..<bits.count) }
    }

    /// Reads `[from, to]`, `to` not included; nil unless it is a range that is not empty and ends at `limit` at most.
    public static func range(_ json: JSONValue, upTo limit: Int) -> Range<Int>? {
        guard let pair = json.array, pair.count == 2, let from = pair[0].integer, let to = pair[1].integer, from >= 0, from < to, to <= Int64(limit)
        else { return nil }
        return Int(from)..<Int(to)
    }

    /// Adds more.
    public mutating func add(_ more: [Range<Int>]) { self = IndexRanges(ranges + more) }

    /// Number of indexes.
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Whether an index stands in two ranges.
    public var overlaps: Bool { zip(ranges, ranges.dropFirst()).contains { $0.upperBound > $1.lowerBound } }

    /// Whether an index is in a range.
    /// - Complexity: Logarithmic.
    public func contains(_ index: Int) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= index { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(index)
    }
}
