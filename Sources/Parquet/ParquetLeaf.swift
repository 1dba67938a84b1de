/// A leaf of the schema tree: one column chunk per row group is stored for it.
public struct ParquetLeaf: Hashable, Sendable {
    /// Names from the field down to the leaf, as in `["targets", "list", "element", "id"]`.
    public let path: [String]

    /// The type of its values.
    public let type: ParquetPrimitive

    /// How many optional or repeated levels lie on the path: the definition level of a value that is there.
    public let maxDefinitionLevel: Int

    /// 1 inside a list or map, else 0.
    public let maxRepetitionLevel: Int

    /// Whether the leaf itself may be absent: an optional scalar, or an optional member of a structure.
    public let isOptional: Bool

    /// The path as text, joined by dots.
    public var dottedPath: String { path.joined(separator: ".") }

    static func leaves(of field: ParquetField) -> [ParquetLeaf] {
        let outer = field.isOptional ? 1 : 0
        func nested(_ names: [String], _ type: ParquetPrimitive, isOptional: Bool) -> ParquetLeaf {
            ParquetLeaf(
                path: [field.name] + names, type: type, maxDefinitionLevel: outer + 1 + (isOptional ? 1 : 0),
                maxRepetitionLevel: 1, isOptional: isOptional)
        }
        switch field.shape {
        case .scalar(let type):
            return [
                ParquetLeaf(
                    path: [field.name], type: type, maxDefinitionLevel: outer, maxRepetitionLevel: 0, isOptional: field.isOptional)
            ]
        case .list(let type):
            return [nested(["list", "element"], type, isOptional: false)]
        case .structs(let members):
            return members.map { nested(["list", "element", $0.name], $0.type, isOptional: $0.isOptional) }
        case .map(let key, let value):
            return [
                nested(["key_value", "key"], key, isOptional: false),
                nested(["key_value", "value"], value, isOptional: false),
            ]
        }
    }
}

/// What is wrong with the values of a page, in the same words whoever decodes it.
extension ParquetLeaf {
    func outside(_ code: Int, _ count: Int, _ reader: ByteReader) -> ParquetError {
        reader.error(.corrupt, "\(dottedPath) has code \(code) where its dictionary has \(count) entries")
    }

    func ended(_ reader: ByteReader) -> ParquetError { reader.error(.truncated, "Values of \(dottedPath) end early") }

    func unsupported(_ encoding: ParquetEncoding, _ reader: ByteReader) -> ParquetError {
        reader.error(.unsupported, "\(dottedPath) uses encoding \(encoding) for its type, which is not read")
    }
}
