/// The smallest and largest value of a page or chunk, before they become bounds.
enum PageExtremes: Equatable {
    /// There is no value.
    case none
    case int64(Int64, Int64)
    case boolean(Bool, Bool)
    /// File codes of a ``ByteLeaf``.
    case codes(UInt32, UInt32)

    /// The extremes of both together.
    func merged(with other: PageExtremes, leaf: ByteLeaf?) -> PageExtremes {
        switch (self, other) {
        case (.none, _): return other
        case (_, .none): return self
        case (.int64(let low, let high), .int64(let otherLow, let otherHigh)):
            return .int64(min(low, otherLow), max(high, otherHigh))
        case (.boolean(let low, let high), .boolean(let otherLow, let otherHigh)):
            return .boolean(low && otherLow, high || otherHigh)
        case (.codes(let low, let high), .codes(let otherLow, let otherHigh)):
            guard let leaf else { return self }
            return .codes(leaf.isBefore(otherLow, low) ? otherLow : low, leaf.isBefore(high, otherHigh) ? otherHigh : high)
        default: return self
        }
    }

    /// Whether bounds may run upwards, or downwards, from this page to `next`.
    ///
    /// Shortened bounds keep the order of the values they come from, so comparing values is enough.
    func order(to next: PageExtremes, leaf: ByteLeaf?) -> (ascends: Bool, descends: Bool) {
        switch (self, next) {
        case (.int64(let low, let high), .int64(let nextLow, let nextHigh)):
            return (nextLow >= low && nextHigh >= high, nextLow <= low && nextHigh <= high)
        case (.boolean(let low, let high), .boolean(let nextLow, let nextHigh)):
            return ((nextLow || !low) && (nextHigh || !high), (low || !nextLow) && (high || !nextHigh))
        case (.codes(let low, let high), .codes(let nextLow, let nextHigh)):
            guard let leaf else { return (true, true) }
            return (
                !leaf.isBefore(nextLow, low) && !leaf.isBefore(nextHigh, high),
                !leaf.isBefore(low, nextLow) && !leaf.isBefore(high, nextHigh)
            )
        default: return (true, true)
        }
    }

    /// The bounds as they are stored. Nil for a bound that does not exist or cannot be stored.
    func bounds(leaf: ByteLeaf?, isText: Bool) -> (lower: (bound: [UInt8], isExact: Bool)?, upper: (bound: [UInt8], isExact: Bool)?) {
        switch self {
        case .none: return (nil, nil)
        case .int64(let low, let high): return ((Self.plain(low), true), (Self.plain(high), true))
        case .boolean(let low, let high): return (([low ? 1 : 0], true), ([high ? 1 : 0], true))
        case .codes(let low, let high):
            guard let leaf else { return (nil, nil) }
            return (
                StringBounds.lower(Array(leaf.value(low))[...], isText: isText),
                StringBounds.upper(Array(leaf.value(high))[...], isText: isText)
            )
        }
    }

    private static func plain(_ value: Int64) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
