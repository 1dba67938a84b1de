/// A column chunk as the footer describes it (parquet.thrift, ColumnChunk with its ColumnMetaData).
struct ColumnMetaData {
    /// A place in the file.
    struct Place: Hashable {
        var offset: Int64
        var byteCount: Int32
    }

    /// How many pages of a kind have an encoding (parquet.thrift, PageEncodingStats).
    struct PageEncodingCount: Hashable {
        var pageType: PageType
        var encoding: ParquetEncoding
        var count: Int
    }

    var type: Int32 = 0
    /// The encodings used, a bit for each of 0...31; others are not known to the format.
    var encodings: UInt32 = 0
    /// Written for other readers; ours goes by the position in the schema.
    var path: [String] = []
    var codec: Int32 = 0
    var valueCount: Int64 = 0
    var uncompressedBytes: Int64 = 0
    var compressedBytes: Int64 = 0
    var dataPageOffset: Int64 = 0
    var dictionaryPageOffset: Int64?
    var statistics: ChunkStatistics?
    var encodingCounts: [PageEncodingCount] = []
    var bloomFilter: (offset: Int64, byteCount: Int32?)?
    var offsetIndex: Place?
    var columnIndex: Place?

    func write(to writer: inout ThriftWriter) {
        writer.int64(2, 0)
        writer.structure(3) { meta in
            meta.int32(1, type)
            meta.int32s(2, (0..<32 as Range<Int32>).filter { encodings & (1 << UInt32($0)) != 0 })
            meta.strings(3, path)
            meta.int32(4, codec)
            meta.int64(5, valueCount)
            meta.int64(6, uncompressedBytes)
            meta.int64(7, compressedBytes)
            meta.int64(9, dataPageOffset)
            if let dictionaryPageOffset { meta.int64(11, dictionaryPageOffset) }
            if let statistics { meta.structure(12) { statistics.write(to: &$0) } }
            meta.structures(13, encodingCounts) { one, count in
                one.int32(1, count.pageType.rawValue)
                one.int32(2, count.encoding.rawValue)
                one.int32(3, Int32(count.count))
            }
            if let bloomFilter {
                meta.int64(14, bloomFilter.offset)
                if let byteCount = bloomFilter.byteCount { meta.int32(15, byteCount) }
            }
        }
        if let offsetIndex {
            writer.int64(4, offsetIndex.offset)
            writer.int32(5, offsetIndex.byteCount)
        }
        if let columnIndex {
            writer.int64(6, columnIndex.offset)
            writer.int32(7, columnIndex.byteCount)
        }
    }

    init() {}

    init(from reader: inout ThriftReader) throws(ParquetError) {
        var hasMetaData = false
        var offsets: (offset: Int64?, columns: Int64?) = (nil, nil)
        var lengths: (offset: Int32?, columns: Int32?) = (nil, nil)
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: throw reader.error(.unsupported, "A column chunk lies in another file; such files are not read")
            case 3 where field.type == .structure:
                try readMetaData(&reader)
                hasMetaData = true
            case 4: offsets.offset = try reader.int64(field)
            case 5: lengths.offset = try reader.int32(field)
            case 6: offsets.columns = try reader.int64(field)
            case 7: lengths.columns = try reader.int32(field)
            case 8, 9: throw reader.error(.unsupported, "A column chunk is encrypted; such files are not read")
            default: try reader.skip(field)
            }
        }
        guard hasMetaData else { throw reader.error(.corrupt, "A column chunk has no metadata") }
        if let offset = offsets.offset, let count = lengths.offset { offsetIndex = Place(offset: offset, byteCount: count) }
        if let offset = offsets.columns, let count = lengths.columns { columnIndex = Place(offset: offset, byteCount: count) }
    }

    private mutating func readMetaData(_ reader: inout ThriftReader) throws(ParquetError) {
        var bloomOffset: Int64?
        var bloomBytes: Int32?
        var seen = ThriftFieldSet()
        try reader.enterStructure()
        while let field = try reader.nextField() {
            seen.insert(field.id)
            switch field.id {
            case 1: type = try reader.int32(field)
            case 2: encodings = try reader.int32Set(field)
            case 4: codec = try reader.int32(field)
            case 5: valueCount = try reader.int64(field)
            case 6: uncompressedBytes = try reader.int64(field)
            case 7: compressedBytes = try reader.int64(field)
            case 9: dataPageOffset = try reader.int64(field)
            case 11: dictionaryPageOffset = try reader.int64(field)
            case 12 where field.type == .structure: statistics = try ChunkStatistics(from: &reader)
            case 14: bloomOffset = try reader.int64(field)
            case 15: bloomBytes = try reader.int32(field)
            default: try reader.skip(field)
            }
        }
        guard seen.holds(1, 4, 5, 6, 7, 9) else {
            throw reader.error(.corrupt, "A column chunk's metadata lacks a required field")
        }
        if let bloomOffset { bloomFilter = (bloomOffset, bloomBytes) }
    }
}
