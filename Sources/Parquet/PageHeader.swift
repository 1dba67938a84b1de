/// What stands before each page (parquet.thrift, PageHeader).
struct PageHeader {
    /// The part that differs by kind of page.
    enum Kind {
        case dictionary(valueCount: Int32, encoding: Int32)
        case data(valueCount: Int32, encoding: Int32)
        case dataV2(DataV2)
        /// A kind that readers pass over.
        case other
    }

    /// The second version of data pages (parquet.thrift, DataPageHeaderV2): read, never written.
    struct DataV2 {
        var valueCount: Int32 = 0
        var nullCount: Int32 = 0
        var rowCount: Int32 = 0
        var encoding: Int32 = 0
        var definitionBytes: Int32 = 0
        var repetitionBytes: Int32 = 0
        var isCompressed = true
    }

    var kind: Kind
    var uncompressedBytes: Int32
    var compressedBytes: Int32
    var checksum: UInt32?

    /// The most bytes that ``append(_:uncompressedBytes:compressedBytes:checksum:to:)`` writes.
    static let maximumBytes = 40

    /// Appends the header of a data page of version 1 or of a dictionary page: the structure in Thrift's compact protocol, whose field
    /// heads are constants here.
    ///
    /// - Returns: How many bytes it has.
    static func append(
        _ kind: Kind, uncompressedBytes: Int, compressedBytes: Int, checksum: UInt32, to output: inout PageBuffer
    ) -> Int {
        let start = output.count
        let nextInt32: UInt8 = 1 << 4 | ThriftType.int32.rawValue
        func int32(_ value: Int32, _ output: inout PageBuffer) {
            output.append(nextInt32)
            output.appendZigzag(Int64(value))
        }
        let isData = if case .data = kind { true } else { false }
        int32((isData ? PageType.data : PageType.dictionary).rawValue, &output)
        int32(Int32(uncompressedBytes), &output)
        int32(Int32(compressedBytes), &output)
        int32(Int32(bitPattern: checksum), &output)
        switch kind {
        case .data(let valueCount, let encoding):
            // Field 5, one behind the checksum.
            output.append(1 << 4 | ThriftType.structure.rawValue)
            int32(valueCount, &output)
            int32(encoding, &output)
            int32(ParquetEncoding.runLength.rawValue, &output)
            int32(ParquetEncoding.runLength.rawValue, &output)
        case .dictionary(let valueCount, let encoding):
            // Field 7, three behind the checksum.
            output.append(3 << 4 | ThriftType.structure.rawValue)
            int32(valueCount, &output)
            int32(encoding, &output)
        case .dataV2, .other:
            preconditionFailure("The writer makes data pages of version 1 and dictionary pages only")
        }
        output.append(ThriftType.stop.rawValue)
        output.append(ThriftType.stop.rawValue)
        return output.count - start
    }

    init(from reader: inout ThriftReader) throws(ParquetError) {
        var type: Int32?
        var sizes: (uncompressed: Int32?, compressed: Int32?) = (nil, nil)
        var checksum: UInt32?
        var found: Kind?
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: type = try reader.int32(field)
            case 2: sizes.uncompressed = try reader.int32(field)
            case 3: sizes.compressed = try reader.int32(field)
            case 4: checksum = UInt32(bitPattern: try reader.int32(field))
            case 5 where field.type == .structure:
                let (count, encoding) = try Self.countAndEncoding(&reader, levelsIn: 3...4)
                found = .data(valueCount: count, encoding: encoding)
            case 7 where field.type == .structure:
                let (count, encoding) = try Self.countAndEncoding(&reader, levelsIn: nil)
                found = .dictionary(valueCount: count, encoding: encoding)
            case 8 where field.type == .structure: found = .dataV2(try DataV2(from: &reader))
            default: try reader.skip(field)
            }
        }
        guard let type, let uncompressed = sizes.uncompressed, let compressed = sizes.compressed else {
            throw reader.error(.corrupt, "A page header lacks a required field")
        }
        guard uncompressed >= 0, compressed >= 0 else { throw reader.error(.corrupt, "A page header has a negative size") }
        uncompressedBytes = uncompressed
        compressedBytes = compressed
        self.checksum = checksum
        kind = try Self.kind(type: type, found: found, at: reader)
    }

    private static func kind(type: Int32, found: Kind?, at reader: ThriftReader) throws(ParquetError) -> Kind {
        switch (PageType(rawValue: type), found) {
        case (.data, .data), (.dictionary, .dictionary), (.dataV2, .dataV2): return found ?? .other
        case (.index, _): return .other
        default: throw reader.error(.corrupt, "A page header of type \(type) lacks the part for that type")
        }
    }

    /// The first two fields of data and dictionary headers: number of values and encoding.
    private static func countAndEncoding(
        _ reader: inout ThriftReader, levelsIn levelFields: ClosedRange<Int16>?
    ) throws(ParquetError) -> (Int32, Int32) {
        var count: Int32?
        var encoding: Int32?
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: count = try reader.int32(field)
            case 2: encoding = try reader.int32(field)
            case let id where levelFields?.contains(id) == true:
                guard try reader.int32(field) == ParquetEncoding.runLength.rawValue else {
                    throw reader.error(.unsupported, "Levels are not run-length encoded, which this reader does not read")
                }
            default: try reader.skip(field)
            }
        }
        guard let count, let encoding, count >= 0 else { throw reader.error(.corrupt, "A page header lacks its number of values") }
        return (count, encoding)
    }
}

extension PageHeader.DataV2 {
    init(from reader: inout ThriftReader) throws(ParquetError) {
        var seen = ThriftFieldSet()
        try reader.enterStructure()
        while let field = try reader.nextField() {
            seen.insert(field.id)
            switch field.id {
            case 1: valueCount = try reader.int32(field)
            case 2: nullCount = try reader.int32(field)
            case 3: rowCount = try reader.int32(field)
            case 4: encoding = try reader.int32(field)
            case 5: definitionBytes = try reader.int32(field)
            case 6: repetitionBytes = try reader.int32(field)
            case 7: isCompressed = try reader.boolean(field)
            default: try reader.skip(field)
            }
        }
        guard seen.holds(1, 2, 3, 4, 5, 6), valueCount >= 0, definitionBytes >= 0, repetitionBytes >= 0 else {
            throw reader.error(.corrupt, "A page header lacks a required field or has a negative size")
        }
    }
}
