/// Encodes leaves of row groups into chunks, each independently of the others.
///
/// It keeps scratch and a zstd context between calls: make one per thread and reuse it. Not safe for use from several threads at once.
/// The chunk depends on schema, options and values alone, whichever encoder makes it.
public final class ParquetChunkEncoder {
    /// The columns of the file.
    public let schema: ParquetSchema

    /// How chunks are written.
    public let options: ParquetWriterOptions

    private var numbering = ByteLeafNumbering()
    private var survey = IntegerLeafSurvey()
    private var pages: ChunkPages

    /// Sets an encoder up.
    ///
    /// - Throws: ``ParquetError`` with `.compression` if zstd cannot be set up.
    public init(schema: ParquetSchema, options: ParquetWriterOptions = ParquetWriterOptions()) throws(ParquetError) {
        precondition(options.pageRowCount > 0 && options.pageBytes > 0, "A page holds a row and a byte at least")
        self.schema = schema
        self.options = options
        pages = try ChunkPages(level: options.compressionLevel)
    }

    /// Encodes one leaf of a row group.
    ///
    /// - Parameters:
    ///   - leaf: Position in ``ParquetSchema/leaves``.
    ///   - values: One slot per row, or per element for a leaf in a list or map.
    ///   - lists: For leaves in a list or map which elements each row has; nil for scalars.
    /// - Throws: ``ParquetError`` with `.invalidColumn` if the values do not fit the leaf, `.limit` if there are too many or one is
    ///   too long for a page.
    /// - Complexity: One pass over slots that are all equal or all absent, else about three.
    public func encode(
        leaf: Int, _ values: ParquetLeafInput, lists: ParquetListInput? = nil
    ) throws(ParquetError) -> ParquetEncodedChunk {
        let type = schema.leaves[leaf]
        guard (lists != nil) == (type.maxRepetitionLevel > 0) else {
            throw Self.wrong(type, lists == nil ? "needs offsets" : "is scalar and must not have offsets")
        }
        let slots =
            if let lists { try RowSlots(lists, available: values.count, leaf: type) } else { RowSlots(scalarCount: values.count) }
        guard slots.rowCount > 0 else { throw Self.wrong(type, "needs a row at least") }
        guard slots.rowCount <= ParquetWriter.maximumRowGroupRows else {
            throw ParquetError(
                .limit, "A row group of \(slots.rowCount) rows is above the limit of \(ParquetWriter.maximumRowGroupRows); cut it smaller")
        }
        guard slots.slotCount <= ParquetWriter.maximumChunkValues else {
            throw ParquetError(
                .limit,
                "\(type.dottedPath) has \(slots.slotCount) values, above the limit of \(ParquetWriter.maximumChunkValues); cut the row group"
            )
        }
        let content = try content(values, slots, type)
        guard type.isOptional || content.presentCount == content.slotCount else {
            throw Self.wrong(type, "has absent values but is required")
        }
        var entries: ParquetLeafInput.Entries?
        if case .bytes(_, _, let kind) = values.content { entries = kind }
        let parts = try pages.encode(
            ChunkPages.Chunk(
                leaf: type, slots: slots, content: content,
                encoding: content.encoding(isFixed: type.type.fixedLength != nil, entries: entries)),
            options: options)
        return ParquetEncodedChunk(leaf: leaf, rowCount: slots.rowCount, bytes: pages.bytes, parts: parts)
    }

    private func content(_ values: ParquetLeafInput, _ slots: RowSlots, _ leaf: ParquetLeaf) throws(ParquetError) -> ChunkContent {
        switch (values.content, leaf.type.physicalType) {
        case (.absent, _): return .absent(slotCount: slots.slotCount)
        case (.int64(let all, let absent), .int64):
            guard let base = all.baseAddress, slots.slotCount > 0 else { return .absent(slotCount: 0) }
            return .int64(survey.leaf(base + slots.firstSlot, slotCount: slots.slotCount, absent: leaf.isOptional ? absent : nil))
        case (.boolean(let all), .boolean):
            guard let base = all.baseAddress, slots.slotCount > 0 else { return .absent(slotCount: 0) }
            let presentCount = (0..<slots.slotCount).reduce(0) { $0 + (base[slots.firstSlot + $1] <= 1 ? 1 : 0) }
            return .boolean(base + slots.firstSlot, slotCount: slots.slotCount, presentCount: presentCount)
        case (.bytes(let codes, let entries, let kind), .byteArray), (.bytes(let codes, let entries, let kind), .fixedLengthByteArray):
            guard let base = codes.baseAddress, slots.slotCount > 0 else { return .absent(slotCount: 0) }
            guard entries.isWellFormed else { throw Self.wrong(leaf, "has entries outside their bytes") }
            let found = try numbering.leaf(
                codes: base + slots.firstSlot, slotCount: slots.slotCount, entries: entries, kind: kind, path: leaf.dottedPath)
            try check(found, leaf)
            return found.presentCount == 0 ? .absent(slotCount: slots.slotCount) : .bytes(found)
        default: throw Self.wrong(leaf, "holds values of another type than the schema says")
        }
    }

    private func check(_ found: ByteLeaf, _ leaf: ParquetLeaf) throws(ParquetError) {
        if let length = leaf.type.fixedLength {
            let fits =
                found.entries.offsets == nil
                ? found.entries.length == length
                : (0..<UInt32(found.distinctCount)).allSatisfy { found.value($0).count == length }
            guard fits else { throw Self.wrong(leaf, "has values that are not \(length) bytes long") }
        } else if leaf.type == .string, let bad = found.firstMalformedText() {
            throw Self.wrong(leaf, "has a value that is not UTF-8 (dictionary entry \(found.entry(bad))); use the type binary for such")
        }
    }

    private static func wrong(_ leaf: ParquetLeaf, _ what: String) -> ParquetError {
        ParquetError(.invalidColumn, "The column \(leaf.dottedPath) \(what)")
    }
}
