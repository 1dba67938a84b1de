public import AuditModel
import Parquet
import Synchronization

/// Pages: what a query reads. All calls are thread-safe.
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
    public func pages(rowGroup: Int) throws -> [Page] {
        (0..<pageCount(rowGroup: rowGroup)).map { Page(rows: rows(ofPage: $0, rowGroup: rowGroup), minTime: nil, maxTime: nil) }
    }

    /// Position of a row group's first row where positions ascend without holes (segments that were not compacted), else nil.
    public func firstSeq(rowGroup: Int) -> Int64? {
        isInSeqOrder ? record.seqs.lowerBound + Int64(rowGroups[rowGroup].rows.lowerBound) : nil
    }

    /// Whether a row of the row group may have a value in this field; false where the file says that none has.
    public func mayHold(_ field: EventField, rowGroup: Int) -> Bool {
        schema.index(of: field.name).map { !isEmpty($0, rowGroup: rowGroup) } ?? false
    }

    /// Whether a row of the row group may have an element in this list.
    public func mayHold(_ list: SegmentList, rowGroup: Int) -> Bool { schema.index(of: list.rawValue) != nil }

    /// The dictionary that all pages of a field share in a row group; nil where each page has its own (``PageCodes/dictionary``),
    /// because values are stored one by one.
    public func dictionary(_ field: EventField, rowGroup: Int) throws -> SegmentDictionary? {
        try sharedDictionary(field.name, leaf: 0, rowGroup: rowGroup)
    }

    /// The same for a member of a list.
    public func dictionary(_ list: SegmentList, member: Int, rowGroup: Int) throws -> SegmentDictionary? {
        try sharedDictionary(list.rawValue, leaf: member, rowGroup: rowGroup)
    }

    /// The codes of a field in a page.
    public func codes(_ field: EventField, rowGroup: Int, page: Int) throws -> PageCodes {
        let rows = rows(ofPage: page, rowGroup: rowGroup)
        guard mayHold(field, rowGroup: rowGroup), let values = try column(field.name, rowGroup: rowGroup).leaves[0].byteValues else {
            return PageCodes(constant: PageCodes.absent, count: rows.count, dictionary: .empty)
        }
        return try pageCodes(values, field.name, leaf: 0, slots: rows, rowGroup: rowGroup)
    }

    /// An integer column in a page.
    public func integers(_ integer: SegmentInteger, rowGroup: Int, page: Int) throws -> PageIntegers {
        let rows = rows(ofPage: page, rowGroup: rowGroup)
        let column = try integers(integer.rawValue, rowGroup: rowGroup)
        let memory = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(1, rows.count))
        for (place, row) in rows.enumerated() { memory[place] = column[row] ?? PageIntegers.absent }
        return PageIntegers(UnsafeBufferPointer(rebasing: memory[..<rows.count]))
    }

    /// A list column in a page.
    public func list(_ list: SegmentList, rowGroup: Int, page: Int) throws -> PageList {
        let rows = rows(ofPage: page, rowGroup: rowGroup)
        let column = try column(list.rawValue, rowGroup: rowGroup)
        guard !rows.isEmpty else { return PageList(emptyRows: 0, memberCount: list.memberCount) }
        let elements = column.elements(of: rows.lowerBound).lowerBound..<column.elements(of: rows.upperBound - 1).upperBound
        let offsets = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: rows.count + 1)
        for (place, row) in rows.enumerated() { offsets[place] = UInt32(column.elements(of: row).lowerBound - elements.lowerBound) }
        offsets[rows.count] = UInt32(elements.count)
        let members = try column.leaves.enumerated().map { leaf, values in
            guard let values = values.byteValues else { throw wrongType(list.rawValue) }
            return try pageCodes(values, list.rawValue, leaf: leaf, slots: elements, rowGroup: rowGroup)
        }
        return PageList(offsets: UnsafeBufferPointer(offsets), members: members)
    }

    private func sharedDictionary(_ name: String, leaf: Int, rowGroup: Int) throws -> SegmentDictionary? {
        guard let field = schema.index(of: name) else { return .empty }
        if isEmpty(field, rowGroup: rowGroup) { return .empty }
        guard let values = try column(name, rowGroup: rowGroup).leaves[leaf].byteValues else { throw wrongType(name) }
        guard values.isDictionaryDistinct else { return nil }
        return dictionaries.withLock { known in
            let key = DictionaryKey(rowGroup: rowGroup, field: field, leaf: leaf)
            if let found = known[key] { return found }
            let made = SegmentDictionary(copying: values.dictionary, isDistinct: true)
            known[key] = made
            return made
        }
    }

    private func pageCodes(
        _ values: ByteValues, _ name: String, leaf: Int, slots: Range<Int>, rowGroup: Int
    ) throws -> PageCodes {
        if let shared = try sharedDictionary(name, leaf: leaf, rowGroup: rowGroup) {
            return PageCodes(codes: values.codes[slots], dictionary: shared, isPageLocal: false)
        }
        var builder = ByteValuesBuilder()
        for code in values.codes[slots] {
            if code == ByteValues.absent { builder.appendAbsent() } else { values.dictionary.withBytes(Int(code)) { builder.append($0) } }
        }
        return PageCodes(
            codes: builder.values.codes, dictionary: SegmentDictionary(copying: builder.values.dictionary, isDistinct: true),
            isPageLocal: true)
    }

    // MARK: Pruning and look-up

    /// Pages that may hold a text in a pivot column, ASCII letters in either case, by the index; nil when the index cannot say.
    ///
    /// Pages outside the set surely do not hold it.
    public func pages(mayHold term: UnsafeRawBufferPointer, in column: PivotColumn, rowGroup: Int) -> PageSet? { nil }

    /// Pages whose `message` may hold these bytes anywhere, ASCII letters in either case; nil when the index cannot say.
    public func pages(mayContain part: UnsafeRawBufferPointer, rowGroup: Int) -> PageSet? { nil }

    /// The rows of a page (counted from the row group's beginning) whose pivot column is this text, ASCII letters in either case.
    ///
    /// Exact, by the column itself. For `targets` a row counts once.
    public func rows(equalTo term: UnsafeRawBufferPointer, in column: PivotColumn, rowGroup: Int, page: Int) throws -> [Int] {
        let first = page * Self.pageRows
        if let field = column.field {
            return Self.slots(try codes(field, rowGroup: rowGroup, page: page), equalTo: term).map { first + $0 }
        }
        let list = try list(.targets, rowGroup: rowGroup, page: page)
        let elements = Self.slots(list.members[column == .targetID ? 1 : 2], equalTo: term)
        var rows: [Int] = []
        var row = 0
        for element in elements {
            while Int(list.offsets[row + 1]) <= element { row += 1 }
            if rows.last != first + row { rows.append(first + row) }
        }
        return rows
    }

    private static func slots(_ codes: PageCodes, equalTo term: UnsafeRawBufferPointer) -> [Int] {
        let matching = (0..<codes.dictionary.count).filter { TermHash.areEqualFolded(codes.dictionary.entry($0), term) }
        if matching.isEmpty { return [] }
        let wanted = Set(matching.map { UInt32($0) })
        return (0..<codes.count).filter { wanted.contains(codes[$0]) }
    }

    /// The events in these rows as a block, in the same order.
    ///
    /// - Parameter rows: Counted from the segment's beginning, ascending, each below ``visibleRowCount``. The block's `seq` is filled.
    public func block(rows: [Int]) throws -> EventBlock {
        let stored = try events(rows: rows)
        let block = EventBlock(stored.map(\.event))
        for (row, event) in stored.enumerated() { block.seq.set(row, event.seq) }
        return block
    }
}

extension SegmentDictionary {
    /// A copy of a list of byte strings.
    convenience init(copying values: ByteArrays, isDistinct: Bool) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, values.bytes.count), alignment: 8)
        bytes.copyBytes(from: values.bytes)
        let offsets = UnsafeMutablePointer<UInt32>.allocate(capacity: values.offsets.count)
        offsets.initialize(from: values.offsets, count: values.offsets.count)
        self.init(
            bytes: UnsafeRawBufferPointer(start: bytes.baseAddress, count: values.bytes.count), offsets: offsets, count: values.count,
            isDistinct: isDistinct)
    }
}
