public import AuditModel
import Parquet

/// Whole events: late materialization, page by page.
extension SegmentReader {
    /// The events in these rows, in the same order.
    ///
    /// - Parameter rows: Counted from the segment's beginning, ascending, each below ``visibleRowCount``.
    /// - Throws: ``StoreError`` with `damagedSegment`, or `notFound` for a row beyond the end.
    public func events(rows: [Int]) throws -> [StoredEvent] {
        let block = try block(rows: rows)
        return (0..<block.rowCount).map { StoredEvent(seq: block.seq[$0] ?? 0, event: block.event($0)) }
    }

    /// The rows that hold these positions, ascending; positions that are not here are left out.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func rows(seqs: Range<Int64>) throws -> [Int] {
        if file.isInSeqOrder {
            let first = max(seqs.lowerBound, file.firstSeq) - file.firstSeq
            let end = min(seqs.upperBound - file.firstSeq, Int64(visibleRowCount))
            return first < end ? Array(Int(first)..<Int(end)) : []
        }
        let order = try file.seqOrder()
        var low = 0
        var high = order.seqs.count
        while low < high {
            let middle = (low + high) / 2
            if order.seqs[middle] < seqs.lowerBound { low = middle + 1 } else { high = middle }
        }
        var rows: [Int] = []
        while low < order.seqs.count, order.seqs[low] < seqs.upperBound {
            rows.append(Int(order.rows[low]))
            low += 1
        }
        return rows.sorted()
    }

    /// All events of a range of rows.
    public func events(in rows: Range<Int>) throws -> [StoredEvent] {
        try events(rows: Array(rows))
    }

    /// The events in these rows as a block, in the same order, `seq` filled. Only pages that hold such rows are decoded, of columns that have
    /// values.
    ///
    /// - Parameter rows: Counted from the segment's beginning, ascending, each below ``visibleRowCount``.
    /// - Throws: ``StoreError`` with `damagedSegment`, or `notFound` for a row beyond the end.
    public func block(rows: [Int]) throws -> EventBlock {
        if let last = rows.last, last >= visibleRowCount {
            throw StoreError(.notFound, "the segment has no row \(last) at this checkpoint", path: file.path)
        }
        let block = EventBlock(capacity: rows.count)
        let isMany = rows.count > 256
        var next = 0
        for (number, group) in rowGroups.enumerated() {
            guard next < rows.count, rows[next] < group.rows.upperBound else { continue }
            let gather = RowGather(self, rowGroup: number, into: block, isMany: isMany)
            while next < rows.count, rows[next] < group.rows.upperBound {
                let page = (rows[next] - group.rows.lowerBound) / Self.pageRows
                let end = group.rows.lowerBound + (page + 1) * Self.pageRows
                let first = next
                while next < rows.count, rows[next] < min(end, group.rows.upperBound) { next += 1 }
                try gather.add(rows[first..<next], page: page, pageStart: group.rows.lowerBound + page * Self.pageRows)
            }
            try gather.finish()
        }
        block.pad()
        return block
    }
}

/// Copies rows of one row group into a block.
private final class RowGather {
    private let reader: SegmentReader
    private let rowGroup: Int
    private let block: EventBlock
    private let fields: [EventField]
    private let lists: [SegmentList]
    /// For columns with a shared dictionary: the block's code of each entry that was met, by dictionary.
    private var known: [ObjectIdentifier: CodeMap] = [:]
    /// Whether so many rows are gathered that remembering codes pays.
    private let isMany: Bool
    /// Texts of pages of which few rows are wanted.
    private let points: PointTexts
    /// A page is decoded whole, and kept, where more of its rows than this are wanted.
    private static let fewRows = SegmentReader.pageRows / 16

    private final class CodeMap {
        let dictionary: SegmentDictionary
        var codes: [UInt32]

        init(_ dictionary: SegmentDictionary) {
            self.dictionary = dictionary
            codes = Array(repeating: TextColumn.absent, count: dictionary.count)
        }
    }

    init(_ reader: SegmentReader, rowGroup: Int, into block: EventBlock, isMany: Bool) {
        self.isMany = isMany
        self.reader = reader
        self.rowGroup = rowGroup
        self.block = block
        points = PointTexts(reader, rowGroup: rowGroup)
        fields = EventField.allCases.filter { reader.mayHold($0, rowGroup: rowGroup) }
        lists = SegmentList.allCases.filter { $0 == .targets || reader.mayHold($0, rowGroup: rowGroup) }
    }

    func add(_ rows: ArraySlice<Int>, page: Int, pageStart: Int) throws {
        let first = block.rowCount
        for column in SegmentInteger.allCases { try addIntegers(column, rows, page, pageStart, first) }
        if rows.count <= Self.fewRows { return try addPoints(rows, page: page, pageStart: pageStart) }
        for field in fields {
            let codes = try reader.codes(field, rowGroup: rowGroup, page: page)
            if codes.constant == PageCodes.absent { continue }
            let column = block[field]
            column.pad(to: first)
            let dictionary = try codes.entries()
            for row in rows { column.append(code: code(codes, dictionary, row - pageStart, column)) }
        }
        let decoded = try lists.map { list in
            let page = try reader.list(list, rowGroup: rowGroup, page: page)
            return (list: list, page: page, dictionaries: try page.members.map { try $0.entries() })
        }
        for row in rows {
            block.beginRow()
            for (list, page, dictionaries) in decoded where !page.isEmpty { addList(list, page, dictionaries, row - pageStart) }
            block.endRow(0)
        }
    }

    /// Puts what waits for a dictionary into its place. Called once, behind the last page.
    func finish() throws { try points.finish() }

    /// Few rows of a page: only their slots are looked at.
    private func addPoints(_ rows: ArraySlice<Int>, page: Int, pageStart: Int) throws {
        let first = block.rowCount
        let wanted = rows.map { $0 - pageStart }
        let decoder = PageDecoder(reader, rowGroup: rowGroup, page: page, wanted: wanted)
        var known: [EventField: PagePoints] = [:]
        for field in fields {
            let values = try PagePoints(decoder, field)
            if case .absent = values.texts, values.typed == nil { continue }
            if SegmentSchema.targetReferred.contains(field) { known[field] = values }
            let column = block[field]
            column.pad(to: first)
            for (narrow, row) in wanted.enumerated() { try points.append(values, row, narrow: narrow, to: column) }
        }
        var decoded: [(columns: [TextColumn], list: ListPoints)] = []
        var flags: PageList?
        for list in lists {
            guard let columns = columns(list) else {
                flags = try decoder.list(list)
                continue
            }
            if let points = try listPoints(list, decoder, known) { decoded.append((columns, points)) }
        }
        for (narrow, row) in wanted.enumerated() {
            block.beginRow()
            if let flags, !flags.isEmpty { addList(.flags, flags, [], narrow) }
            for (columns, list) in decoded { try addPoints(list, row, narrow, to: columns) }
            block.endRow(0)
        }
    }

    private func addPoints(_ list: ListPoints, _ row: Int, _ narrow: Int, to columns: [TextColumn]) throws {
        guard list.columns.isEmpty else { return try addAttributes(list, row, narrow, to: columns) }
        let place = list.isNarrow ? narrow : row
        for element in Int(list.offsets[place])..<Int(list.offsets[place + 1]) {
            for member in list.members.indices {
                if member == 1, let column = list.references?.column(element) {
                    try points.append(column, row, narrow: narrow, to: columns[member])
                } else {
                    try points.append(list.members[member], element, narrow: element, to: columns[member])
                }
            }
        }
    }

    private func addAttributes(_ list: ListPoints, _ row: Int, _ narrow: Int, to columns: [TextColumn]) throws {
        let place = list.isNarrow ? narrow : row
        var order = AttributeOrder(list.columns.map(\.name))
        order.begin(Int(list.offsets[place])..<Int(list.offsets[place + 1])) { list.names[$0] }
        while let next = order.next() {
            switch next {
            case .column(let place):
                let values = list.columns[place].values
                guard values.isPresent(values.isNarrow ? narrow : row) else { continue }
                columns[0].append(code: list.columns[place].name.withUnsafeBytes { columns[0].code(of: $0) })
                try points.append(values, row, narrow: narrow, to: columns[1])
            case .element(let element):
                columns[0].append(code: list.names[element].withUnsafeBytes { columns[0].code(of: $0) })
                try points.append(list.members[1], element, narrow: element, to: columns[1])
            }
        }
    }

    /// The list as it was kept, or the wanted rows of it; nil where no row has an element.
    private func listPoints(_ list: SegmentList, _ decoder: PageDecoder, _ fields: [EventField: PagePoints]) throws -> ListPoints? {
        let leaf = SegmentColumn.leaves(of: list).lowerBound
        var known = decoder.known(leaf, PageList.self)
        if known == nil, decoder.isWorthKeeping(leaf) { known = try decoder.wholeList(list) }
        guard let known else { return try decoder.points(list, fields: fields) }
        return known.isEmpty ? nil : ListPoints(offsets: Array(known.offsets), members: known.members.map { PagePoints($0) }, isNarrow: false)
    }

    /// The block's columns of a list's members; nil for flags, which are marks.
    private func columns(_ list: SegmentList) -> [TextColumn]? {
        switch list {
        case .targets: block.targets.members
        case .changes: block.changes.members
        case .attributes: block.attributes.members
        case .roles: block.roles.members
        case .flags: nil
        }
    }

    private func addIntegers(_ column: SegmentInteger, _ rows: ArraySlice<Int>, _ page: Int, _ pageStart: Int, _ first: Int) throws {
        let target: IntegerColumn =
            switch column {
            case .seq: block.seq
            case .schema: block.schema
            case .time: block.time
            case .timeBound: block.timeBound
            case .observed: block.observed
            case .approvalExpires: block.approvalExpires
            case .replaces: block.replaces
            }
        if reader.isAbsent(column, rowGroup: rowGroup) { return }
        let value = try integers(column, rows, page, pageStart)
        target.pad(to: first)
        for (narrow, row) in rows.enumerated() {
            let value = value(row - pageStart, narrow)
            target.append(column == .schema && value == Int64(Event.currentSchema) ? IntegerColumn.absent : value)
        }
    }

    /// The values of a page by row of the page and place among the wanted rows: the kept page, or the wanted rows of it.
    private func integers(
        _ column: SegmentInteger, _ rows: ArraySlice<Int>, _ page: Int, _ pageStart: Int
    ) throws -> (Int, Int) -> Int64 {
        if rows.count <= Self.fewRows {
            if column == .seq, let first = reader.firstSeq(rowGroup: rowGroup) {
                let start = first + Int64(page * SegmentReader.pageRows)
                return { row, _ in start + Int64(row) }
            }
            let decoder = PageDecoder(reader, rowGroup: rowGroup, page: page, wanted: rows.map { $0 - pageStart })
            let leaf = SegmentColumn.leaf(of: column)
            if decoder.known(leaf, PageIntegers.self) == nil, !decoder.isWorthKeeping(leaf) {
                let values = column == .time ? try decoder.times(count: rows.count) : try decoder.integers(leaf: leaf, count: rows.count)
                return { _, narrow in values.values[narrow] }
            }
        }
        let values = try reader.integers(column, rowGroup: rowGroup, page: page)
        return { row, _ in values.values[row] }
    }

    private func addList(_ list: SegmentList, _ page: PageList, _ dictionaries: [SegmentDictionary], _ row: Int) {
        let elements = page.elements(of: row)
        if list == .flags {
            for element in elements { if let flag = page.members[0].string(element) { block.setFlag(flag) } }
            return
        }
        guard let columns = columns(list) else { return }
        for element in elements {
            for member in columns.indices { columns[member].append(code: code(page.members[member], dictionaries[member], element, columns[member])) }
        }
    }

    /// The block's code of a slot's text.
    private func code(_ codes: PageCodes, _ dictionary: SegmentDictionary, _ slot: Int, _ column: TextColumn) -> UInt32 {
        let code = codes[slot]
        if code == PageCodes.absent { return TextColumn.absent }
        if codes.isPageLocal || !isMany { return column.code(of: dictionary.entry(Int(code))) }
        let name = ObjectIdentifier(dictionary)
        let map = known[name] ?? CodeMap(dictionary)
        known[name] = map
        let found = map.codes[Int(code)]
        if found != TextColumn.absent { return found }
        let made = column.code(of: dictionary.entry(Int(code)))
        map.codes[Int(code)] = made
        return made
    }
}
