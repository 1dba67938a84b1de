import Compression

/// Encodes leaves of row groups into chunks, each independently of the others.
///
/// It keeps scratch and a zstd context between calls: make one per thread and reuse it. Not safe for use from several threads at once.
/// The chunk depends on schema, options and values alone, whichever encoder makes it.
public final class ParquetChunkEncoder {
    /// The columns of the file.
    public let schema: ParquetSchema

    /// How chunks are written.
    public let options: ParquetWriterOptions

    private let compressor: ZstdCompressor
    private let fieldOfLeaf: [Int]

    /// Sets an encoder up.
    ///
    /// - Throws: ``ParquetError`` with `.compression` if zstd cannot be set up.
    public init(schema: ParquetSchema, options: ParquetWriterOptions = ParquetWriterOptions()) throws(ParquetError) {
        self.schema = schema
        self.options = options
        fieldOfLeaf = schema.leafRanges.enumerated().flatMap { field, leaves in leaves.map { _ in field } }
        do {
            compressor = try ZstdCompressor(level: options.compressionLevel)
        } catch {
            throw ParquetError(.compression, "zstd could not be set up", cause: error)
        }
    }

    /// Encodes one leaf of a row group.
    ///
    /// - Parameters:
    ///   - leaf: Position in ``ParquetSchema/leaves``.
    ///   - values: One slot per row, or per element for a leaf in a list or map.
    ///   - lists: For leaves in a list or map which elements each row has; nil for scalars.
    /// - Throws: ``ParquetError`` with `.invalidColumn` if the values do not fit the leaf, `.limit` if there are too many or one is
    ///   too long for a page.
    public func encode(
        leaf: Int, _ values: ParquetLeafInput, lists: ParquetListInput? = nil
    ) throws(ParquetError) -> ParquetEncodedChunk {
        let column = Self.copy(values, lists: lists)
        let type = schema.leaves[leaf]
        guard column.rowCount > 0 else { throw ParquetError(.invalidColumn, "A chunk of \(type.dottedPath) needs a row at least") }
        var writer = try ChunkWriter(
            leaf: type, values: column.leaves[0], column: column, options: options, compressor: compressor)
        var bytes: [UInt8] = []
        let parts = try writer.write(to: &bytes, fileStart: 0)
        return ParquetEncodedChunk(leaf: leaf, rowCount: column.rowCount, bytes: bytes, parts: parts)
    }

    private static func copy(_ input: ParquetLeafInput, lists: ParquetListInput?) -> ParquetColumn {
        let base = Int(lists?.offsets.first ?? 0)
        let end = lists.map { Int($0.offsets.last ?? 0) } ?? input.count
        let slots = base..<end
        let values: LeafValues
        switch input.content {
        case .absent: values = .bytes(ByteValues(slots.map { _ in nil }))
        case .int64(let all, let absent):
            values = .int64(Int64Values(slots.map { all[$0] == absent ? nil : all[$0] }))
        case .boolean(let all):
            values = .boolean(BooleanValues(slots.map { all[$0] == 1 }, present: slots.map { all[$0] <= 1 }))
        case .bytes(let codes, let entries, let distinct):
            var dictionary = ByteArrays()
            for entry in 0..<entries.count { dictionary.append(entries[entry]) }
            values = .bytes(
                ByteValues(dictionary: dictionary, codes: slots.map { codes[$0] }, isDictionaryDistinct: distinct == .distinct))
        }
        return ParquetColumn(
            offsets: lists.map { $0.offsets.map { $0 - UInt32(base) } }, present: lists?.presence.map { $0.map { $0 == 1 } },
            leaves: [values])
    }
}
