/// A frame of a dictionary page without compression: for those who read of it again and again.
public final class ParquetPlainFrame: @unchecked Sendable {
    // Safe to share: the bytes are written in init alone and live as long as the object.
    let bytes: UnsafeRawBufferPointer

    init(copying bytes: UnsafeRawBufferPointer) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        memory.copyMemory(from: bytes)
        self.bytes = UnsafeRawBufferPointer(memory)
    }

    deinit { bytes.deallocate() }

    /// Memory that it takes, about.
    public var byteCount: Int { bytes.count + 96 }
}

/// Some rows of a page: for questions that a few rows answer.
extension ParquetReader {
    /// Decodes some rows of one page of a leaf: a page of those rows alone, in ``ParquetPage/lists`` and values. Of the others no more is looked
    /// at than needed to find them.
    ///
    /// - Parameters:
    ///   - page: Position in ``pageLayout(rowGroup:leaf:)``.
    ///   - rows: Counted from the page's first, ascending, none twice.
    ///   - checksum: Whether the page's own checksum is compared.
    /// - Throws: ``ParquetError`` as ``page(rowGroup:leaf:page:checksum:)``, for what is looked at; `.outOfRange` for rows beyond the page.
    public func page(
        rowGroup: Int, leaf: Int, page: Int, rows: [Int], checksum: ParquetChecksum = .compared
    ) throws(ParquetError) -> ParquetPage {
        let directory = try directory(rowGroup: rowGroup, leaf: leaf)
        let all = try pageRows(directory, leaf, page)
        guard rows.first ?? 0 >= 0, rows.last ?? 0 < all.count else { throw ParquetError(.outOfRange, "Rows \(rows) are not in a page of \(all.count)") }
        let picked = try withChunk(rowGroup: rowGroup, leaf: leaf) { chunk throws(ParquetError) in
            let picker = PagePicker(
                leaf: chunk.leaf, dictionaryCount: directory.dictionary?.count, integerDictionary: directory.integerDictionary)
            let limit = chunk.leaf.maxRepetitionLevel == 0 ? all.count : Int(chunk.metaData.valueCount)
            let found = try chunk.indexedPage(page, of: directory, checksum)
            return try PageScratch.withOne { scratch throws(ParquetError) in
                try chunk.withPlainBytes(found, scratch) { bytes throws(ParquetError) in
                    try picker.pick(rows, of: found, plain: bytes, rowCount: all.count, valueLimit: limit)
                }
            }
        }
        return ParquetPage(rows: all, lists: picked.lists, values: picked.values)
    }

    private func pageRows(_ directory: ChunkDirectory, _ leaf: Int, _ page: Int) throws(ParquetError) -> Range<Int> {
        guard let layout = directory.layout else {
            throw ParquetError(.unsupported, "The leaf \(schema.leaves[leaf].dottedPath) has no offset index; read it whole")
        }
        guard (0..<layout.count).contains(page) else { throw ParquetError(.outOfRange, "There is no page \(page) of \(layout.count)") }
        return layout.rows(ofPage: page)
    }
}

extension ChunkReader {
    /// A page that the offset index names.
    fileprivate func indexedPage(_ number: Int, of directory: ChunkDirectory, _ checksum: ParquetChecksum) throws(ParquetError) -> Page {
        guard let location = directory.offsetIndex?.locations[number] else {
            throw ParquetError(.outOfRange, "\(leaf.dottedPath) has no page \(number)")
        }
        let offset = Int(location.offset)
        return try page(at: offset, end: offset + Int(location.byteCount), checksum).page
    }
}
