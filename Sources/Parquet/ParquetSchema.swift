/// The type of a leaf: what one value is, physically and to a reader.
public enum ParquetPrimitive: Hashable, Sendable {
    /// INT64.
    case int64
    /// INT64 as TIMESTAMP(MICROS, adjusted to UTC).
    case timestampMicros
    /// INT64 as TIMESTAMP(MILLIS, adjusted to UTC).
    case timestampMillis
    /// BOOLEAN.
    case boolean
    /// BYTE_ARRAY as STRING: UTF-8 by contract. The writer does not check it; readers such as DuckDB refuse a file that breaks it.
    case string
    /// BYTE_ARRAY without a logical type: any bytes.
    case binary
    /// FIXED_LEN_BYTE_ARRAY of `length` bytes, 1...65,536.
    case fixed(length: Int)
    /// FIXED_LEN_BYTE_ARRAY of 16 bytes as UUID.
    case uuid
}

/// A named leaf inside a list of structures.
public struct ParquetMember: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its type.
    public let type: ParquetPrimitive
    /// Whether it may be absent.
    public let isOptional: Bool

    /// Makes a member.
    public init(_ name: String, _ type: ParquetPrimitive, isOptional: Bool) {
        self.name = name
        self.type = type
        self.isOptional = isOptional
    }
}

/// One column as a user sees it. It has one leaf, or several where it is a list of structures or a map.
///
/// A dot in a name has no meaning: `actor.id` is one flat column of that name.
public struct ParquetField: Hashable, Sendable {
    /// How a field's leaves hang together.
    public enum Shape: Hashable, Sendable {
        /// One value per row.
        case scalar(ParquetPrimitive)
        /// A LIST of required values: `list.element`.
        case list(ParquetPrimitive)
        /// A LIST of required structures: `list.element.<member>`.
        case structs([ParquetMember])
        /// A MAP of required keys and required values: `key_value.key`, `key_value.value`.
        case map(key: ParquetPrimitive, value: ParquetPrimitive)
    }

    /// The column's name.
    public let name: String
    /// What it holds.
    public let shape: Shape
    /// Whether the value may be absent. An absent list differs from an empty one.
    public let isOptional: Bool

    /// Makes a field of any shape.
    public init(_ name: String, _ shape: Shape, isOptional: Bool) {
        self.name = name
        self.shape = shape
        self.isOptional = isOptional
    }

    /// A value that every row has.
    public static func required(_ name: String, _ type: ParquetPrimitive) -> ParquetField {
        ParquetField(name, .scalar(type), isOptional: false)
    }

    /// A value that rows may lack.
    public static func optional(_ name: String, _ type: ParquetPrimitive) -> ParquetField {
        ParquetField(name, .scalar(type), isOptional: true)
    }

    /// A list of values; the list itself may be absent unless `isOptional` is false.
    public static func list(_ name: String, of type: ParquetPrimitive, isOptional: Bool = true) -> ParquetField {
        ParquetField(name, .list(type), isOptional: isOptional)
    }

    /// A list of structures; the list itself may be absent unless `isOptional` is false.
    public static func structs(_ name: String, _ members: [ParquetMember], isOptional: Bool = true) -> ParquetField {
        ParquetField(name, .structs(members), isOptional: isOptional)
    }

    /// A map of strings to strings; the map itself may be absent unless `isOptional` is false.
    public static func map(
        _ name: String, key: ParquetPrimitive = .string, value: ParquetPrimitive = .string, isOptional: Bool = true
    ) -> ParquetField {
        ParquetField(name, .map(key: key, value: value), isOptional: isOptional)
    }
}

/// The columns of a file, in order.
public struct ParquetSchema: Hashable, Sendable {
    /// The columns as a user sees them.
    public let fields: [ParquetField]

    /// The leaves in file order: what Parquet calls columns, each with one chunk per row group.
    public let leaves: [ParquetLeaf]

    /// For each field the range of its leaves in ``leaves``.
    public let leafRanges: [Range<Int>]

    private let indexByName: [String: Int]

    /// Checks and lays out `fields`.
    ///
    /// - Throws: ``ParquetError`` with `.invalidSchema` if there is no field, a name is empty or twice there, a structure has no
    ///   member, or a fixed length is out of range.
    public init(_ fields: [ParquetField]) throws(ParquetError) {
        guard !fields.isEmpty else { throw ParquetError(.invalidSchema, "A Parquet schema needs at least one field") }
        var leaves: [ParquetLeaf] = []
        var ranges: [Range<Int>] = []
        var indexByName: [String: Int] = [:]
        for (index, field) in fields.enumerated() {
            try Self.check(field)
            guard indexByName.updateValue(index, forKey: field.name) == nil else {
                throw ParquetError(.invalidSchema, "The field name \(field.name) is used twice")
            }
            let start = leaves.count
            leaves += ParquetLeaf.leaves(of: field)
            ranges.append(start..<leaves.count)
        }
        self.fields = fields
        self.leaves = leaves
        self.leafRanges = ranges
        self.indexByName = indexByName
    }

    /// The position of the field called `name`.
    public func index(of name: String) -> Int? { indexByName[name] }

    private static func check(_ field: ParquetField) throws(ParquetError) {
        guard !field.name.isEmpty else { throw ParquetError(.invalidSchema, "A field has an empty name") }
        switch field.shape {
        case .scalar(let type), .list(let type):
            try check(type, of: field.name)
        case .map(let key, let value):
            try check(key, of: field.name)
            try check(value, of: field.name)
        case .structs(let members):
            let names = Set(members.map(\.name))
            guard !members.isEmpty, names.count == members.count, !names.contains("") else {
                throw ParquetError(.invalidSchema, "The members of \(field.name) must be at least one, named and distinct")
            }
            for member in members { try check(member.type, of: "\(field.name).\(member.name)") }
        }
    }

    private static func check(_ type: ParquetPrimitive, of name: String) throws(ParquetError) {
        guard case .fixed(let length) = type else { return }
        guard (1...65_536).contains(length) else {
            throw ParquetError(.invalidSchema, "The fixed length \(length) of \(name) is not in 1...65,536")
        }
    }
}
