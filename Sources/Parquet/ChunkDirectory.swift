/// What must be known of a chunk before any of its pages is decoded.
///
/// Invariant: pages begin at row 0, ascend, and lie within the chunk.
final class ChunkDirectory: Sendable {
    /// Where the pages lie; nil where the file has no offset index.
    let offsetIndex: OffsetIndex?

    /// Which rows they hold.
    let layout: ParquetPageLayout?

    /// The dictionary page: where it begins, how long it and its header may be, and how many entries it announces.
    let dictionary: (place: Range<Int>, count: Int)?

    /// The dictionary of a leaf of integers.
    let integerDictionary: [Int64]

    init(_ chunk: ChunkReader, offsetIndex: OffsetIndex?) throws(ParquetError) {
        self.offsetIndex = offsetIndex
        layout = offsetIndex.map { index in
            ParquetPageLayout(starts: index.locations.map { Int($0.firstRow) } + [chunk.rowCount])
        }
        let range = try chunk.byteRange
        for location in offsetIndex?.locations ?? [] {
            let offset = Int(location.offset)
            guard range.contains(offset), Int(location.byteCount) <= range.upperBound - offset else {
                throw ParquetError(.corrupt, "The offset index of \(chunk.leaf.dottedPath) points outside its chunk", offset: offset)
            }
        }
        // Some writers do not announce the dictionary page, or announce one at 0: what stands first decides.
        let first = range.isEmpty ? nil : try chunk.unverifiedPage(at: range.lowerBound, end: range.upperBound)
        guard let (page, end) = first, case .dictionary(let count, _) = page.header.kind else {
            dictionary = nil
            integerDictionary = []
            return
        }
        dictionary = (range.lowerBound..<end, Int(count))
        guard chunk.leaf.type.physicalType == .int64 else {
            integerDictionary = []
            return
        }
        let (verified, _) = try chunk.page(at: range.lowerBound, end: end)
        integerDictionary = try PageScratch.withOne { scratch throws(ParquetError) in try chunk.integerDictionary(verified, scratch) }
    }
}
