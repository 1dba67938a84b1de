import AuditModel
import EventStore

@testable import Timeline

/// A segment in memory: rows of events in small pages, with an index that tells the truth and now and then names a page too many.
final class BlockSegment: SegmentColumns {
    /// What a random segment looks like.
    struct Shape {
        var groupRows = 64
        var pageRows = 16
        /// Fields whose pages have entries of their own.
        var localFields: Set<EventField> = []
        /// Whether terms and text pieces are indexed.
        var isIndexed = true
        /// Whether positions are in the order of rows.
        var isInSeqOrder = true
        /// Rows at or beyond this position do not belong to the snapshot.
        var seqEnd: Int64?
    }

    let id: Int64
    let rowGroups: [RowGroupShape]
    let stored: [StoredEvent]
    let shape: Shape
    /// Pages that the index names although they do not hold the term.
    private let isTooMany: @Sendable (Int, [UInt8]) -> Bool
    var seqEnd: Int64? { shape.seqEnd }

    init(id: Int64, _ stored: [StoredEvent], _ shape: Shape, isTooMany: @escaping @Sendable (Int, [UInt8]) -> Bool = { _, _ in false }) {
        self.id = id
        self.stored = stored
        self.shape = shape
        self.isTooMany = isTooMany
        rowGroups = stride(from: 0, to: stored.count, by: shape.groupRows).map { start in
            let rows = start..<min(start + shape.groupRows, stored.count)
            return RowGroupShape(rows: rows, times: Self.times(stored[rows]), mayLackTimes: stored[rows].contains { $0.event.time == nil })
        }
    }

    private static func times(_ stored: ArraySlice<StoredEvent>) -> ClosedRange<Int64>? {
        let times = stored.compactMap { $0.event.time?.microseconds }
        return times.min().map { $0...times.max()! }
    }

    func pages(rowGroup: Int) throws -> [PageShape] {
        let group = rowGroups[rowGroup].rows
        return stride(from: group.lowerBound, to: group.upperBound, by: shape.pageRows).map { start in
            let rows = start..<min(start + shape.pageRows, group.upperBound)
            return PageShape(rows: rows, times: Self.times(stored[rows]), mayLackTimes: stored[rows].contains { $0.event.time == nil })
        }
    }

    private func events(_ rowGroup: Int, _ page: Int) throws -> ArraySlice<StoredEvent> { stored[try pages(rowGroup: rowGroup)[page].rows] }

    func firstSeq(rowGroup: Int) -> Int64? { shape.isInSeqOrder ? stored[rowGroups[rowGroup].rows.lowerBound].seq : nil }

    private static func values(_ leaf: TextLeaf, _ event: Event) -> [String?] {
        switch leaf {
        case .field(let field): [event[field]]
        case .member(.roles, _): event.roles
        case .member(.flags, _): event.flags
        case .member(.targets, let member): event.targets.map { member == 0 ? $0.type : member == 1 ? $0.id : $0.name }
        case .member(.changes, let member): event.changes.map { member == 0 ? $0.field : member == 1 ? $0.before : $0.after }
        case .member(.attributes, let member): event.attributes.map { member == 0 ? $0.name : $0.value }
        }
    }

    func mayHoldValues(_ leaf: TextLeaf, rowGroup: Int) -> Bool {
        stored[rowGroups[rowGroup].rows].contains { Self.values(leaf, $0.event).contains { $0 != nil } }
    }

    private func isLocal(_ leaf: TextLeaf) -> Bool {
        if case .field(let field) = leaf { return shape.localFields.contains(field) }
        return false
    }

    func dictionary(_ leaf: TextLeaf, rowGroup: Int) throws -> EntryTable? {
        if isLocal(leaf) { return nil }
        return Self.table(column(leaf, rowGroup))
    }

    private func column(_ leaf: TextLeaf, _ rowGroup: Int) -> TextColumn {
        let column = TextColumn()
        for event in stored[rowGroups[rowGroup].rows] {
            for value in Self.values(leaf, event.event) { if let value { _ = column.code(of: Array(value.utf8)) } }
        }
        return column
    }

    private static func table(_ column: TextColumn) -> EntryTable {
        EntryTable(count: column.entryCount, bytes: column.entryBytes, offsets: column.entryOffsets.baseAddress!, owner: column)
    }

    private func codes(_ leaf: TextLeaf, _ values: [String?], _ rowGroup: Int) -> CodePage {
        let column = isLocal(leaf) ? TextColumn() : column(leaf, rowGroup)
        let codes = values.map { $0.map { Int(column.code(of: Array($0.utf8))) } }
        let entries = isLocal(leaf) ? Self.table(column) : nil
        // All widths come by: the number of values decides.
        switch values.count % 3 {
        case 0: return page(codes.map { $0.map(UInt8.init) ?? .max }, entries) { .u8($0) }
        case 1: return page(codes.map { $0.map(UInt16.init) ?? .max }, entries) { .u16($0) }
        default: return page(codes.map { $0.map(UInt32.init) ?? .max }, entries) { .u32($0) }
        }
    }

    private func page<Code>(_ codes: [Code], _ entries: EntryTable?, _ make: (UnsafePointer<Code>) -> CodePage.Codes) -> CodePage {
        let memory = Memory(codes)
        return CodePage(codes: make(memory.base), count: codes.count, entries: entries, owner: memory)
    }

    func codes(_ field: EventField, rowGroup: Int, page: Int) throws -> CodePage {
        codes(.field(field), try events(rowGroup, page).map { $0.event[field] }, rowGroup)
    }

    func list(_ name: ListName, rowGroup: Int, page: Int) throws -> ListPage {
        var offsets: [UInt32] = [0]
        var members = [[String?]](repeating: [], count: name.memberCount)
        for event in try events(rowGroup, page) {
            for member in 0..<name.memberCount { members[member] += Self.values(.member(name, member), event.event) }
            offsets.append(UInt32(members[0].count))
        }
        let memory = Memory(offsets)
        return ListPage(
            offsets: memory.base, rowCount: offsets.count - 1,
            members: members.enumerated().map { codes(.member(name, $0.offset), $0.element, rowGroup) }, owner: memory)
    }

    func integers(_ name: IntegerName, rowGroup: Int, page: Int) throws -> IntegerPage {
        let values = try events(rowGroup, page).map { stored in
            switch name {
            case .seq: stored.seq
            case .schema: Int64(stored.event.schema)
            case .time: stored.event.time?.microseconds ?? IntegerPage.absent
            case .observed: stored.event.observed?.microseconds ?? IntegerPage.absent
            case .replaces: stored.event.replaces ?? IntegerPage.absent
            case .timeBound: stored.event.timeBoundMicroseconds ?? IntegerPage.absent
            case .approvalExpires: stored.event.approvalExpires?.microseconds ?? IntegerPage.absent
            }
        }
        let memory = Memory(values)
        let isAscending = !values.contains(IntegerPage.absent) && zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
        return IntegerPage(values: memory.base, count: values.count, isAscending: isAscending, owner: memory)
    }

    func pages(mayHold term: [UInt8], in leaf: TextLeaf, rowGroup: Int) throws -> RowMask? {
        try index(leaf, rowGroup, term) { Array($0.utf8.map(TextPattern.lowercased)) == term }
    }

    func pages(mayContain text: [UInt8], in leaf: TextLeaf, rowGroup: Int) throws -> RowMask? {
        guard leaf == .field(.message), text.count >= 3 else { return nil }
        return try index(leaf, rowGroup, text) { TextPattern.contains(text, in: $0) }
    }

    private func index(_ leaf: TextLeaf, _ rowGroup: Int, _ term: [UInt8], _ test: (String) -> Bool) throws -> RowMask? {
        guard shape.isIndexed else { return nil }
        let pages = try pages(rowGroup: rowGroup)
        var mask = RowMask(count: pages.count, all: false)
        for (number, page) in pages.enumerated() {
            let holds = stored[page.rows].contains { Self.values(leaf, $0.event).contains { $0.map(test) ?? false } }
            if holds || isTooMany(number, term) { mask[number] = true }
        }
        return mask
    }

    func rows(equalTo term: [UInt8], in field: EventField, rowGroup: Int, page: Int) throws -> RowMask? {
        guard shape.isIndexed else { return nil }
        let events = try events(rowGroup, page)
        var mask = RowMask(count: events.count, all: false)
        for (row, stored) in events.enumerated() where stored.event[field].map({ Array($0.utf8.map(TextPattern.lowercased)) == term }) ?? false {
            mask[row] = true
        }
        return mask
    }

    func wholeRows(_ rows: [Int]) throws -> any WholeRows { Rows(stored: rows.map { stored[$0] }) }

    private struct Rows: WholeRows {
        let stored: [StoredEvent]

        func events() -> [StoredEvent] { stored }

        func appendLines(to out: inout [UInt8], ends: inout [Int]) {
            for event in stored {
                event.appendLine(to: &out)
                ends.append(out.count)
            }
        }
    }
}

/// A copy of values that stays where it is.
private final class Memory<Value>: @unchecked Sendable {
    let base: UnsafePointer<Value>
    init(_ values: [Value]) {
        let memory = UnsafeMutablePointer<Value>.allocate(capacity: max(1, values.count))
        memory.initialize(from: values, count: values.count)
        base = UnsafePointer(memory)
    }
    deinit { base.deallocate() }
}

extension TextColumn {
    fileprivate func code(of bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { code(of: $0) } }
}

extension StoredEvent {
    /// Appends the canonical line without salt, with `seq` in its place, and a line feed.
    func appendLine(to out: inout [UInt8]) {
        guard case .object(var members) = event.json else { return }
        members["seq"] = .integer(seq)
        out.append(contentsOf: JSONValue.object(members).canonicalText.utf8)
        out.append(0x0A)
    }
}
