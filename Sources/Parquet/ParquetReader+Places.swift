/// Where parts of a chunk lie in the file, for those who keep checksums of the file's blocks beside it.
extension ParquetReader {
    /// The bytes of a chunk's dictionary page, header included; nil where the footer names none. Reads nothing but the footer.
    ///
    /// - Throws: ``ParquetError`` with `.outOfRange` if there is no such row group or leaf, `.corrupt` for places outside the file.
    public func dictionaryPlace(rowGroup: Int, leaf: Int) throws(ParquetError) -> Range<Int>? {
        let chunk = try chunk(rowGroup, leaf)
        guard let start = chunk.dictionaryPageOffset else { return nil }
        guard start >= 4, chunk.dataPageOffset >= start, chunk.dataPageOffset <= Int64(footerStart) else {
            throw ParquetError(.corrupt, "A dictionary is said to lie outside the file")
        }
        return Int(start)..<Int(chunk.dataPageOffset)
    }

    /// The bytes of a data page, header included, by the offset index.
    ///
    /// - Throws: ``ParquetError``; `.outOfRange` if there is no such row group, leaf or page.
    public func pagePlace(rowGroup: Int, leaf: Int, page: Int) throws(ParquetError) -> Range<Int> {
        guard let locations = try directory(rowGroup: rowGroup, leaf: leaf).offsetIndex?.locations, locations.indices.contains(page) else {
            throw ParquetError(.outOfRange, "There is no page \(page)")
        }
        let start = Int(locations[page].offset)
        return start..<start + Int(locations[page].byteCount)
    }
}
