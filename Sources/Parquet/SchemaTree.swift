/// Turns a schema into the footer's flattened tree and back.
enum SchemaTree {
    /// The tree of `schema`, root first, depth first, with the LIST and MAP layouts of parquet-format, LogicalTypes.md.
    static func elements(of schema: ParquetSchema) -> [SchemaElement] {
        var elements = [SchemaElement(name: "schema", childCount: schema.fields.count)]
        for field in schema.fields {
            let repetition: SchemaElement.Repetition = field.isOptional ? .optional : .required
            switch field.shape {
            case .scalar(let type):
                elements.append(leaf(field.name, type, repetition))
            case .list(let type):
                elements.append(SchemaElement(name: field.name, repetition: repetition, childCount: 1, annotation: .list))
                elements.append(SchemaElement(name: "list", repetition: .repeated, childCount: 1))
                elements.append(leaf("element", type, .required))
            case .structs(let members):
                elements.append(SchemaElement(name: field.name, repetition: repetition, childCount: 1, annotation: .list))
                elements.append(SchemaElement(name: "list", repetition: .repeated, childCount: 1))
                elements.append(SchemaElement(name: "element", repetition: .required, childCount: members.count))
                elements += members.map { leaf($0.name, $0.type, $0.isOptional ? .optional : .required) }
            case .map(let key, let value):
                elements.append(SchemaElement(name: field.name, repetition: repetition, childCount: 1, annotation: .map))
                elements.append(SchemaElement(name: "key_value", repetition: .repeated, childCount: 2))
                elements.append(leaf("key", key, .required))
                elements.append(leaf("value", value, .required))
            }
        }
        return elements
    }

    private static func leaf(
        _ name: String, _ type: ParquetPrimitive, _ repetition: SchemaElement.Repetition
    ) -> SchemaElement {
        let annotation: SchemaElement.Annotation? =
            switch type {
            case .string: .string
            case .timestampMicros: .timestampMicros
            case .timestampMillis: .timestampMillis
            case .uuid: .uuid
            case .int64, .boolean, .binary, .fixed: nil
            }
        return SchemaElement(
            name: name, type: type.physicalType, typeLength: type.fixedLength, repetition: repetition, annotation: annotation)
    }

    /// Reads a tree back.
    ///
    /// - Throws: `.corrupt` if it is no tree, `.unsupported` if a column has a shape or type that ``ParquetField`` cannot say.
    static func schema(of elements: [SchemaElement]) throws(ParquetError) -> ParquetSchema {
        guard let root = elements.first, let count = root.childCount, count > 0 else {
            throw ParquetError(.corrupt, "The footer's schema has no columns")
        }
        var cursor = Cursor(elements: elements, position: 1)
        var fields: [ParquetField] = []
        for _ in 0..<count { fields.append(try cursor.field()) }
        guard cursor.position == elements.count else {
            throw ParquetError(.corrupt, "The footer's schema has nodes outside its tree")
        }
        do {
            return try ParquetSchema(fields)
        } catch {
            throw ParquetError(.unsupported, "The footer's schema cannot be used: \(error.message)")
        }
    }

    private struct Cursor {
        let elements: [SchemaElement]
        var position: Int

        mutating func next() throws(ParquetError) -> SchemaElement {
            guard position < elements.count else { throw ParquetError(.corrupt, "The footer's schema ends inside a group") }
            position += 1
            return elements[position - 1]
        }

        mutating func field() throws(ParquetError) -> ParquetField {
            let element = try next()
            let isOptional = try isOptional(element)
            guard let childCount = element.childCount, childCount != 0 else {
                return ParquetField(element.name, .scalar(try primitive(element)), isOptional: isOptional)
            }
            let repeated = try next()
            guard repeated.repetition == SchemaElement.Repetition.repeated.rawValue, childCount == 1 else {
                throw unsupported(element.name, "a group that is no list or map")
            }
            let shape: ParquetField.Shape
            switch (element.annotation, repeated.childCount) {
            case (.list, 1): shape = try listShape(element.name)
            case (.map, 2): shape = .map(key: try required(element.name), value: try required(element.name))
            default: throw unsupported(element.name, "a group that is no list or map in the standard layout")
            }
            return ParquetField(element.name, shape, isOptional: isOptional)
        }

        private mutating func listShape(_ name: String) throws(ParquetError) -> ParquetField.Shape {
            let element = try next()
            guard try !isOptional(element) else { throw unsupported(name, "a list whose elements may be absent") }
            guard let memberCount = element.childCount, memberCount != 0 else { return .list(try primitive(element)) }
            var members: [ParquetMember] = []
            guard memberCount > 0 else { throw ParquetError(.corrupt, "The footer's schema has a group of negative size") }
            for _ in 0..<memberCount {
                let member = try next()
                members.append(ParquetMember(member.name, try primitive(member), isOptional: try isOptional(member)))
            }
            return .structs(members)
        }

        private mutating func required(_ name: String) throws(ParquetError) -> ParquetPrimitive {
            let element = try next()
            guard try !isOptional(element) else { throw unsupported(name, "a map whose values may be absent") }
            return try primitive(element)
        }

        private func isOptional(_ element: SchemaElement) throws(ParquetError) -> Bool {
            switch element.repetition.flatMap(SchemaElement.Repetition.init) {
            case .required: return false
            case .optional: return true
            default: throw unsupported(element.name, "a repeated column outside a list or map")
            }
        }

        private func primitive(_ element: SchemaElement) throws(ParquetError) -> ParquetPrimitive {
            guard element.childCount ?? 0 == 0 else { throw unsupported(element.name, "nested groups") }
            guard let raw = element.type else { throw ParquetError(.corrupt, "The column \(element.name) has no type") }
            switch (PhysicalType(rawValue: raw), element.annotation) {
            case (.int64, nil): return .int64
            case (.int64, .timestampMicros): return .timestampMicros
            case (.int64, .timestampMillis): return .timestampMillis
            case (.boolean, nil): return .boolean
            case (.byteArray, .string): return .string
            case (.byteArray, nil): return .binary
            case (.fixedLengthByteArray, nil): return .fixed(length: Int(element.typeLength ?? 0))
            case (.fixedLengthByteArray, .uuid) where element.typeLength == 16: return .uuid
            default: throw unsupported(element.name, "a type other than int64, timestamp in µs or ms UTC, boolean, string, bytes or UUID")
            }
        }

        private func unsupported(_ name: String, _ what: String) -> ParquetError {
            ParquetError(.unsupported, "The column \(name) has \(what), which this reader does not read")
        }
    }
}
