/// One decoded data page of one leaf.
///
/// A page of a leaf whose values are all absent or all equal may hold many rows, up to the whole row group, whatever
/// ``ParquetWriterOptions/pageRowCount`` is; other pages begin at its multiples as long as no page reaches
/// ``ParquetWriterOptions/pageBytes``.
public struct ParquetPage: Sendable {
    /// Its rows, counted from the row group's start.
    public let rows: Range<Int>

    /// For leaves in lists and maps which slots each row has; nil for scalars, where slot `i` is row `rows.lowerBound + i`.
    public let lists: ParquetPageLists?

    /// The values of the slots.
    public let values: ParquetPageValues

    /// How many slots there are.
    public var slotCount: Int { values.count }
}

/// Which slots of a page each of its rows has.
public enum ParquetPageLists: Sendable, Hashable {
    /// No row has an element; all lists are absent, or all are there and empty.
    case empty(areAbsent: Bool)
    /// Row `i` of the page has the slots `offsets[i]..<offsets[i + 1]`, counted from the page's first. `present` says for each row whether
    /// it has a list (1) or none (0); nil says that all have one.
    case offsets([UInt32], present: [UInt8]?)

    /// Whether a row, counted from the page's first, has a list at all; an absent list differs from an empty one.
    public func isPresent(_ row: Int) -> Bool {
        switch self {
        case .empty(let areAbsent): !areAbsent
        case .offsets(_, let present): present.map { $0[row] != 0 } ?? true
        }
    }

    /// The slots of a row, counted from the page's first row.
    public func slots(ofRow row: Int) -> Range<Int> {
        switch self {
        case .empty: 0..<0
        case .offsets(let offsets, _): Int(offsets[row])..<Int(offsets[row + 1])
        }
    }
}

/// The values of the slots of a page.
public enum ParquetPageValues: Sendable {
    /// Byte strings as codes into ``ParquetReader/dictionary(rowGroup:leaf:)``.
    case codes(ParquetCodes)
    /// Byte strings that the page holds itself: codes into `entries`, which ascend from 0 and skip absent slots.
    case entries(ParquetCodes, ParquetEntries)
    /// Integers and times.
    case int64(ParquetIntegers)
    /// Booleans: 0, 1, or 255 for absent.
    case boolean([UInt8])

    /// How many slots there are.
    public var count: Int {
        switch self {
        case .codes(let codes), .entries(let codes, _): codes.count
        case .int64(let integers): integers.count
        case .boolean(let values): values.count
        }
    }
}

/// The integers of the slots of a page.
public enum ParquetIntegers: Sendable, Hashable {
    /// All slots have this value, or none has one.
    case uniform(Int64?, count: Int)
    /// The values; an absent slot holds `Int64.min`. `present` has a bit per slot, least significant first, nil where all hold a value:
    /// it tells an absent slot from one that holds that number.
    case values([Int64], present: [UInt64]?)

    /// How many slots there are.
    public var count: Int {
        switch self {
        case .uniform(_, let count): count
        case .values(let values, _): values.count
        }
    }

    /// The value of a slot, nil if absent.
    public subscript(slot: Int) -> Int64? {
        switch self {
        case .uniform(let value, let count):
            precondition(slot >= 0 && slot < count, "There is no such slot")
            return value
        case .values(let values, let present):
            if let present, present[slot >> 6] & (1 &<< UInt64(slot & 63)) == 0 { return nil }
            return values[slot]
        }
    }
}
