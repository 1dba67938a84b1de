extension ParquetReader {
    /// Where the page indexes begin, and with them what stands behind the last page; the footer's beginning in a file without such.
    public var tailOffset: Int {
        let places = metaData.flatMap(\.columns).flatMap { [$0.columnIndex, $0.offsetIndex] }.compactMap { $0 }
        return places.map { Int(clamping: $0.offset) }.min().map { min($0, footerStart) } ?? footerStart
    }
}
