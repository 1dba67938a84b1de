import AuditModel

/// Pruning by the index, and exact look-ups of terms.
extension SegmentReader {
    /// Pages that may hold a text in a pivot column, ASCII letters in either case, by the index; nil when the index cannot say.
    ///
    /// Pages outside the set surely do not hold it. About one page in a hundred of those inside does not either.
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
            if let form = place.typed(file, rowGroup), file.use(place.leaf, rowGroup: rowGroup) == .absent {
                let whole = min(Self.pageRows, file.rowGroups[rowGroup].rows.count - rows.lowerBound)
                let typed = try TypedPage(PageDecoder(self, rowGroup: rowGroup, page: page), place, form, slots: whole)
                return typed.slots(equalTo: term).filter { $0 < rows.count }.map { rows.lowerBound + $0 }
            }
            return Self.slots(try codes(field, rowGroup: rowGroup, page: page), equalTo: term).map { rows.lowerBound + $0 }
        }
        let list = try list(.targets, rowGroup: rowGroup, page: page)
        let elements = Self.slots(list.members[column == .targetID ? 1 : 2], equalTo: term)
        var found: [Int] = []
        var row = 0
        for element in elements {
            while Int(list.offsets[row + 1]) <= element { row += 1 }
            if found.last != rows.lowerBound + row { found.append(rows.lowerBound + row) }
        }
        return found
    }

    private static func slots(_ codes: PageCodes, equalTo term: UnsafeRawBufferPointer) -> [Int] {
        let dictionary = codes.dictionary
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
}
