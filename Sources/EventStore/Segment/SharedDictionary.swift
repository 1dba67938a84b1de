import Parquet

/// The dictionary of a column in a row group, read when its entries are asked for: codes can be compared without it.
///
/// Pages refer to it, and the cache keeps pages, so it does not keep the cache.
final class SharedDictionary: Sendable {
    private let file: SegmentFile
    private weak let cache: PageCache?
    let leaf: Int
    private let rowGroup: Int
    /// Number of entries.
    let count: Int

    init(_ reader: SegmentReader, leaf: Int, rowGroup: Int) throws {
        file = reader.file
        cache = reader.cache
        self.leaf = leaf
        self.rowGroup = rowGroup
        count = try reader.file.dictionaryCount(leaf: leaf, rowGroup: rowGroup)
    }

    /// The entries, from the cache where they are there.
    func entries() throws -> SegmentDictionary { try Self.entries(file, cache, leaf: leaf, rowGroup: rowGroup) }

    /// The dictionary of a leaf, cached.
    static func entries(_ file: SegmentFile, _ cache: PageCache?, leaf: Int, rowGroup: Int) throws -> SegmentDictionary {
        func read() throws -> SegmentDictionary {
            SegmentDictionary(copying: try file.dictionary(leaf: leaf, rowGroup: rowGroup), isDistinct: true)
        }
        guard let cache else { return try read() }
        return try cache.object(key(file, leaf: leaf, rowGroup: rowGroup), cost: \.costBytes, make: read)
    }

    /// What the cache knows it by.
    static func key(_ file: SegmentFile, leaf: Int, rowGroup: Int) -> PageCache.Key {
        PageCache.Key(
            file: file.number, rowGroup: UInt16(truncatingIfNeeded: rowGroup), column: UInt16(leaf), page: PageCache.Key.dictionaryPage)
    }
}
