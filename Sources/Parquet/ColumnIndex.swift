/// The bounds of each page of a chunk (parquet.thrift, ColumnIndex).
struct ColumnIndex {
    /// How bounds run from page to page (parquet.thrift, BoundaryOrder).
    enum Order: Int32 {
        case unordered = 0
        case ascending = 1
        case descending = 2
    }

    var nullPages: [Bool] = []
    var minimums: [[UInt8]] = []
    var maximums: [[UInt8]] = []
    var order = Order.unordered
    var nullCounts: [Int64] = []

    /// The index's bytes.
    var encoded: [UInt8] {
        var writer = ThriftWriter()
        writer.structure { index in
            index.booleans(1, nullPages)
            index.binaries(2, minimums)
            index.binaries(3, maximums)
            index.int32(4, order.rawValue)
            index.int64s(5, nullCounts)
        }
        return writer.bytes
    }

    init() {}

    init(from reader: inout ThriftReader) throws(ParquetError) {
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: nullPages = try reader.booleans(field)
            case 2: minimums = try reader.binaries(field)
            case 3: maximums = try reader.binaries(field)
            case 4: order = Order(rawValue: try reader.int32(field)) ?? .unordered
            case 5: nullCounts = try reader.int64s(field)
            default: try reader.skip(field)
            }
        }
        let count = nullPages.count
        guard minimums.count == count, maximums.count == count, nullCounts.isEmpty || nullCounts.count == count else {
            throw reader.error(.corrupt, "A column index has lists of different lengths")
        }
    }
}
