extension ChunkReader {
    /// The entries of a dictionary page of byte strings.
    func dictionary(_ page: Page, _ scratch: PageScratch) throws(ParquetError) -> ParquetEntries {
        let count = try dictionaryCount(page)
        let plain = try plainBytes(page, scratch)
        return try plain.withUnsafeBytes { bytes in
            Result { () throws(ParquetError) in
                var reader = ByteReader(bytes, fileOffset: page.fileOffset)
                if let length = leaf.type.fixedLength {
                    return try EntryDecoder.fixed(&reader, count: count, length: length, leaf: leaf) { plain }
                }
                return try EntryDecoder.plain(&reader, count: count, leaf: leaf) { plain }
            }
        }.get()
    }

    /// The entries of a dictionary page of integers.
    func integerDictionary(_ page: Page, _ scratch: PageScratch) throws(ParquetError) -> [Int64] {
        let count = try dictionaryCount(page)
        return try withPlainBytes(page, scratch) { plain throws(ParquetError) in
            guard count <= plain.count / 8 else {
                throw ParquetError(.truncated, "Values of \(leaf.dottedPath) end early", offset: page.fileOffset)
            }
            return (0..<count).map { Int64(littleEndian: plain.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self)) }
        }
    }

    private func dictionaryCount(_ page: Page) throws(ParquetError) -> Int {
        guard case .dictionary(let count, let encoding) = page.header.kind else {
            throw ParquetError(.corrupt, "A page of \(leaf.dottedPath) is no dictionary page", offset: page.fileOffset)
        }
        guard encoding == ParquetEncoding.plain.rawValue || encoding == ParquetEncoding.plainDictionary.rawValue else {
            throw ParquetError(
                .unsupported, "The dictionary of \(leaf.dottedPath) uses encoding \(encoding), which is not read", offset: page.fileOffset)
        }
        guard leaf.type.physicalType != .boolean else {
            throw ParquetError(.corrupt, "\(leaf.dottedPath) is boolean and cannot have a dictionary", offset: page.fileOffset)
        }
        return Int(count)
    }
}
