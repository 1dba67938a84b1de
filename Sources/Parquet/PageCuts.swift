/// Decides where pages end: after so many rows, or earlier where they hold too many bytes, always at the end of a row.
struct PageCuts {
    private let chunk: ChunkPages.Chunk
    private let pageRowCount: Int
    private let pageBytes: Int

    /// Whether one page holds all rows.
    let isOnePage: Bool

    init(chunk: ChunkPages.Chunk, pageRowCount: Int, pageBytes: Int) {
        self.chunk = chunk
        self.pageRowCount = pageRowCount
        self.pageBytes = pageBytes
        isOnePage = chunk.isOnePage
    }

    /// The row behind the last one of the page that begins at `start`.
    func end(from start: Int) -> Int {
        let rowCount = chunk.slots.rowCount
        if isOnePage { return rowCount }
        let end = min(start + pageRowCount, rowCount)
        if byteCount(chunk.slots.slots(start..<end)) < pageBytes { return end }
        var bytes = 0
        var row = start
        while row < end {
            bytes += byteCount(chunk.slots.slots(row..<row + 1))
            row += 1
            if bytes >= pageBytes { break }
        }
        return row
    }

    /// Roughly how many bytes some slots take in a page.
    private func byteCount(_ slots: Range<Int>) -> Int {
        switch chunk.content {
        case .absent: return 0
        case .int64: return 8 * slots.count
        case .boolean: return slots.count
        case .bytes(let leaf):
            if chunk.encoding == .runLengthDictionary { return 4 * slots.count }
            if let length = chunk.leaf.type.fixedLength { return slots.count * length }
            var bytes = 4 * slots.count
            for slot in slots {
                let code = leaf.codes[slot]
                if code == ByteValues.absent { continue }
                let entry = leaf.entry(code &- leaf.base)
                bytes &+= leaf.entries.start(entry &+ 1) &- leaf.entries.start(entry)
            }
            return bytes
        }
    }
}
