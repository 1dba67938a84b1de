import AuditModel
import Parquet

/// Pruning by the index, and exact look-ups of terms.
extension SegmentReader {
    /// Pages that may hold a text in a pivot column, ASCII letters in either case, by the index; nil when the index cannot say.
    ///
    /// Pages outside the set surely do not hold it. Two to six pages in a hundred of those inside do not either.
    /// - Complexity: 32 bytes a page are read.
    public func pages(mayHold term: UnsafeRawBufferPointer, in column: PivotColumn, rowGroup: Int) -> PageSet? {
        guard let index = file.index else { return nil }
        let whole = Self.pageCount(of: file.rowGroups[rowGroup].rows.count)
        let found = index.pages(
            mayHold: TermHash.foldedHash(term), family: TermFamily(column), rowGroup: rowGroup, pageCount: whole)
        return found.map { cut($0, rowGroup: rowGroup) }
    }

    /// Pages whose `message` may hold these bytes anywhere, ASCII letters in either case; nil when the index cannot say: it is missing or
    /// damaged, or the part has no four bytes in a row without a digit.
    public func pages(mayContain part: UnsafeRawBufferPointer, rowGroup: Int) -> PageSet? {
        guard let index = file.index else { return nil }
        let whole = Self.pageCount(of: file.rowGroups[rowGroup].rows.count)
        return index.pages(mayContain: part, rowGroup: rowGroup, pageCount: whole).map { cut($0, rowGroup: rowGroup) }
    }

    private static func pageCount(of rows: Int) -> Int { (rows + pageRows - 1) / pageRows }

    private func cut(_ set: PageSet, rowGroup: Int) -> PageSet {
        let count = pageCount(rowGroup: rowGroup)
        return count == set.pageCount ? set : set.prefix(count)
    }

    /// The rows of a page (counted from the row group's beginning) whose pivot column is this text, ASCII letters in either case.
    ///
    /// Exact, by the column itself; typed siblings are compared without rendering them. For `targets` a row counts once.
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func rows(equalTo term: UnsafeRawBufferPointer, in column: PivotColumn, rowGroup: Int, page: Int) throws -> [Int] {
        let rows = rows(ofPage: page, rowGroup: rowGroup)
        if let field = column.field {
            let place = SegmentColumn.text(field)
            if place.mayRefer(file, rowGroup) {
                let whole = fullRows(page, rowGroup).count
                let decoder = PageDecoder(self, rowGroup: rowGroup, page: page)
                if let told = try decoder.uniformReference(place, slots: whole)?.name, let pivot = PivotColumn(rawValue: told) {
                    return try self.rows(equalTo: term, in: pivot, rowGroup: rowGroup, page: page)
                }
            } else if let form = place.typed(file, rowGroup), file.use(place.leaf, rowGroup: rowGroup) == .absent {
                let whole = min(Self.pageRows, file.rowGroups[rowGroup].rows.count - rows.lowerBound)
                let typed = try TypedPage(PageDecoder(self, rowGroup: rowGroup, page: page), place, form, slots: whole)
                return typed.slots(equalTo: term).filter { $0 < rows.count }.map { rows.lowerBound + $0 }
            }
            return try Self.slots(try codes(field, rowGroup: rowGroup, page: page), equalTo: term).map { rows.lowerBound + $0 }
        }
        let list = try list(.targets, rowGroup: rowGroup, page: page)
        let elements = try Self.slots(list.members[column == .targetID ? 1 : 2], equalTo: term)
        var found: [Int] = []
        var row = 0
        for element in elements {
            while Int(list.offsets[row + 1]) <= element { row += 1 }
            if found.last != rows.lowerBound + row { found.append(rows.lowerBound + row) }
        }
        return found
    }

    private static func slots(_ codes: PageCodes, equalTo term: UnsafeRawBufferPointer) throws -> [Int] {
        let dictionary = try codes.entries()
        var wanted: [UInt32] = []
        var entry = 0
        while entry < dictionary.count {
            if Int(dictionary.offsets[entry &+ 1] &- dictionary.offsets[entry]) == term.count,
                TermHash.areEqualFolded(dictionary.entry(entry), term)
            {
                wanted.append(UInt32(truncatingIfNeeded: entry))
            }
            entry &+= 1
        }
        if wanted.isEmpty { return [] }
        if wanted.count == 1 {
            let code = wanted[0]
            return (0..<codes.count).filter { codes[$0] == code }
        }
        let set = Set(wanted)
        return (0..<codes.count).filter { set.contains(codes[$0]) }
    }

    // MARK: Codes of terms

    /// Which entries of the dictionary that all pages of a column share are these texts, ASCII letters in either case.
    public struct TermCodes: Sendable {
        /// Entries of the dictionary.
        public let count: Int
        /// For each text the codes of entries that equal it, ascending.
        public let codes: [[UInt32]]
        /// Bytes of the dictionary that were looked at.
        public let byteCount: Int
    }

    /// Looks texts up in the dictionary that all pages of a field share in a row group; nil where each page has its own.
    ///
    /// Of a dictionary that is not kept only those entries are looked at that the index leaves over, and nothing is kept.
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func codes(ofTerms terms: [[UInt8]], in field: EventField, rowGroup: Int) throws -> TermCodes? {
        try codes(ofTerms: terms, in: .text(field), PivotColumn(rawValue: field.name), rowGroup: rowGroup)
    }

    /// The same for a member of a list.
    public func codes(ofTerms terms: [[UInt8]], in list: SegmentList, member: Int, rowGroup: Int) throws -> TermCodes? {
        if list == .attributes, !file.attributes(rowGroup: rowGroup).isEmpty { return nil }
        let pivot: PivotColumn? = list == .targets && member == 2 ? .targetName : nil
        return try codes(ofTerms: terms, in: .member(list, member), pivot, rowGroup: rowGroup)
    }

    private func codes(ofTerms terms: [[UInt8]], in column: SegmentColumn, _ pivot: PivotColumn?, rowGroup: Int) throws -> TermCodes? {
        if column.typed(file, rowGroup) != nil || column.mayRefer(file, rowGroup) { return nil }
        switch file.use(column.leaf, rowGroup: rowGroup) {
        case .absent: return TermCodes(count: 0, codes: terms.map { _ in [] }, byteCount: 0)
        case .local: return nil
        case .shared: break
        }
        if let known = cache.known(SharedDictionary.key(file, leaf: column.leaf, rowGroup: rowGroup), SegmentDictionary.self) {
            let codes = terms.map { term in term.withUnsafeBytes { known.codes(foldedEqualTo: $0) } }
            return TermCodes(count: known.count, codes: codes, byteCount: 64 * terms.count)
        }
        let count = try file.dictionaryCount(leaf: column.leaf, rowGroup: rowGroup)
        let search = TermSearch(terms)
        var codes: [[UInt32]] = terms.map { _ in [] }
        var byteCount = 0
        let ranges = pivot.flatMap { entries(thatMayBe: terms, in: $0, count: count, rowGroup: rowGroup) } ?? [0..<count]
        _ = try file.forEachEntry(in: ranges, leaf: column.leaf, rowGroup: rowGroup, cache) { code, entry throws(ParquetError) in
            byteCount &+= entry.count
            search.find(entry) { codes[$0].append(UInt32(truncatingIfNeeded: code)) }
        }
        return TermCodes(count: count, codes: codes, byteCount: byteCount)
    }

    /// The entries of a shared dictionary that may be one of some texts: those that are used first on a page which may hold one, by the
    /// index; nil where the index cannot say.
    private func entries(thatMayBe terms: [[UInt8]], in column: PivotColumn, count: Int, rowGroup: Int) -> [Range<Int>]? {
        let pageCount = Self.pageCount(of: file.rowGroups[rowGroup].rows.count)
        guard let index = file.index,
            let ends = index.entryEnds(column, rowGroup: rowGroup, pageCount: pageCount, entryCount: count)
        else { return nil }
        var pages = PageSet(pageCount: pageCount)
        for term in terms {
            let hash = term.withUnsafeBytes { TermHash.foldedHash($0) }
            guard let found = index.pages(mayHold: hash, family: TermFamily(column), rowGroup: rowGroup, pageCount: pageCount) else { return nil }
            pages.formUnion(found)
        }
        return pages.pages.compactMap { page in
            let first = page == 0 ? 0 : ends[page - 1]
            return first < ends[page] ? first..<ends[page] : nil
        }
    }
}

/// Compares entries with a few texts at once: by length and last byte first, since tokens and ids begin alike.
private struct TermSearch {
    private let terms: [[UInt8]]
    /// A bit for each length modulo 64 that a text has.
    private let lengths: UInt64

    init(_ terms: [[UInt8]]) {
        self.terms = terms.map { $0.map { TermHash.fold($0) } }
        lengths = terms.reduce(0) { $0 | 1 << UInt64($1.count & 63) }
    }

    @inline(__always)
    func find(_ entry: UnsafeRawBufferPointer, _ found: (Int) -> Void) {
        guard lengths &>> UInt64(entry.count & 63) & 1 == 1 else { return }
        let last = entry.count > 0 ? TermHash.fold(entry[entry.count &- 1]) : 0
        var number = 0
        while number < terms.count {
            let isMatch = terms[number].withUnsafeBytes { term in
                term.count == entry.count && (term.count == 0 || term[term.count &- 1] == last) && TermHash.areEqualFolded(entry, term)
            }
            if isMatch { found(number) }
            number &+= 1
        }
    }
}
