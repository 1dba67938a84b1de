public import AuditModel
import Parquet

/// Pages: what a query reads.
extension SegmentReader {
    /// Rows of a page: all pages have as many, but the last of a row group.
    public static let pageRows = StoreLimits.pageRows

    /// A page: the same rows in every column.
    public struct Page: Hashable, Sendable {
        /// Its rows, counted from the row group's beginning.
        public let rows: Range<Int>
        /// Earliest and latest event time; nil when unknown or no row has one.
        public let minTime: Timestamp?
        public let maxTime: Timestamp?
    }

    /// How many pages a row group has.
    public func pageCount(rowGroup: Int) -> Int {
        (rowGroups[rowGroup].rows.count + Self.pageRows - 1) / Self.pageRows
    }

    /// The rows of a page, counted from the row group's beginning.
    public func rows(ofPage page: Int, rowGroup: Int) -> Range<Int> {
        let start = page * Self.pageRows
        return start..<min(start + Self.pageRows, rowGroups[rowGroup].rows.count)
    }

    /// The pages of a row group with their times.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func pages(rowGroup: Int) throws -> [Page] {
        let all = try file.pageTimes(rowGroup: rowGroup)
        guard rowGroups[rowGroup].rows.count < file.rowGroups[rowGroup].rows.count else { return all }
        return all.prefix(pageCount(rowGroup: rowGroup)).enumerated().map { number, page in
            Page(rows: rows(ofPage: number, rowGroup: rowGroup), minTime: page.minTime, maxTime: page.maxTime)
        }
    }

    /// Position of a row group's first row where positions ascend without holes (segments that were not compacted), else nil.
    public func firstSeq(rowGroup: Int) -> Int64? {
        file.isInSeqOrder ? file.firstSeq + Int64(rowGroups[rowGroup].rows.lowerBound) : nil
    }

    /// Whether a row of the row group may have a value in this field; false where the file says that none has.
    public func mayHold(_ field: EventField, rowGroup: Int) -> Bool {
        let column = SegmentColumn.text(field)
        return file.use(column.leaf, rowGroup: rowGroup) != .absent || column.typed(file, rowGroup) != nil || column.mayRefer(file, rowGroup)
    }

    /// Whether no row of the row group has a value in an integer column.
    func isAbsent(_ integer: SegmentInteger, rowGroup: Int) -> Bool {
        file.use(SegmentColumn.leaf(of: integer), rowGroup: rowGroup) == .absent
    }

    /// Whether a row of the row group may have an element in this list.
    public func mayHold(_ list: SegmentList, rowGroup: Int) -> Bool {
        SegmentColumn.leaves(of: list).contains { file.use($0, rowGroup: rowGroup) != .absent }
            || list == .attributes && !file.attributes(rowGroup: rowGroup).isEmpty
    }

    /// The dictionary that all pages of a field share in a row group; nil where each page has its own (``PageCodes/dictionary``),
    /// because values are stored one by one.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func dictionary(_ field: EventField, rowGroup: Int) throws -> SegmentDictionary? {
        try sharedDictionary(.text(field), rowGroup: rowGroup)
    }

    /// The same for a member of a list.
    public func dictionary(_ list: SegmentList, member: Int, rowGroup: Int) throws -> SegmentDictionary? {
        if list == .attributes, !file.attributes(rowGroup: rowGroup).isEmpty { return nil }
        return try sharedDictionary(.member(list, member), rowGroup: rowGroup)
    }

    private func sharedDictionary(_ column: SegmentColumn, rowGroup: Int) throws -> SegmentDictionary? {
        if column.typed(file, rowGroup) != nil || column.mayRefer(file, rowGroup) { return nil }
        switch file.use(column.leaf, rowGroup: rowGroup) {
        case .absent: return .empty
        case .shared: return try dictionary(leaf: column.leaf, rowGroup: rowGroup)
        case .local: return nil
        }
    }

    /// The dictionary of a leaf, cached.
    func dictionary(leaf: Int, rowGroup: Int) throws -> SegmentDictionary {
        try SharedDictionary.entries(file, cache, leaf: leaf, rowGroup: rowGroup)
    }

    /// The dictionary of a leaf where it is kept, or where it is wanted again; nil where only some entries of it should be looked at.
    func keptDictionary(leaf: Int, rowGroup: Int) throws -> SegmentDictionary? {
        let key = SharedDictionary.key(file, leaf: leaf, rowGroup: rowGroup)
        if let known = cache.known(key, SegmentDictionary.self) { return known }
        return cache.isWorthKeeping(key) ? try dictionary(leaf: leaf, rowGroup: rowGroup) : nil
    }

    /// The codes of a field in a page.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func codes(_ field: EventField, rowGroup: Int, page: Int) throws -> PageCodes {
        let rows = rows(ofPage: page, rowGroup: rowGroup)
        let codes = try wholeCodes(field, rowGroup: rowGroup, page: page)
        return codes.count == rows.count ? codes : codes.prefix(rows.count)
    }

    /// The same for all rows of a page in the file.
    func wholeCodes(_ field: EventField, rowGroup: Int, page: Int) throws -> PageCodes {
        let column = SegmentColumn.text(field)
        let count = fullRows(page, rowGroup).count
        if !mayHold(field, rowGroup: rowGroup) { return PageCodes(constant: PageCodes.absent, count: count, dictionary: .empty) }
        return try cache.object(key(column.leaf, rowGroup, page), cost: \.costBytes) {
            try PageDecoder(self, rowGroup: rowGroup, page: page).codes(column, slots: count)
        }
    }

    /// An integer column in a page.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func integers(_ integer: SegmentInteger, rowGroup: Int, page: Int) throws -> PageIntegers {
        let rows = rows(ofPage: page, rowGroup: rowGroup)
        if integer == .seq, let first = firstSeq(rowGroup: rowGroup) {
            return PageIntegers(from: first + Int64(rows.lowerBound), count: rows.count)
        }
        let leaf = SegmentColumn.leaf(of: integer)
        let values = try cache.object(key(leaf, rowGroup, page), cost: \.costBytes) {
            let decoder = PageDecoder(self, rowGroup: rowGroup, page: page)
            let count = fullRows(page, rowGroup).count
            return try integer == .time ? decoder.times(count: count) : decoder.integers(leaf: leaf, count: count)
        }
        return values.count == rows.count ? values : PageIntegers(copying: UnsafeBufferPointer(rebasing: values.values[..<rows.count]))
    }

    /// A list column in a page.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func list(_ list: SegmentList, rowGroup: Int, page: Int) throws -> PageList {
        let rows = rows(ofPage: page, rowGroup: rowGroup)
        let found = try cache.object(key(SegmentColumn.leaves(of: list).lowerBound, rowGroup, page), cost: \.costBytes) {
            let decoder = PageDecoder(self, rowGroup: rowGroup, page: page)
            let found = try decoder.list(list)
            return list == .attributes ? try decoder.attributes(found) : found
        }
        return found.rowCount == rows.count ? found : found.prefix(rows.count)
    }

    /// The rows of a page in the file: more than the snapshot shows where the checkpoint cuts it.
    func fullRows(_ page: Int, _ rowGroup: Int) -> Range<Int> {
        let start = page * Self.pageRows
        return start..<min(start + Self.pageRows, file.rowGroups[rowGroup].rows.count)
    }

    /// What the cache knows a page of a leaf by.
    func key(_ leaf: Int, _ rowGroup: Int, _ page: Int) -> PageCache.Key {
        PageCache.Key(
            file: file.number, rowGroup: UInt16(truncatingIfNeeded: rowGroup), column: UInt16(leaf), page: UInt32(truncatingIfNeeded: page))
    }
}
