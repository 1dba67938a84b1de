/// A node of the footer's schema tree (parquet.thrift, SchemaElement), in depth-first order.
struct SchemaElement: Hashable {
    /// How often a node occurs below its parent (parquet.thrift, FieldRepetitionType).
    enum Repetition: Int32 {
        case required = 0
        case optional = 1
        case repeated = 2
    }

    /// The logical types that are written and read.
    enum Annotation: Hashable {
        case string
        case timestampMicros
        case timestampMillis
        case uuid
        case list
        case map
        /// Any other logical or converted type; such columns are refused.
        case other
    }

    var name: String
    var type: Int32?
    var typeLength: Int32?
    var repetition: Int32?
    var childCount: Int32?
    var annotation: Annotation?

    func write(to writer: inout ThriftWriter) {
        if let type { writer.int32(1, type) }
        if let typeLength { writer.int32(2, typeLength) }
        if let repetition { writer.int32(3, repetition) }
        writer.string(4, name)
        if let childCount { writer.int32(5, childCount) }
        guard let annotation else { return }
        // Converted types are what readers from before logical types understand.
        switch annotation {
        case .string: writer.int32(6, 0)
        case .map: writer.int32(6, 1)
        case .list: writer.int32(6, 3)
        case .timestampMillis: writer.int32(6, 9)
        case .timestampMicros: writer.int32(6, 10)
        case .uuid, .other: break
        }
        writer.structure(10) { union in
            switch annotation {
            case .string: union.emptyStructure(1)
            case .map: union.emptyStructure(2)
            case .list: union.emptyStructure(3)
            case .timestampMicros, .timestampMillis:
                union.structure(8) { timestamp in
                    timestamp.boolean(1, true)
                    timestamp.structure(2) { $0.emptyStructure(annotation == .timestampMillis ? 1 : 2) }
                }
            case .uuid: union.emptyStructure(14)
            case .other: break
            }
        }
    }

    init(
        name: String, type: PhysicalType? = nil, typeLength: Int? = nil, repetition: Repetition? = nil,
        childCount: Int? = nil, annotation: Annotation? = nil
    ) {
        self.name = name
        self.type = type?.rawValue
        self.typeLength = typeLength.map(Int32.init)
        self.repetition = repetition?.rawValue
        self.childCount = childCount.map(Int32.init)
        self.annotation = annotation
    }

    init(from reader: inout ThriftReader) throws(ParquetError) {
        var name: String?
        var converted: Int32?
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: type = try reader.int32(field)
            case 2: typeLength = try reader.int32(field)
            case 3: repetition = try reader.int32(field)
            case 4: name = try reader.string(field)
            case 5: childCount = try reader.int32(field)
            case 6: converted = try reader.int32(field)
            case 10: annotation = try Self.logicalType(field, from: &reader)
            default: try reader.skip(field)
            }
        }
        guard let name else { throw reader.error(.corrupt, "A schema element has no name") }
        self.name = name
        if annotation == nil, let converted {
            annotation =
                switch converted {
                case 0: .string
                case 1: .map
                case 3: .list
                case 9: .timestampMillis
                case 10: .timestampMicros
                default: .other
                }
        }
    }

    private static func logicalType(
        _ field: ThriftField, from reader: inout ThriftReader
    ) throws(ParquetError) -> Annotation? {
        guard field.type == .structure else { throw reader.error(.corrupt, "A logical type is no structure") }
        var annotation: Annotation?
        try reader.enterStructure()
        while let choice = try reader.nextField() {
            switch choice.id {
            case 1: annotation = .string
            case 2: annotation = .map
            case 3: annotation = .list
            case 8:
                annotation = try timestamp(choice, from: &reader)
                continue
            case 14: annotation = .uuid
            default: annotation = .other
            }
            try reader.skip(choice)
        }
        return annotation
    }

    private static func timestamp(
        _ field: ThriftField, from reader: inout ThriftReader
    ) throws(ParquetError) -> Annotation {
        guard field.type == .structure else { throw reader.error(.corrupt, "A timestamp type is no structure") }
        var isUTC = false
        var unitNumber: Int16 = 0
        try reader.enterStructure()
        while let part = try reader.nextField() {
            switch part.id {
            case 1: isUTC = try reader.boolean(part)
            case 2 where part.type == .structure:
                try reader.enterStructure()
                while let unit = try reader.nextField() {
                    unitNumber = unit.id
                    try reader.skip(unit)
                }
            default: try reader.skip(part)
            }
        }
        switch (isUTC, unitNumber) {
        case (true, 1): return .timestampMillis
        case (true, 2): return .timestampMicros
        default: return .other
        }
    }
}
