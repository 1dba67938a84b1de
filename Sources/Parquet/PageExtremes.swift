/// The smallest and largest value of a page or chunk, before they become bounds.
enum PageExtremes: Equatable {
    /// There is no value.
    case none
    case int64(Int64, Int64)
    case boolean(Bool, Bool)
    /// Codes of a ``PreparedBytes``.
    case codes(UInt32, UInt32)

    /// The extremes of both together.
    func merged(with other: PageExtremes, bytes: PreparedBytes?) -> PageExtremes {
        switch (self, other) {
        case (.none, _): return other
        case (_, .none): return self
        case (.int64(let low, let high), .int64(let otherLow, let otherHigh)):
            return .int64(min(low, otherLow), max(high, otherHigh))
        case (.boolean(let low, let high), .boolean(let otherLow, let otherHigh)):
            return .boolean(low && otherLow, high || otherHigh)
        case (.codes(let low, let high), .codes(let otherLow, let otherHigh)):
            guard let bytes else { return self }
            return .codes(bytes.isBefore(otherLow, low) ? otherLow : low, bytes.isBefore(high, otherHigh) ? otherHigh : high)
        default: return self
        }
    }

    /// The bounds as they are stored. Nil for a bound that does not exist or cannot be stored.
    func bounds(bytes: PreparedBytes?, isText: Bool) -> (lower: (bound: [UInt8], isExact: Bool)?, upper: (bound: [UInt8], isExact: Bool)?) {
        switch self {
        case .none: return (nil, nil)
        case .int64(let low, let high): return ((Self.plain(low), true), (Self.plain(high), true))
        case .boolean(let low, let high): return (([low ? 1 : 0], true), ([high ? 1 : 0], true))
        case .codes(let low, let high):
            guard let bytes else { return (nil, nil) }
            return (StringBounds.lower(bytes.value(low), isText: isText), StringBounds.upper(bytes.value(high), isText: isText))
        }
    }

    private static func plain(_ value: Int64) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
