/// The footer (parquet.thrift, FileMetaData).
struct FileMetaData {
    /// A row group as the footer describes it (parquet.thrift, RowGroup).
    struct RowGroup {
        var columns: [ColumnMetaData] = []
        var uncompressedBytes: Int64 = 0
        var compressedBytes: Int64 = 0
        var rowCount: Int64 = 0
        var sortingColumns: [SortingColumn] = []
        var fileOffset: Int64 = 0
        var ordinal: Int16?
    }

    /// A column that rows are sorted by (parquet.thrift, SortingColumn).
    struct SortingColumn: Hashable {
        var leaf: Int32 = 0
        var isDescending = false
        var areNullsFirst = false
    }

    var schema: [SchemaElement] = []
    var rowCount: Int64 = 0
    var rowGroups: [RowGroup] = []
    var keyValueMetadata: [(key: String, value: String)] = []
    var createdBy: String?

    /// The version of the format in the footer. 2 says that data pages may use the newer encodings; all readers ignore it.
    private static let version: Int32 = 2

    /// The footer's bytes.
    func encoded(leafCount: Int) -> [UInt8] {
        var writer = ThriftWriter()
        writer.structure { footer in
            footer.int32(1, Self.version)
            footer.structures(2, schema) { $1.write(to: &$0) }
            footer.int64(3, rowCount)
            footer.structures(4, rowGroups) { $1.write(to: &$0) }
            if !keyValueMetadata.isEmpty {
                footer.structures(5, keyValueMetadata) { pair, entry in
                    pair.string(1, entry.key)
                    pair.string(2, entry.value)
                }
            }
            if let createdBy { footer.string(6, createdBy) }
            // Every column is ordered as its type says; without this readers must not use the bounds.
            footer.structures(7, 0..<leafCount) { order, _ in order.emptyStructure(1) }
        }
        return writer.bytes
    }

    init() {}

    init(from reader: inout ThriftReader, limits: ParquetReaderLimits) throws(ParquetError) {
        var seen = ThriftFieldSet()
        try reader.enterStructure()
        while let field = try reader.nextField() {
            seen.insert(field.id)
            switch field.id {
            case 2:
                let count = try reader.listCount(field, of: .structure)
                guard count <= 4 * limits.leafCount else {
                    throw reader.error(.limit, "The schema has \(count) nodes, more than the reader's limit")
                }
                for _ in 0..<count { schema.append(try SchemaElement(from: &reader)) }
            case 3: rowCount = try reader.int64(field)
            case 4:
                for _ in 0..<(try reader.listCount(field, of: .structure)) { rowGroups.append(try RowGroup(from: &reader)) }
            case 5:
                for _ in 0..<(try reader.listCount(field, of: .structure)) {
                    keyValueMetadata.append(try Self.keyValue(from: &reader))
                }
            case 6: createdBy = try reader.string(field)
            case 8: throw reader.error(.unsupported, "The file is encrypted; such files are not read")
            default: try reader.skip(field)
            }
        }
        guard seen.holds(2, 3, 4) else { throw reader.error(.corrupt, "The footer lacks a required field") }
    }

    private static func keyValue(from reader: inout ThriftReader) throws(ParquetError) -> (key: String, value: String) {
        var key = ""
        var value = ""
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: key = try reader.string(field)
            case 2: value = try reader.string(field)
            default: try reader.skip(field)
            }
        }
        return (key, value)
    }
}

extension FileMetaData.RowGroup {
    func write(to writer: inout ThriftWriter) {
        writer.structures(1, columns) { $1.write(to: &$0) }
        writer.int64(2, uncompressedBytes)
        writer.int64(3, rowCount)
        if !sortingColumns.isEmpty {
            writer.structures(4, sortingColumns) { one, column in
                one.int32(1, column.leaf)
                one.boolean(2, column.isDescending)
                one.boolean(3, column.areNullsFirst)
            }
        }
        writer.int64(5, fileOffset)
        writer.int64(6, compressedBytes)
        if let ordinal { writer.int16(7, ordinal) }
    }

    init(from reader: inout ThriftReader) throws(ParquetError) {
        var seen = ThriftFieldSet()
        try reader.enterStructure()
        while let field = try reader.nextField() {
            seen.insert(field.id)
            switch field.id {
            case 1:
                let count = try reader.listCount(field, of: .structure)
                // A chunk takes more bytes than this, so no announced number makes room that the file does not pay for.
                columns.reserveCapacity(min(count, 256))
                for _ in 0..<count { columns.append(try ColumnMetaData(from: &reader)) }
            case 2: uncompressedBytes = try reader.int64(field)
            case 3: rowCount = try reader.int64(field)
            case 4:
                for _ in 0..<(try reader.listCount(field, of: .structure)) {
                    sortingColumns.append(try FileMetaData.SortingColumn(from: &reader))
                }
            default: try reader.skip(field)
            }
        }
        guard seen.holds(1, 3) else { throw reader.error(.corrupt, "A row group lacks a required field") }
    }
}

extension FileMetaData.SortingColumn {
    init(from reader: inout ThriftReader) throws(ParquetError) {
        try reader.enterStructure()
        while let field = try reader.nextField() {
            switch field.id {
            case 1: leaf = try reader.int32(field)
            case 2: isDescending = try reader.boolean(field)
            case 3: areNullsFirst = try reader.boolean(field)
            default: try reader.skip(field)
            }
        }
    }
}
