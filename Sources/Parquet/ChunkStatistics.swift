/// Bounds and counts as the footer stores them (parquet.thrift, Statistics).
///
/// Only `min_value` and `max_value` are used: the older `min` and `max` have no defined order for strings.
struct ChunkStatistics: Hashable {
    var minimum: [UInt8]?
    var maximum: [UInt8]?
    var nullCount: Int64?
    var isMinimumExact: Bool?
    var isMaximumExact: Bool?

    func write(to writer: inout ThriftWriter) {
        if let nullCount { writer.int64(3, nullCount) }
        if let maximum { writer.binary(5, maximum) }
        if let minimum { writer.binary(6, minimum) }
        if maximum != nil, let isMaximumExact { writer.boolean(7, isMaximumExact) }
        if minimum != nil, let isMinimumExact { writer.boolean(8, isMinimumExact) }
    }

    init(minimum: [UInt8]?, maximum: [UInt8]?, nullCount: Int64?, isMinimumExact: Bool, isMaximumExact: Bool) {
        self.minimum = minimum
        self.maximum = maximum
        self.nullCount = nullCount
        self.isMinimumExact = isMinimumExact
        self.isMaximumExact = isMaximumExact
    }

    init(from reader: inout ThriftReader) throws(ParquetError) {
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 3: nullCount = try reader.int64(field)
            case 5: maximum = try reader.binary(field)
            case 6: minimum = try reader.binary(field)
            case 7: isMaximumExact = try reader.boolean(field)
            case 8: isMinimumExact = try reader.boolean(field)
            default: try reader.skip(field)
            }
        }
    }
}
