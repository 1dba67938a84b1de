/// The values of one leaf, one slot per row, or per list element where the leaf lies in a list. Absent values keep their slot.
public enum LeafValues: Hashable, Sendable {
    /// For `.int64` and timestamps.
    case int64(Int64Values)
    /// For `.boolean`.
    case boolean(BooleanValues)
    /// For `.string`, `.binary`, `.fixed` and `.uuid`.
    case bytes(ByteValues)

    /// How many slots there are.
    public var count: Int {
        switch self {
        case .int64(let column): column.values.count
        case .boolean(let column): column.values.count
        case .bytes(let column): column.codes.count
        }
    }

    /// The byte strings, if it holds such.
    public var byteValues: ByteValues? {
        if case .bytes(let column) = self { column } else { nil }
    }

    /// The integers, if it holds such.
    public var int64Values: Int64Values? {
        if case .int64(let column) = self { column } else { nil }
    }

    /// The booleans, if it holds such.
    public var booleanValues: BooleanValues? {
        if case .boolean(let column) = self { column } else { nil }
    }
}

/// 64-bit integers, one slot per row or element.
public struct Int64Values: Hashable, Sendable {
    /// The values; an absent slot holds 0.
    public var values: [Int64]
    /// Which slots hold a value; nil says that all do.
    public var present: [Bool]?

    /// Makes a column of integers. `present`, where given, has as many entries as `values`.
    public init(_ values: [Int64], present: [Bool]? = nil) {
        self.values = values
        self.present = present
    }

    /// Makes a column of integers that may be absent.
    public init(_ values: [Int64?]) {
        self.values = values.map { $0 ?? 0 }
        present = values.contains(nil) ? values.map { $0 != nil } : nil
    }

    /// The value in a slot, nil if absent.
    public subscript(slot: Int) -> Int64? {
        present?[slot] ?? true ? values[slot] : nil
    }
}

/// Booleans, one slot per row or element.
public struct BooleanValues: Hashable, Sendable {
    /// The values; an absent slot holds false.
    public var values: [Bool]
    /// Which slots hold a value; nil says that all do.
    public var present: [Bool]?

    /// Makes a column of booleans. `present`, where given, has as many entries as `values`.
    public init(_ values: [Bool], present: [Bool]? = nil) {
        self.values = values
        self.present = present
    }

    /// The value in a slot, nil if absent.
    public subscript(slot: Int) -> Bool? {
        present?[slot] ?? true ? values[slot] : nil
    }
}

/// Byte strings as codes into a list of them, one code per row or element.
///
/// A predicate is evaluated once per dictionary entry and then compared with codes, without making a `String` per row.
public struct ByteValues: Hashable, Sendable {
    /// The code of an absent value.
    public static let absent = UInt32.max

    /// The strings that codes refer to. It may hold strings that no code uses.
    public var dictionary: ByteArrays

    /// For each slot an index into ``dictionary``, or ``absent``.
    public var codes: [UInt32]

    /// Whether no two entries of ``dictionary`` are equal, so that equal codes and equal strings mean the same.
    ///
    /// From the reader it is true where the whole range came from one dictionary page, as the writer makes them distinct.
    public var isDictionaryDistinct: Bool

    /// Makes a column from a dictionary and codes.
    public init(dictionary: ByteArrays, codes: [UInt32], isDictionaryDistinct: Bool) {
        self.dictionary = dictionary
        self.codes = codes
        self.isDictionaryDistinct = isDictionaryDistinct
    }

    /// Makes a column of text, sharing equal strings.
    public init(_ strings: some Sequence<String?>) {
        var builder = ByteValuesBuilder()
        for string in strings {
            if let string { builder.append(string) } else { builder.appendAbsent() }
        }
        self = builder.values
    }

    /// The text in a slot, nil if absent. For display: scans compare codes instead.
    public func string(_ slot: Int) -> String? {
        let code = codes[slot]
        return code == Self.absent ? nil : dictionary.string(Int(code))
    }
}
