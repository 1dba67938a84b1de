import AuditModel
public import EventStore
import Synchronization

/// A stored segment as the engine reads it: pages, dictionaries and index of a ``SegmentReader``.
final class StoreSegment: SegmentColumns {
    private let reader: SegmentReader
    let rowGroups: [RowGroupShape]
    let seqEnd: Int64?
    private let shapes: Mutex<[[PageShape]?]>
    var id: Int64 { reader.record.id }

    /// - Parameter seqEnd: The snapshot's end.
    init(_ reader: SegmentReader, seqEnd: Int64) {
        self.reader = reader
        rowGroups = reader.rowGroups.map {
            RowGroupShape(rows: $0.rows, times: Self.range($0.minTime, $0.maxTime), mayLackTimes: $0.mayLackTimes)
        }
        // Readers of segments in the order of positions cut the rest off themselves.
        let isCut = rowGroups.isEmpty || reader.firstSeq(rowGroup: 0) != nil
        self.seqEnd = !isCut && reader.record.seqs.upperBound > seqEnd ? seqEnd : nil
        shapes = Mutex(Array(repeating: nil, count: rowGroups.count))
    }

    private static func range(_ low: Timestamp?, _ high: Timestamp?) -> ClosedRange<Int64>? {
        guard let low, let high, low <= high else { return nil }
        return low.microseconds...high.microseconds
    }

    func pages(rowGroup: Int) throws -> [PageShape] {
        if let known = shapes.withLock({ $0[rowGroup] }) { return known }
        let group = rowGroups[rowGroup]
        let made = try reader.pages(rowGroup: rowGroup).map { page in
            PageShape(
                rows: group.rows.lowerBound + page.rows.lowerBound..<group.rows.lowerBound + page.rows.upperBound,
                times: Self.range(page.minTime, page.maxTime), mayLackTimes: group.mayLackTimes)
        }
        shapes.withLock { $0[rowGroup] = made }
        return made
    }

    func firstSeq(rowGroup: Int) -> Int64? { reader.firstSeq(rowGroup: rowGroup) }

    func mayHoldValues(_ leaf: TextLeaf, rowGroup: Int) -> Bool {
        switch leaf {
        case .field(let field): reader.mayHold(field, rowGroup: rowGroup)
        case .member(let list, _): reader.mayHold(Self.list(list), rowGroup: rowGroup)
        }
    }

    func dictionary(_ leaf: TextLeaf, rowGroup: Int) throws -> EntryTable? {
        switch leaf {
        case .field(let field): try reader.dictionary(field, rowGroup: rowGroup).map(Self.table)
        case .member(let list, let member): try reader.dictionary(Self.list(list), member: member, rowGroup: rowGroup).map(Self.table)
        }
    }

    func codes(ofTerms terms: [[UInt8]], in leaf: TextLeaf, rowGroup: Int) throws -> TermCodes? {
        let found: SegmentReader.TermCodes? =
            switch leaf {
            case .field(let field): try reader.codes(ofTerms: terms, in: field, rowGroup: rowGroup)
            case .member(let list, let member): try reader.codes(ofTerms: terms, in: Self.list(list), member: member, rowGroup: rowGroup)
            }
        return found.map { TermCodes(count: $0.count, codes: $0.codes, byteCount: $0.byteCount) }
    }

    func codes(_ field: EventField, rowGroup: Int, page: Int) throws -> CodePage {
        Self.page(try reader.codes(field, rowGroup: rowGroup, page: page))
    }

    func list(_ name: ListName, rowGroup: Int, page: Int) throws -> ListPage {
        let list = try reader.list(Self.list(name), rowGroup: rowGroup, page: page)
        guard let offsets = list.offsets.baseAddress else {
            throw QueryError(.notAnswerable, "a page of \(name.rawValue) has no offsets: run `proofline fsck`")
        }
        return ListPage(offsets: offsets, rowCount: list.rowCount, members: list.members.map(Self.page), owner: list)
    }

    func integers(_ name: IntegerName, rowGroup: Int, page: Int) throws -> IntegerPage {
        let page = try reader.integers(Self.integer(name), rowGroup: rowGroup, page: page)
        guard let values = page.values.baseAddress else {
            throw QueryError(.notAnswerable, "a page of \(name.rawValue) is empty: run `proofline fsck`")
        }
        return IntegerPage(values: values, count: page.count, isAscending: page.isAscending, owner: page)
    }

    // MARK: Index

    func pages(mayHold term: [UInt8], in leaf: TextLeaf, rowGroup: Int) throws -> RowMask? {
        guard let column = Self.pivot(leaf) else { return nil }
        return mask(term.withUnsafeBytes { reader.pages(mayHold: $0, in: column, rowGroup: rowGroup) }, rowGroup)
    }

    func pages(mayContain text: [UInt8], in leaf: TextLeaf, rowGroup: Int) throws -> RowMask? {
        guard leaf == .field(.message) else { return nil }
        return mask(text.withUnsafeBytes { reader.pages(mayContain: $0, rowGroup: rowGroup) }, rowGroup)
    }

    private func mask(_ pages: PageSet?, _ rowGroup: Int) -> RowMask? {
        guard let pages else { return nil }
        var mask = RowMask(count: reader.pageCount(rowGroup: rowGroup), all: false)
        for page in pages.pages where page < mask.count { mask[page] = true }
        return mask
    }

    func rows(equalTo term: [UInt8], in field: EventField, rowGroup: Int, page: Int) throws -> RowMask? {
        guard let column = Self.pivot(.field(field)) else { return nil }
        let range = reader.rows(ofPage: page, rowGroup: rowGroup)
        let rows = try term.withUnsafeBytes { try reader.rows(equalTo: $0, in: column, rowGroup: rowGroup, page: page) }
        var mask = RowMask(count: range.count, all: false)
        for row in rows { mask[row - range.lowerBound] = true }
        return mask
    }

    fileprivate static func pivot(_ leaf: TextLeaf) -> PivotColumn? {
        switch leaf {
        case .field(let field): pivots[field]
        case .member(.targets, 1): .targetID
        case .member(.targets, 2): .targetName
        case .member: nil
        }
    }

    private static let pivots: [EventField: PivotColumn] = Dictionary(
        uniqueKeysWithValues: PivotColumn.allCases.compactMap { column in column.field.map { ($0, column) } })

    // MARK: Rows

    func wholeRows(_ rows: [Int]) throws -> any WholeRows { BlockRows(block: try reader.block(rows: rows)) }

    private struct BlockRows: WholeRows {
        let block: EventBlock

        func events() -> [StoredEvent] { (0..<block.rowCount).map { StoredEvent(seq: block.seq[$0] ?? 0, event: block.event($0)) } }

        func appendLines(to out: inout [UInt8], ends: inout [Int]) {
            let lines = LineBuffer(ending: 0x0A, capacityBytes: block.rowCount * 1_024)
            CanonicalLines(block).write(0..<block.rowCount, seqs: UnsafePointer(block.seq.values.baseAddress), to: lines)
            let begin = out.count
            out.append(contentsOf: lines.bytes)
            for end in lines.offsets.dropFirst() { ends.append(begin + Int(end)) }
        }
    }

    // MARK: Names

    private static func list(_ name: ListName) -> SegmentList {
        switch name {
        case .roles: .roles
        case .targets: .targets
        case .changes: .changes
        case .attributes: .attributes
        case .flags: .flags
        }
    }

    private static func integer(_ name: IntegerName) -> SegmentInteger {
        switch name {
        case .seq: .seq
        case .schema: .schema
        case .time: .time
        case .observed: .observed
        case .replaces: .replaces
        case .timeBound: .timeBound
        case .approvalExpires: .approvalExpires
        }
    }

    private static func table(_ dictionary: SegmentDictionary) -> EntryTable {
        EntryTable(count: dictionary.count, bytes: dictionary.bytes, offsets: dictionary.offsets, owner: dictionary)
    }

    private static func page(_ codes: PageCodes) -> CodePage {
        let entries = codes.isPageLocal ? table(codes.dictionary) : nil
        let base = codes.base
        let typed: CodePage.Codes =
            switch codes.width {
            case .one: .u8(base.assumingMemoryBound(to: UInt8.self))
            case .two: .u16(base.assumingMemoryBound(to: UInt16.self))
            case .four: .u32(base.assumingMemoryBound(to: UInt32.self))
            }
        return CodePage(codes: typed, count: codes.count, entries: entries, owner: codes)
    }
}

extension QueryEngine {
    /// An engine over a snapshot.
    ///
    /// - Parameter codes: Kept from query to query by whoever asks more than one of the same store.
    public init(snapshot: StoreSnapshot, options: QueryOptions = QueryOptions(), codes: GlobalCodes = GlobalCodes()) {
        self.init(
            sources: snapshot.segments.map { record in
                SegmentSource(
                    times: record.minTime.flatMap { low in record.maxTime.map { min(low, $0).microseconds...$0.microseconds } },
                    mayHold: { term, leaf in
                        guard let column = StoreSegment.pivot(leaf) else { return true }
                        return term.withUnsafeBytes { snapshot.mayHold($0, in: column, record) }
                    },
                    open: { StoreSegment(try snapshot.reader(record), seqEnd: snapshot.seqEnd) })
            }, options: options, codes: codes)
    }
}
