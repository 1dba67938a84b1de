import DurableIO
import Parquet
import TransparencyLog

/// Reads an index file where it lies. It only ever speeds things up: what does not fit is treated as if there were no index.
///
/// Opening reads the trailer, the checksums of the blocks and the table of areas; every other block is compared with its checksum when it
/// is touched first. So a flipped bit anywhere ends in a scan, never in a wrong answer.
final class SegmentIndex: Sendable {
    /// Where an area lies.
    private struct Area {
        let kind: IndexArea.Kind
        let family: UInt16
        let rowGroup: UInt32
        let bytes: Range<Int>
        let width: Int
        let depth: Int
    }

    /// What names an area.
    private struct Name: Hashable {
        let kind: UInt16
        let family: UInt16
        let rowGroup: UInt32
    }

    /// Number of rows of the segment.
    let rowCount: Int
    /// Position of its first row.
    let firstSeq: Int64
    /// XXH64 of the table of block checksums, as the catalogue keeps it.
    let check: UInt64
    /// Length of the segment's file.
    let segmentBytes: Int
    private let file: FileBytes
    private let checks: BlockChecks
    private let areas: [Name: Area]

    /// - Parameter check: What the catalogue says of it; nil leaves that out.
    /// - Returns: nil when the bytes are no index of a version that this build knows, are damaged, or belong to another segment.
    init?(_ file: FileBytes, check expected: UInt64?) {
        let bytes = file.bytes
        func integer<Number: FixedWidthInteger>(_ at: Int, _: Number.Type) -> Number {
            Number(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: Number.self))
        }
        let trailer = bytes.count - IndexFormat.trailerBytes
        guard trailer >= IndexFormat.blockBytes,
            XXH64.hash(UnsafeRawBufferPointer(rebasing: bytes[trailer..<trailer + 24])) == integer(trailer + 24, UInt64.self),
            bytes[trailer + 16..<trailer + 24].elementsEqual(IndexFormat.magic)
        else { return nil }
        let blockCount = integer(trailer, UInt64.self)
        guard blockCount <= UInt64(bytes.count / IndexFormat.blockBytes),
            trailer == Int(blockCount) * (IndexFormat.blockBytes + 8)
        else { return nil }
        let bodyBytes = Int(blockCount) * IndexFormat.blockBytes
        let table = UnsafeRawBufferPointer(rebasing: bytes[bodyBytes..<trailer])
        let check = XXH64.hash(table)
        guard check == integer(trailer + 8, UInt64.self), expected == nil || expected == check,
            let checks = BlockChecks(UnsafeRawBufferPointer(rebasing: bytes[..<bodyBytes]), table: table),
            checks.areRight(0..<IndexFormat.headerBytes), bytes.prefix(8).elementsEqual(IndexFormat.magic),
            integer(8, UInt32.self) == UInt32(IndexFormat.version), integer(12, UInt32.self) == UInt32(StoreLimits.pageRows)
        else { return nil }
        let areaCount = Int(integer(44, UInt32.self))
        let end = IndexFormat.headerBytes + areaCount * IndexFormat.entryBytes
        guard end <= bodyBytes, checks.areRight(0..<end), integer(16, UInt64.self) <= UInt64(UInt32.max),
            integer(32, UInt64.self) <= UInt64(Int.max)
        else { return nil }
        var areas: [Name: Area] = [:]
        for number in 0..<areaCount {
            let at = IndexFormat.headerBytes + number * IndexFormat.entryBytes
            let start = integer(at + 8, UInt64.self)
            let count = integer(at + 16, UInt64.self)
            guard start <= UInt64(bodyBytes), count <= UInt64(bodyBytes) - start else { return nil }
            // An area of a kind that this build does not know is passed over.
            guard let kind = IndexArea.Kind(rawValue: integer(at, UInt16.self)) else { continue }
            let area = Area(
                kind: kind, family: integer(at + 2, UInt16.self), rowGroup: integer(at + 4, UInt32.self),
                bytes: Int(start)..<Int(start + count), width: Int(integer(at + 24, UInt32.self)), depth: Int(integer(at + 28, UInt32.self)))
            areas[Name(kind: kind.rawValue, family: area.family, rowGroup: area.rowGroup)] = area
        }
        self.areas = areas
        self.check = check
        self.checks = checks
        self.file = file
        rowCount = Int(integer(16, UInt64.self))
        firstSeq = integer(24, Int64.self)
        segmentBytes = Int(integer(32, UInt64.self))
    }

    private func area(_ kind: IndexArea.Kind, family: UInt16 = 0, rowGroup: Int? = nil) -> Area? {
        areas[Name(kind: kind.rawValue, family: family, rowGroup: rowGroup.map { UInt32(truncatingIfNeeded: $0) } ?? .max)]
    }

    private func word<Number: FixedWidthInteger>(_ at: Int, _: Number.Type) -> Number {
        Number(littleEndian: file.bytes.loadUnaligned(fromByteOffset: at, as: Number.self))
    }

    // MARK: Terms

    /// The pages of a row group that may hold a term in a column of a family; nil when the index cannot say.
    ///
    /// - Parameters:
    ///   - hash: ``TermHash/foldedHash(_:)`` of the term.
    ///   - pageCount: Pages of the row group.
    func pages(mayHold hash: UInt64, family: TermFamily, rowGroup: Int, pageCount: Int) -> PageSet? {
        if let group = area(.groupTerms, family: family.rawValue, rowGroup: rowGroup) {
            guard let found = stripe(group, hash, width: 1) else { return nil }
            if found.isEmpty { return PageSet(pageCount: pageCount) }
        }
        if let pages = area(.pageTerms, family: family.rawValue, rowGroup: rowGroup) { return stripe(pages, hash, width: pageCount) }
        // The table of areas is checked: a family without an area has no term in the row group.
        return PageSet(pageCount: pageCount)
    }

    /// Whether any row of the segment may hold a term in a column of a family; true when the index cannot say.
    ///
    /// - Parameter hash: ``TermHash/foldedHash(_:)`` of the term.
    func mayHold(_ hash: UInt64, family: TermFamily) -> Bool {
        for area in areas.values where area.family == family.rawValue && area.kind != .entryEnds {
            switch area.kind {
            case .groupTerms:
                guard let found = stripe(area, hash, width: 1) else { return true }
                if !found.isEmpty { return true }
            case .pageTerms:
                // A row group with a filter over all its pages was, or is, asked by that.
                if areas[Name(kind: IndexArea.Kind.groupTerms.rawValue, family: area.family, rowGroup: area.rowGroup)] != nil { continue }
                guard let found = stripe(area, hash, width: area.width), found.isEmpty else { return true }
            case .pageGrams, .subtrees, .segmentBlocks, .entryEnds: continue
            }
        }
        return false
    }

    /// The filters of an area that may hold a hash; nil where the area is damaged or of another shape.
    private func stripe(_ area: Area, _ hash: UInt64, width: Int) -> PageSet? {
        let blockBytes = SplitBlockStripes.blockBytes
        guard area.width == width, area.depth > 0, area.bytes.count == area.width * area.depth * blockBytes else { return nil }
        let start = area.bytes.lowerBound + SplitBlockStripes.block(hash, depth: area.depth) * width * blockBytes
        guard checks.areRight(start..<start + width * blockBytes), let base = file.bytes.baseAddress else { return nil }
        let mask = SplitBlockStripes.mask(hash)
        var set = PageSet(pageCount: width)
        for page in 0..<width {
            let block = (base + start + page * blockBytes).loadUnaligned(as: SIMD8<UInt32>.self)
            if block & mask == mask { set.insert(page) }
        }
        return set
    }

    /// For each page of a row group how many entries of a column's dictionary are used up to its end; nil when the index does not say, or
    /// tells of another dictionary.
    func entryEnds(_ column: PivotColumn, rowGroup: Int, pageCount: Int, entryCount: Int) -> [Int]? {
        guard let number = EntryEnds.number(of: column), let area = area(.entryEnds, family: number, rowGroup: rowGroup),
            area.width == pageCount, area.bytes.count == 4 * pageCount, checks.areRight(area.bytes)
        else { return nil }
        let ends = (0..<pageCount).map { Int(word(area.bytes.lowerBound + 4 * $0, UInt32.self)) }
        guard ends.last == entryCount, zip(ends, ends.dropFirst()).allSatisfy({ $0 <= $1 }) else { return nil }
        return ends
    }

    // MARK: Grams

    /// The pages of a row group whose `message` may hold these bytes, ASCII letters in either case; nil when the index cannot say: the
    /// part has no gram, or the area is damaged.
    func pages(mayContain part: UnsafeRawBufferPointer, rowGroup: Int, pageCount: Int) -> PageSet? {
        var hashes: [UInt64] = []
        GramHash.forEach(part) { hashes.append($0) }
        guard !hashes.isEmpty else { return nil }
        guard let area = area(.pageGrams, rowGroup: rowGroup) else { return PageSet(pageCount: pageCount) }
        guard area.width == pageCount, area.depth > 0, area.depth & (area.depth - 1) == 0,
            area.bytes.count == 8 * area.width * area.depth
        else { return nil }
        var set = PageSet(pageCount: pageCount, all: true)
        for hash in hashes {
            let start = area.bytes.lowerBound + 8 * pageCount * GramHash.word(hash, depth: area.depth)
            guard checks.areRight(start..<start + 8 * pageCount) else { return nil }
            let mask = GramHash.mask(hash)
            for page in 0..<pageCount where word(start + 8 * page, UInt64.self) & mask != mask { set.remove(page) }
            if set.isEmpty { break }
        }
        return set
    }

    // MARK: Batches and blocks

    /// Subtree roots of the batch that begins at a position; nil where it is not here or the area is damaged.
    func subtreeRoots(firstSeq: Int64) -> (count: Int, roots: [MerkleHash])? {
        guard let area = area(.subtrees), area.bytes.count == 16 * area.width + MerkleHash.sizeBytes * area.depth,
            checks.areRight(area.bytes)
        else { return nil }
        let base = area.bytes.lowerBound
        var low = 0
        var high = area.width
        while low < high {
            let middle = (low + high) / 2
            if word(base + 16 * middle, Int64.self) < firstSeq { low = middle + 1 } else { high = middle }
        }
        guard low < area.width, word(base + 16 * low, Int64.self) == firstSeq else { return nil }
        let count = Int(word(base + 16 * low + 8, UInt32.self))
        let first = Int(word(base + 16 * low + 12, UInt32.self))
        let rootCount = (count + StoreLimits.subtreeLeaves - 1) / StoreLimits.subtreeLeaves
        guard count > 0, count <= StoreLimits.batchEvents, first + rootCount <= area.depth else { return nil }
        let roots = (first..<first + rootCount).compactMap { number in
            let at = base + 16 * area.width + MerkleHash.sizeBytes * number
            return MerkleHash(file.bytes[at..<at + MerkleHash.sizeBytes])
        }
        return (count, roots)
    }

    /// Checksums of the segment's blocks, for its bytes; nil where the area is damaged or the bytes are too many or too few.
    func segmentChecks(_ segment: UnsafeRawBufferPointer) -> BlockChecks? {
        guard let area = area(.segmentBlocks), segment.count == segmentBytes, checks.areRight(area.bytes) else { return nil }
        return BlockChecks(segment, table: UnsafeRawBufferPointer(rebasing: file.bytes[area.bytes]))
    }

    /// Keeps the bytes that ``segmentChecks(_:)`` refers to.
    var owner: AnyObject { file }
}
