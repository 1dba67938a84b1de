import AuditModel
import DurableIO
import Parquet
import Synchronization

/// A segment's mapped file with its footer and index: what all readers of it share. Nothing in it changes.
///
/// The tail of the file (page indexes, footer) is compared with the catalogue's checksum before it is believed, and where the index file is
/// whole, every page with the checksums of its blocks there; without an index, pages have their own CRC-32.
final class SegmentFile: Sendable {
    /// How a leaf is kept in a row group.
    enum Use: UInt8 {
        /// No slot has a value.
        case absent
        /// Codes into a dictionary of the row group.
        case shared
        /// Values page by page.
        case local
    }

    /// A row group as the footer describes it.
    struct RowGroup {
        let rows: Range<Int>
        let minTime: Timestamp?
        let maxTime: Timestamp?
        let mayLackTimes: Bool
    }

    /// Tells files apart in ``PageCache``.
    let number: UInt32
    let id: Int64
    let path: String
    let checks: SegmentRecord.Checks
    let parquet: ParquetReader
    let rowGroups: [RowGroup]
    let rowCount: Int
    let firstSeq: Int64
    /// Whether rows stand in the order of positions without holes.
    let isInSeqOrder: Bool
    /// The file's leaf for each leaf of ``SegmentSchema``, -1 where it has none.
    private let leaves: [Int]
    private let uses: [Use]
    /// By row group: attributes with columns of their own, ascending by name.
    private let attributeColumns: [[AttributeColumn]]
    /// The index, nil where it is missing, damaged or another segment's: then scan.
    let index: SegmentIndex?
    private let bytes: FileBytes
    private let state = Mutex(State())

    private struct State {
        var blocks: BlockChecks?
        var pages: [Int: [SegmentReader.Page]] = [:]
        var order: SeqOrder?
    }

    private static let nextNumber = Atomic<UInt32>(0)

    /// - Parameter index: As ``SegmentPool`` read it for this record.
    init(_ record: SegmentRecord, layout: StoreLayout, files: any FileSystem, index: SegmentIndex?) throws {
        path = layout.segment(record.id)
        id = record.id
        checks = record.checks
        number = Self.nextNumber.wrappingAdd(1, ordering: .relaxed).newValue
        do {
            bytes = try files.map(path)
            parquet = try Self.open(bytes, record)
        } catch {
            throw SegmentReader.damaged(record.id, path, error)
        }
        guard parquet.rowCount == Int64(record.rowCount), parquet.metadata(SegmentSchema.Footer.version) == String(SegmentSchema.version),
            let first = parquet.metadata(SegmentSchema.Footer.firstSeq).flatMap({ Int64($0) }), record.seqs.contains(first) || record.rowCount == 0
        else {
            throw StoreError(
                .damagedSegment(record.id), "the segment is not the one that was committed: run `proofline fsck`", path: path)
        }
        firstSeq = first
        rowCount = record.rowCount
        isInSeqOrder = parquet.metadata(SegmentSchema.Footer.order) == "seq"
        leaves = Self.leaves(of: parquet.schema)
        (rowGroups, uses) = Self.describe(parquet, leaves)
        do {
            attributeColumns = try Self.attributes(parquet, leaves)
        } catch {
            throw SegmentReader.damaged(record.id, path, error)
        }
        self.index = index.flatMap { $0.firstSeq == first ? $0 : nil }
    }

    private static func open(
        _ bytes: FileBytes, _ record: SegmentRecord
    ) throws -> ParquetReader {
        let tail = bytes.count - record.checks.tailBytes
        guard tail >= 0, Int64(bytes.count) == record.sizeBytes,
            XXH64.hash(UnsafeRawBufferPointer(rebasing: bytes.bytes[tail...])) == record.checks.tail
        else { throw ParquetError(.corrupt, "The footer is not the one that was committed") }
        return try ParquetReader(ParquetBytes(bytes.bytes, owner: bytes))
    }

    private static func leaves(of schema: ParquetSchema) -> [Int] {
        if schema == SegmentSchema.parquet { return Array(schema.leaves.indices) }
        let places = Dictionary(schema.leaves.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
        return SegmentSchema.parquet.leaves.map { leaf in
            guard let place = places[leaf.path], schema.leaves[place].type == leaf.type else { return -1 }
            return place
        }
    }

    private static func describe(_ parquet: ParquetReader, _ leaves: [Int]) -> ([RowGroup], [Use]) {
        let timeLeaf = leaves[SegmentInteger.allCases.firstIndex(of: .time) ?? 0]
        var groups: [RowGroup] = []
        var uses: [Use] = []
        var start = 0
        for group in parquet.rowGroups {
            let times = timeLeaf < 0 ? nil : group.chunks[timeLeaf].statistics
            let isWhole = Self.isAbsent(group, leaves[SegmentColumn.timeMicros])
            groups.append(
                RowGroup(
                    rows: start..<start + group.rowCount, minTime: Self.earliest(times), maxTime: Self.latest(times, isWhole: isWhole),
                    mayLackTimes: times?.nullCount.map { $0 > 0 } ?? true))
            start += group.rowCount
            for leaf in leaves {
                uses.append(isAbsent(group, leaf) ? .absent : group.chunks[leaf].hasDictionary ? .shared : .local)
            }
        }
        return (groups, uses)
    }

    /// Whether no slot of a leaf has a value, as one that the file has not.
    private static func isAbsent(_ group: ParquetRowGroup, _ leaf: Int) -> Bool {
        leaf < 0 || group.chunks[leaf].statistics?.nullCount == Int64(group.chunks[leaf].valueCount)
    }

    /// Names are told by the bounds of their chunks.
    private static func attributes(_ parquet: ParquetReader, _ leaves: [Int]) throws(ParquetError) -> [[AttributeColumn]] {
        var all: [[AttributeColumn]] = []
        for group in parquet.rowGroups {
            var columns: [AttributeColumn] = []
            for place in 0..<SegmentSchema.attributeSlots where !isAbsent(group, leaves[SegmentColumn.attributeValue(place)]) {
                let leaf = leaves[SegmentColumn.attributeName(place)]
                let told = leaf < 0 ? nil : group.chunks[leaf].statistics
                guard let name = told?.minimum, name == told?.maximum, name.count <= AttributeSlots.nameBytes, told?.nullCount == 0 else {
                    throw ParquetError(.corrupt, "The attribute in column \(place) has not one name")
                }
                columns.append(
                    AttributeColumn(
                        name: name, column: SegmentColumn(leaf: SegmentColumn.attributeValue(place), firstSibling: -1, reference: -1, referred: [])))
            }
            all.append(columns.sorted { $0.name.lexicographicallyPrecedes($1.name) })
        }
        return all
    }

    /// Attributes of a row group with columns of their own, ascending by name.
    func attributes(rowGroup: Int) -> [AttributeColumn] { attributeColumns[rowGroup] }

    private static func earliest(_ times: ParquetStatistics?) -> Timestamp? {
        times?.minimumInt64.flatMap { SplitTimes.microseconds($0) }.map { Timestamp(microseconds: $0) }
    }

    private static func latest(_ times: ParquetStatistics?, isWhole: Bool) -> Timestamp? {
        times?.maximumInt64.flatMap { SplitTimes.lastMicrosecond($0, isWhole: isWhole) }.map { Timestamp(microseconds: $0) }
    }

    /// How a leaf of ``SegmentSchema`` is kept in a row group.
    @inline(__always)
    func use(_ leaf: Int, rowGroup: Int) -> Use { uses[rowGroup * leaves.count + leaf] }

    // MARK: Pages

    /// More than a dictionary page's header takes.
    private static let pageHeaderBytes = 64

    /// Decodes the page of a leaf that holds a row of a row group. Its rows are those of a page of ``StoreLimits/pageRows``, or the whole row
    /// group where all slots are equal.
    func page(leaf: Int, rowGroup: Int, row: Int) throws -> ParquetPage {
        try reading { checks throws(ParquetError) in
            let place = try self.place(leaf: leaf, rowGroup: rowGroup, row: row, checks)
            try Self.verify(try parquet.pagePlace(rowGroup: rowGroup, leaf: leaves[leaf], page: place.page), checks)
            return try parquet.page(rowGroup: rowGroup, leaf: leaves[leaf], page: place.page, checksum: checks == nil ? .compared : .known)
        }
    }

    /// Decodes some rows of the page of a leaf that holds them: a page of those rows alone.
    ///
    /// - Parameter wanted: Counted from `row`, ascending.
    func page(leaf: Int, rowGroup: Int, row: Int, wanted: [Int]) throws -> ParquetPage {
        try reading { checks throws(ParquetError) in
            let place = try self.place(leaf: leaf, rowGroup: rowGroup, row: row, checks)
            let distance = row - place.rows.lowerBound
            try Self.verify(try parquet.pagePlace(rowGroup: rowGroup, leaf: leaves[leaf], page: place.page), checks)
            return try parquet.page(
                rowGroup: rowGroup, leaf: leaves[leaf], page: place.page, rows: distance == 0 ? wanted : wanted.map { $0 + distance },
                checksum: checks == nil ? .compared : .known)
        }
    }

    /// The page of a leaf that holds a row, and the rows that the file gives it.
    private func place(leaf: Int, rowGroup: Int, row: Int, _ checks: BlockChecks?) throws(ParquetError) -> (page: Int, rows: Range<Int>) {
        guard leaves[leaf] >= 0 else { throw ParquetError(.outOfRange, "The segment has no leaf \(leaf)") }
        // Of the dictionary only the header is read here: it says how many entries codes may name.
        if let place = try parquet.dictionaryPlace(rowGroup: rowGroup, leaf: leaves[leaf]) {
            try Self.verify(place.lowerBound..<min(place.upperBound, place.lowerBound + Self.pageHeaderBytes), checks)
        }
        guard let layout = try parquet.pageLayout(rowGroup: rowGroup, leaf: leaves[leaf]) else {
            throw ParquetError(.corrupt, "A column has no offset index")
        }
        let page = layout.page(ofRow: row)
        let rows = layout.rows(ofPage: page)
        let isWhole = rows.count == rowGroups[rowGroup].rows.count
        let start = row / StoreLimits.pageRows * StoreLimits.pageRows
        let expected = start..<min(start + StoreLimits.pageRows, rowGroups[rowGroup].rows.count)
        guard isWhole || rows == expected else { throw ParquetError(.corrupt, "A page has other rows than those of its place") }
        return (page, rows)
    }

    /// The dictionary of a leaf in a row group.
    func dictionary(leaf: Int, rowGroup: Int) throws -> ParquetEntries {
        do {
            let checksum = try verifyDictionary(leaf, rowGroup)
            guard let entries = try parquet.dictionary(rowGroup: rowGroup, leaf: leaves[leaf], checksum: checksum) else {
                throw ParquetError(.corrupt, "A column has no dictionary")
            }
            return entries
        } catch {
            throw SegmentReader.damaged(id, path, error)
        }
    }

    /// Earliest and latest time of each page of a row group, nil where the file does not say.
    func pageTimes(rowGroup: Int) throws -> [SegmentReader.Page] {
        if let known = state.withLock({ $0.pages[rowGroup] }) { return known }
        let count = rowGroups[rowGroup].rows.count
        let timeLeaf = leaves[SegmentInteger.allCases.firstIndex(of: .time) ?? 0]
        var index: ParquetPageIndex?
        do {
            if timeLeaf >= 0 { index = try parquet.pageIndex(rowGroup: rowGroup, leaf: timeLeaf) }
        } catch {
            throw SegmentReader.damaged(id, path, error)
        }
        let isWhole = use(SegmentColumn.timeMicros, rowGroup: rowGroup) == .absent
        let pages = stride(from: 0, to: count, by: StoreLimits.pageRows).map { start in
            let rows = start..<min(start + StoreLimits.pageRows, count)
            let place = start / StoreLimits.pageRows
            // One page that holds more says the same of all.
            let found = index.flatMap { index in
                index.pages.count == 1 ? index.pages[0] : place < index.pages.count && index.pages[place].rows == rows ? index.pages[place] : nil
            }
            return SegmentReader.Page(
                rows: rows, minTime: Self.earliest(found?.statistics), maxTime: Self.latest(found?.statistics, isWhole: isWhole))
        }
        state.withLock { $0.pages[rowGroup] = pages }
        return pages
    }

    // MARK: Index

    /// Checksums of the file's blocks; nil without an index.
    private var blockChecks: BlockChecks? {
        if let known = state.withLock({ $0.blocks }) { return known }
        guard let made = index?.segmentChecks(bytes.bytes) else { return nil }
        state.withLock { $0.blocks = made }
        return made
    }

    private static func verify(_ place: Range<Int>, _ checks: BlockChecks?) throws(ParquetError) {
        guard checks?.areRight(place) ?? true else {
            throw ParquetError(.corrupt, "A block of the file is not as it was committed", offset: place.lowerBound)
        }
    }

    /// Calls `body` with entries of a leaf's dictionary in these ranges (ascending and apart), valid during the call only: keeps nothing.
    ///
    /// - Returns: How many entries it has.
    func forEachEntry(
        in ranges: [Range<Int>], leaf: Int, rowGroup: Int, _ cache: PageCache,
        _ body: (Int, UnsafeRawBufferPointer) throws(ParquetError) -> Void
    ) throws -> Int {
        try reading { checks throws(ParquetError) in
            try parquet.forEachEntry(
                in: ranges, rowGroup: rowGroup, leaf: leaves[leaf], checksum: checks == nil ? .compared : .known,
                DictionaryAccess(file: self, cache: cache, leaf: leaf, rowGroup: rowGroup, checks: checks), body)
        }
    }

    /// Calls `body` with some entries of a leaf's dictionary by their position in `codes` (ascending, none twice), valid during the call only.
    func withEntries(
        _ codes: [Int], leaf: Int, rowGroup: Int, _ cache: PageCache, _ body: (Int, UnsafeRawBufferPointer) throws(ParquetError) -> Void
    ) throws {
        try reading { checks throws(ParquetError) in
            try parquet.withEntries(
                codes, rowGroup: rowGroup, leaf: leaves[leaf], checksum: checks == nil ? .compared : .known,
                DictionaryAccess(file: self, cache: cache, leaf: leaf, rowGroup: rowGroup, checks: checks), body) ? () : nil
        }
    }

    /// Checksums and kept frames of one dictionary.
    private struct DictionaryAccess: ParquetDictionaryAccess {
        let file: SegmentFile
        let cache: PageCache
        let leaf: Int
        let rowGroup: Int
        let checks: BlockChecks?

        func verify(_ place: Range<Int>) throws(ParquetError) { try SegmentFile.verify(place, checks) }
        func known(frame: Int) -> ParquetPlainFrame? { cache.known(key(frame), ParquetPlainFrame.self) }
        func isWorthKeeping(frame: Int) -> Bool { cache.isWorthKeeping(key(frame)) }
        func keep(_ page: ParquetPlainFrame, frame: Int) { _ = cache.object(key(frame), cost: { $0.byteCount }) { page } }

        private func key(_ frame: Int) -> PageCache.Key {
            PageCache.Key(
                file: file.number, rowGroup: UInt16(truncatingIfNeeded: rowGroup), column: UInt16(leaf) | PageCache.Key.plain,
                page: PageCache.Key.dictionaryPage - UInt32(truncatingIfNeeded: frame))
        }
    }

    /// Reads something; nil of it says that there is no dictionary.
    private func reading<Result>(_ body: (BlockChecks?) throws(ParquetError) -> Result?) throws -> Result {
        do {
            guard let result = try body(blockChecks) else { throw ParquetError(.corrupt, "A column has no dictionary") }
            return result
        } catch {
            throw SegmentReader.damaged(id, path, error)
        }
    }

    /// Compares a dictionary's bytes with the checksums of their blocks; where there are none, its own is to be compared.
    private func verifyDictionary(_ leaf: Int, _ rowGroup: Int) throws(ParquetError) -> ParquetChecksum {
        guard let checks = blockChecks else { return .compared }
        if let place = try parquet.dictionaryPlace(rowGroup: rowGroup, leaf: leaves[leaf]) { try Self.verify(place, checks) }
        return .known
    }

    /// How many entries the dictionary of a leaf has.
    func dictionaryCount(leaf: Int, rowGroup: Int) throws -> Int {
        do {
            guard let count = try parquet.dictionaryCount(rowGroup: rowGroup, leaf: leaves[leaf]) else {
                throw ParquetError(.corrupt, "A column has no dictionary")
            }
            return count
        } catch {
            throw SegmentReader.damaged(id, path, error)
        }
    }

    // MARK: Order

    /// Rows by position, for segments in another order.
    struct SeqOrder: Sendable {
        /// Ascending.
        let seqs: [Int64]
        /// The row of each.
        let rows: [UInt32]
    }

    /// Rows by position. Reads the whole `seq` column at the first call.
    func seqOrder() throws -> SeqOrder {
        if let known = state.withLock({ $0.order }) { return known }
        var pairs: [(seq: Int64, row: UInt32)] = []
        pairs.reserveCapacity(rowCount)
        for (number, group) in rowGroups.enumerated() {
            for start in stride(from: 0, to: group.rows.count, by: StoreLimits.pageRows) {
                let page = try page(leaf: 0, rowGroup: number, row: start)
                guard case .int64(let values) = page.values else { throw SegmentReader.damaged(id, path, SegmentReader.wrongType("seq")) }
                for row in start..<min(start + StoreLimits.pageRows, group.rows.count) {
                    pairs.append((values[row - page.rows.lowerBound] ?? 0, UInt32(group.rows.lowerBound + row)))
                }
            }
        }
        pairs.sort { $0.seq < $1.seq }
        let order = SeqOrder(seqs: pairs.map(\.seq), rows: pairs.map(\.row))
        state.withLock { $0.order = order }
        return order
    }
}
