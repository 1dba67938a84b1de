/// Where the pages of a chunk lie (parquet.thrift, OffsetIndex).
struct OffsetIndex {
    /// One data page: its place with its header, and its first row.
    struct Location: Hashable {
        var offset: Int64 = 0
        var byteCount: Int32 = 0
        var firstRow: Int64 = 0
    }

    var locations: [Location] = []

    /// The index's bytes.
    var encoded: [UInt8] {
        var writer = ThriftWriter()
        writer.structure { index in
            index.structures(1, locations) { one, location in
                one.int64(1, location.offset)
                one.int32(2, location.byteCount)
                one.int64(3, location.firstRow)
            }
        }
        return writer.bytes
    }

    init() {}

    init(from reader: inout ThriftReader) throws(ParquetError) {
        try reader.enterStructure()
        while let field = try reader.nextField() {
            guard field.id == 1 else {
                try reader.skip(field)
                continue
            }
            let count = try reader.listCount(field, of: .structure)
            // An entry takes four bytes at least, and no count is above the bytes that are there.
            locations.reserveCapacity(count / 4)
            for _ in 0..<count {
                if let (offset, byteCount, firstRow) = reader.threeIntegers() {
                    locations.append(Location(offset: offset, byteCount: byteCount, firstRow: firstRow))
                } else {
                    locations.append(try Location(from: &reader))
                }
            }
        }
    }
}

extension OffsetIndex.Location {
    init(from reader: inout ThriftReader) throws(ParquetError) {
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: offset = try reader.int64(field)
            case 2: byteCount = try reader.int32(field)
            case 3: firstRow = try reader.int64(field)
            default: try reader.skip(field)
            }
        }
    }
}
