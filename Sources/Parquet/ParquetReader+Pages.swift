/// Whether a page's own checksum is compared when it is read.
public enum ParquetChecksum: Sendable {
    case compared
    /// Its bytes were compared with another checksum already.
    case known
}

/// Reading page by page: what queries use.
extension ParquetReader {
    /// Which rows the pages of a leaf hold; nil where the file has no offset index for it. Kept after the first call.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group or leaf.
    public func pageLayout(rowGroup: Int, leaf: Int) throws(ParquetError) -> ParquetPageLayout? {
        try directory(rowGroup: rowGroup, leaf: leaf).layout
    }

    /// The dictionary of a leaf of byte strings; nil where it has none. Decoded at each call: keep it.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group or leaf.
    ///
    /// - Parameter checksum: Whether the page's own checksum is compared.
    public func dictionary(
        rowGroup: Int, leaf: Int, checksum: ParquetChecksum = .compared
    ) throws(ParquetError) -> ParquetEntries? {
        let directory = try directory(rowGroup: rowGroup, leaf: leaf)
        guard let place = directory.dictionary?.place, schema.leaves[leaf].type.physicalType != .int64 else { return nil }
        return try withChunk(rowGroup: rowGroup, leaf: leaf) { chunk throws(ParquetError) in
            let (page, _) = try chunk.page(at: place.lowerBound, end: place.upperBound, checksum)
            return try PageScratch.withOne { scratch throws(ParquetError) in try chunk.dictionary(page, scratch) }
        }
    }

    /// Decodes one page of a leaf and verifies its checksum.
    ///
    /// - Parameters:
    ///   - page: Position in ``pageLayout(rowGroup:leaf:)``.
    ///   - checksum: Whether the page's own checksum is compared.
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group, leaf or page, `.unsupported` if the file has no offset
    ///   index for the leaf.
    public func page(
        rowGroup: Int, leaf: Int, page: Int, checksum: ParquetChecksum = .compared
    ) throws(ParquetError) -> ParquetPage {
        let directory = try directory(rowGroup: rowGroup, leaf: leaf)
        guard let layout = directory.layout else {
            throw ParquetError(.unsupported, "The leaf \(schema.leaves[leaf].dottedPath) has no offset index; read it whole")
        }
        guard (0..<layout.count).contains(page) else { throw ParquetError(.outOfRange, "There is no page \(page) of \(layout.count)") }
        let decoded = try withChunk(rowGroup: rowGroup, leaf: leaf) { chunk throws(ParquetError) in
            try PageScratch.withOne { scratch throws(ParquetError) in
                try chunk.decode(page, of: directory, scratch, checksum)
            }
        }
        return ParquetPage(rows: layout.rows(ofPage: page), lists: decoded.lists, values: decoded.values)
    }
}

extension ChunkReader {
    /// Decodes a page that the offset index names, and checks that it holds the rows that the index says.
    func decode(
        _ number: Int, of directory: ChunkDirectory, _ scratch: PageScratch, _ checksum: ParquetChecksum = .compared
    ) throws(ParquetError) -> PageDecoder.Decoded {
        guard let location = directory.offsetIndex?.locations[number], let rows = directory.layout?.rows(ofPage: number) else {
            throw ParquetError(.outOfRange, "\(leaf.dottedPath) has no page \(number)")
        }
        let offset = Int(location.offset)
        let (page, _) = try page(at: offset, end: offset + Int(location.byteCount), checksum)
        let isFlat = leaf.maxRepetitionLevel == 0
        let decoded = try decode(page, of: directory, scratch, valueLimit: isFlat ? rows.count : Int(metaData.valueCount))
        guard decoded.rowCount == rows.count, decoded.leadingSlots == 0 else {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) has other rows than its offset index says", offset: offset)
        }
        return decoded
    }

    /// Decodes a data page.
    func decode(
        _ page: Page, of directory: ChunkDirectory, _ scratch: PageScratch, valueLimit: Int
    ) throws(ParquetError) -> PageDecoder.Decoded {
        let decoder = PageDecoder(
            leaf: leaf, dictionaryCount: directory.dictionary?.count, integerDictionary: directory.integerDictionary)
        if page.keepsBytes(leaf) {
            let plain = try plainBytes(page, scratch)
            return try plain.withUnsafeBytes { bytes in
                Result { () throws(ParquetError) in
                    try decoder.decode(page, plain: bytes, kept: { plain }, valueLimit: valueLimit)
                }
            }.get()
        }
        return try withPlainBytes(page, scratch) { bytes throws(ParquetError) in
            try decoder.decode(page, plain: bytes, kept: { Array(bytes) }, valueLimit: valueLimit)
        }
    }
}

extension ChunkReader.Page {
    /// Whether decoded values point into the page's bytes: strings that are no dictionary codes.
    func keepsBytes(_ leaf: ParquetLeaf) -> Bool {
        let encoding: Int32
        switch header.kind {
        case .data(_, let found): encoding = found
        case .dataV2(let data): encoding = data.encoding
        case .dictionary, .other: return false
        }
        let isDictionary = encoding == ParquetEncoding.runLengthDictionary.rawValue || encoding == ParquetEncoding.plainDictionary.rawValue
        let areStrings = leaf.type.physicalType == .byteArray || leaf.type.physicalType == .fixedLengthByteArray
        return areStrings && !isDictionary
    }
}
