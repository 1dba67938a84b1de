/// Writes a Parquet file, row group by row group, into memory.
///
/// Output is deterministic: equal schema, options, row groups and metadata give equal bytes. Take what is ready with
/// ``takeOutput()`` to keep memory at one row group, or take it all from ``finish()``.
public final class ParquetWriter {
    /// The columns of the file.
    public let schema: ParquetSchema

    /// How it is written.
    public let options: ParquetWriterOptions

    /// Key-value metadata for the footer, in this order. It may be changed until ``finish()``.
    public var keyValueMetadata: [(key: String, value: String)] = []

    /// Rows written so far.
    public private(set) var rowCount: Int64 = 0

    /// The most rows a row group may have.
    public static let maximumRowGroupRows = 1 << 24

    /// Starts a file.
    ///
    /// - Throws: ``ParquetError`` with `.invalidSchema` if an option names a field that is not in the schema.
    public init(schema: ParquetSchema, options: ParquetWriterOptions = ParquetWriterOptions()) throws(ParquetError) {
        self.schema = schema
        self.options = options
    }

    /// Writes a row group of one column per field, in the schema's order.
    ///
    /// - Throws: ``ParquetError`` with `.invalidColumn` if the columns do not fit the schema or one another.
    public func appendRowGroup(_ columns: [ParquetColumn]) throws(ParquetError) {
        throw ParquetError(.unsupported, "Not written yet")
    }

    /// Hands over the bytes that are ready; the next call continues behind them.
    public func takeOutput() -> [UInt8] { [] }

    /// Writes the indexes and the footer, and hands over the bytes not taken yet: the whole file, if ``takeOutput()`` was never called.
    ///
    /// - Throws: ``ParquetError``.
    public func finish() throws(ParquetError) -> [UInt8] {
        throw ParquetError(.unsupported, "Not written yet")
    }
}
