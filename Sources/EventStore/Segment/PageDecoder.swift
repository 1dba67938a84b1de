import AuditModel
import Parquet

/// Decodes one page of one column of a segment into the forms that queries use.
struct PageDecoder {
    let reader: SegmentReader
    let rowGroup: Int
    let page: Int
    /// The page's first row in the row group.
    private let firstRow: Int
    /// Its rows: those in the file, or the wanted ones.
    let rowCount: Int
    /// Rows that are wanted, counted from the page's first and ascending; nil for all. Then everything that this gives is of those rows alone.
    let wanted: [Int]?

    init(_ reader: SegmentReader, rowGroup: Int, page: Int, wanted: [Int]? = nil) {
        self.wanted = wanted
        self.reader = reader
        self.rowGroup = rowGroup
        self.page = page
        firstRow = page * StoreLimits.pageRows
        rowCount = wanted?.count ?? min(StoreLimits.pageRows, reader.file.rowGroups[rowGroup].rows.count - firstRow)
    }

    var file: SegmentFile { reader.file }

    /// How a leaf is kept.
    func use(_ leaf: Int) -> SegmentFile.Use { file.use(leaf, rowGroup: rowGroup) }

    /// What the cache keeps of this page of a leaf.
    func known<Object: AnyObject & Sendable>(_ leaf: Int, _ type: Object.Type) -> Object? {
        reader.cache.known(reader.key(leaf, rowGroup, page), type)
    }

    /// Whether a whole page of a leaf should be made and kept.
    func isWorthKeeping(_ leaf: Int) -> Bool { reader.cache.isWorthKeeping(reader.key(leaf, rowGroup, page)) }

    /// A field's whole page, kept.
    func wholeCodes(_ field: EventField) throws -> PageCodes { try reader.codes(field, rowGroup: rowGroup, page: page) }

    /// A list's whole page, kept.
    func wholeList(_ list: SegmentList) throws -> PageList { try reader.list(list, rowGroup: rowGroup, page: page) }

    private func page(_ leaf: Int) throws -> ParquetPage {
        guard let wanted else { return try file.page(leaf: leaf, rowGroup: rowGroup, row: firstRow) }
        return try file.page(leaf: leaf, rowGroup: rowGroup, row: firstRow, wanted: wanted)
    }

    func corrupt(_ what: String) -> StoreError { reader.damaged(ParquetError(.corrupt, what)) }

    // MARK: Integers

    func integers(leaf: Int, count: Int) throws -> PageIntegers {
        if file.use(leaf, rowGroup: rowGroup) == .absent { return PageIntegers(uniform: nil, count: count) }
        let found = try page(leaf)
        guard case .int64(let values) = found.values, found.lists == nil else { throw corrupt("An integer column has another type") }
        switch values {
        case .uniform(let value, _): return PageIntegers(uniform: value, count: count)
        case .values(let values, _):
            guard values.count == count else { throw corrupt("A page has other rows than those of its place") }
            return values.withUnsafeBufferPointer { PageIntegers(copying: $0) }
        }
    }

    /// Times in microseconds, from whole milliseconds and what lies beyond them.
    func times(count: Int) throws -> PageIntegers {
        let millis = try integers(leaf: SegmentColumn.leaf(of: .time), count: count)
        let rest = SegmentColumn.timeMicros
        let micros = file.use(rest, rowGroup: rowGroup) == .absent ? nil : try integers(leaf: rest, count: count)
        let memory = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(1, count))
        var isWrong = false
        var slot = 0
        while slot < count {
            let milli = millis.values[slot]
            let micro = micros?.values[slot] ?? PageIntegers.absent
            if milli == PageIntegers.absent {
                memory[slot] = milli
                isWrong = isWrong || micro != PageIntegers.absent
            } else {
                let (whole, isBeyond) = milli.multipliedReportingOverflow(by: 1_000)
                let beyond = micro == PageIntegers.absent ? 0 : micro
                isWrong = isWrong || isBeyond || beyond < 0 || beyond > 999 || whole > Int64.max - 999
                memory[slot] = whole &+ beyond
            }
            slot &+= 1
        }
        guard !isWrong else {
            memory.deallocate()
            throw corrupt("A time and its microseconds do not fit")
        }
        return PageIntegers(UnsafeBufferPointer(rebasing: memory[..<count]))
    }

    // MARK: Texts

    /// The codes of a column in this page.
    ///
    /// - Parameter slots: Rows of the page, or elements of its lists.
    func codes(_ column: SegmentColumn, slots: Int) throws -> PageCodes {
        let own = try ownCodes(column, slots: slots)
        guard column.reference >= 0, let references = try optionalCodes(column.reference, slots), references.constant != PageCodes.absent
        else { return own }
        return try resolved(own, references: references, of: column, offsets: column.isElement ? try offsets(leaf: column.reference) : nil)
    }

    private func ownCodes(_ column: SegmentColumn, slots: Int) throws -> PageCodes {
        let use = file.use(column.leaf, rowGroup: rowGroup)
        guard let form = column.typed(file, rowGroup) else { return try plainCodes(column.leaf, use, slots) }
        let rest = use == .absent ? nil : try PageTexts(plainCodes(column.leaf, use, slots))
        return try TypedPage(self, column, form, slots: slots).codes(rest: rest)
    }

    /// A text leaf alone.
    func plainCodes(_ leaf: Int, _ use: SegmentFile.Use, _ slots: Int) throws -> PageCodes {
        if use == .absent { return PageCodes(constant: PageCodes.absent, count: slots, dictionary: .empty) }
        let values = try values(leaf, slots)
        switch values {
        case .codes(.uniform(PageCodes.absent, _)):
            // A page without a value, whatever the encoding of the others.
            return PageCodes(constant: PageCodes.absent, count: slots, dictionary: .empty)
        case .codes(let codes):
            let dictionary = PageCodes.Source.shared(try SharedDictionary(reader, leaf: leaf, rowGroup: rowGroup))
            return try Self.codes(codes, dictionary, slots: slots, isPageLocal: false) ?? { throw corrupt("A page has a wrong code") }()
        case .entries(let codes, let entries):
            let dictionary = PageCodes.Source.own(SegmentDictionary(copying: entries, isDistinct: false))
            return try Self.codes(codes, dictionary, slots: slots, isPageLocal: true) ?? { throw corrupt("A page has a wrong code") }()
        case .int64, .boolean: throw corrupt("A text column has another type")
        }
    }

    /// A text leaf that may have no value.
    func optionalCodes(_ leaf: Int, _ slots: Int) throws -> PageCodes? {
        let use = file.use(leaf, rowGroup: rowGroup)
        return use == .absent ? nil : try plainCodes(leaf, use, slots)
    }

    /// The dictionary of a leaf.
    func entries(_ leaf: Int) throws -> ParquetEntries { try file.dictionary(leaf: leaf, rowGroup: rowGroup) }

    /// The values of a leaf in this page, one for each slot, or uniform.
    func values(_ leaf: Int, _ slots: Int) throws -> ParquetPageValues {
        try values(try page(leaf), slots)
    }

    private func values(_ found: ParquetPage, _ slots: Int) throws -> ParquetPageValues {
        if wanted == nil, found.rows.count != rowCount {
            // One page for the whole row group: all slots are equal.
            guard Self.isUniform(found.values) else { throw corrupt("A page has other rows than those of its place") }
        } else {
            guard found.slotCount == slots else { throw corrupt("Columns of one list have different lengths") }
        }
        return found.values
    }

    private static func isUniform(_ values: ParquetPageValues) -> Bool {
        switch values {
        case .codes(.uniform), .entries(.uniform, _), .int64(.uniform): true
        default: false
        }
    }

    private static func codes(
        _ codes: ParquetCodes, _ dictionary: PageCodes.Source, slots: Int, isPageLocal: Bool
    ) -> PageCodes? {
        func copy<Code>(_ array: [Code], _ width: PageCodes.Width) -> PageCodes {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, slots * width.rawValue), alignment: 16)
            array.withUnsafeBytes { if let start = $0.baseAddress { memory.copyMemory(from: start, byteCount: slots * width.rawValue) } }
            return PageCodes(
                base: UnsafeRawPointer(memory), count: slots, width: width, source: dictionary, isPageLocal: isPageLocal)
        }
        switch codes {
        case .uniform(let code, _):
            guard code == PageCodes.absent || Int(code) < dictionary.count else { return nil }
            return PageCodes(constant: code, count: slots, source: dictionary, isPageLocal: isPageLocal)
        case .u8(let array): return copy(array, .one)
        case .u16(let array): return copy(array, .two)
        case .u32(let array): return copy(array, .four)
        }
    }

    // MARK: Lists

    func list(_ list: SegmentList) throws -> PageList {
        let leaves = SegmentColumn.leaves(of: list)
        guard let offsets = try offsets(leaf: leaves.lowerBound) else {
            return PageList(emptyRows: rowCount, memberCount: list.memberCount)
        }
        let slots = Int(offsets[rowCount])
        let members = try (0..<list.memberCount).map { member in
            let column = SegmentColumn.member(list, member)
            for leaf in column.leaves(file, rowGroup) where leaf != leaves.lowerBound {
                guard try self.offsets(leaf: leaf) == offsets else { throw corrupt("Columns of one list have different lengths") }
            }
            return try codes(column, slots: slots)
        }
        let memory = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: rowCount + 1)
        _ = memory.initialize(from: offsets)
        return PageList(offsets: UnsafeBufferPointer(memory), members: members)
    }

    /// The form that a column's values have in this row group beside texts.
    func typed(_ column: SegmentColumn) -> TypedForm? { column.typed(file, rowGroup) }

    /// A list of which few rows are wanted: offsets of its rows and the values of its elements, each leaf decoded once; nil where no row has an
    /// element.
    ///
    /// - Parameter fields: Fields of the same rows, which ids of targets may refer to.
    func points(_ list: SegmentList, fields: [EventField: PagePoints]) throws -> ListPoints? {
        let leaves = SegmentColumn.leaves(of: list)
        let first = try page(leaves.lowerBound)
        let attributes = list == .attributes ? file.attributes(rowGroup: rowGroup) : []
        guard let offsets = try offsets(first) ?? (attributes.isEmpty ? nil : [UInt32](repeating: 0, count: rowCount + 1)) else { return nil }
        let slots = Int(offsets[rowCount])
        if !attributes.isEmpty { return try points(attributes, offsets) }
        let members = try (0..<list.memberCount).map { member in
            let column = SegmentColumn.member(list, member)
            let use = file.use(column.leaf, rowGroup: rowGroup)
            var values: ParquetPageValues?
            if use != .absent {
                let found = column.leaf == leaves.lowerBound ? first : try page(column.leaf)
                guard try self.offsets(found) == offsets else { throw corrupt("Columns of one list have different lengths") }
                values = try self.values(found, slots)
            }
            return try PagePoints(self, column, use, slots: slots, values: values)
        }
        let reference = SegmentColumn.targetID.reference
        guard list == .targets, let codes = try optionalCodes(reference, slots) else { return ListPoints(offsets: offsets, members: members, isNarrow: true) }
        guard try self.offsets(leaf: reference) == offsets else { throw corrupt("Columns of one list have different lengths") }
        return ListPoints(
            offsets: offsets, members: members, isNarrow: true, references: try referencePoints(codes, .targetID, fields))
    }

    /// Attributes of which few rows are wanted. The map, where there is one, is decoded as it is: most attributes have columns of their own.
    private func points(_ columns: [AttributeColumn], _ offsets: [UInt32]) throws -> ListPoints {
        let rest = try list(.attributes)
        let names = try rest.members[0].entries()
        return ListPoints(
            offsets: offsets, members: rest.members.map { PagePoints($0) }, isNarrow: true,
            columns: try columns.map { ($0.name, try PagePoints(self, $0.column, file.use($0.column.leaf, rowGroup: rowGroup), slots: rowCount)) },
            names: try (0..<rest.members[0].count).map { element in
                let code = rest.members[0][element]
                guard code != PageCodes.absent else { throw corrupt("An attribute has no name") }
                return Array(names.entry(Int(code)))
            })
    }

    /// The offsets of a list in this page; nil where no row has an element.
    private func offsets(leaf: Int) throws -> [UInt32]? { try offsets(try page(leaf)) }

    private func offsets(_ found: ParquetPage) throws -> [UInt32]? {
        guard let lists = found.lists else { throw corrupt("A list column has another shape") }
        switch lists {
        case .empty: return nil
        case .offsets(let all, _):
            if wanted != nil || found.rows.count == rowCount {
                guard all.count == rowCount + 1, all[0] == 0 else { throw corrupt("A list column has another number of rows") }
                return all[rowCount] == 0 ? nil : all
            }
            let start = firstRow - found.rows.lowerBound
            guard start >= 0, start + rowCount < all.count else { throw corrupt("A list column has another number of rows") }
            let part = all[start...start + rowCount].map { $0 - all[start] }
            return part[rowCount] == 0 ? nil : part
        }
    }
}
