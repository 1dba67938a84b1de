import AuditModel

/// Puts the texts of one parser's events into the columns of a block, remembering codes so that an equal text is looked up once.
///
/// - Per block: the code of each constant in each column, the class assignments, and for each place of the definition that fills a column the
///   last text and its code.
/// - Texts wait until there are many (RowWriter+Waiting.swift): rows are whole only after ``completeRows()``.
/// - Holds its columns unmanaged and its state in memory of its own, so that a field costs neither counting of references nor a check of
///   exclusive access. The block lives as long as `block` names it.
final class RowWriter {
    /// Columns by number: the members of the lists, then those of ``EventField``.
    enum Column {
        static let roles = 0
        static let targetType = 1
        static let targetID = 2
        static let targetName = 3
        static let changeField = 4
        static let changeBefore = 5
        static let changeAfter = 6
        static let attributeName = 7
        static let attributeValue = 8
        static let firstField = 9

        @inline(__always)
        static func of(_ field: EventField) -> Int { firstField &+ Int(field.rawValue) }
    }

    /// The last text at a place and what became of it.
    struct Memo: BitwiseCopyable {
        static let mostBytes = 56
        /// Added to the length while the text waits to be looked up.
        static let waits: Int32 = 1 << 16
        /// Bytes of the text; -1 where nothing is remembered.
        var length: Int32 = -1
        /// Its code, ``TextColumn/absent`` where it gave no text; while it waits, its number.
        var code: UInt32 = 0
        var bytes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
    }

    /// A slot whose text equals one that waits.
    struct Echo: BitwiseCopyable {
        let cells: TextColumn.Cells
        let slot: Int32
        let pending: Int32
        /// Whether it counts as a text appended by value.
        let isCounted: Bool
    }

    /// How much waits.
    struct Counts: BitwiseCopyable {
        var pending = 0
        var echoes = 0
        var waiting = 0
        /// The same at the beginning of the record.
        var recordPending = 0
        var recordEchoes = 0
        var recordWaiting = 0
        /// What numbers in ``RowWriter/lastPending`` begin with: smaller ones are of texts that do not wait any more.
        var base = 0
    }

    /// What a place knows of a text.
    enum Recall {
        case nothing
        case code(UInt32)
        /// It waits to be looked up, under this number.
        case waiting(Int32)
    }

    private let plan: ParsePlan
    private(set) var block: EventBlock
    let columns: UnsafeMutablePointer<TextColumn.Cells>
    let memos: UnsafeMutablePointer<Memo>
    /// By column and constant; absent where it is not known yet.
    private let constantCodes: UnsafeMutablePointer<UInt32>
    /// By body, -1 where it is not known yet.
    private let classNumbers: UnsafeMutablePointer<Int32>
    private let constantCount: Int
    private let columnCount: Int
    /// The row that is being built.
    private let current: UnsafeMutablePointer<Int>
    /// What every event has: texts, and their columns and codes.
    private let own: [(field: EventField, text: String)]
    private let ownCodes: UnsafeMutablePointer<(column: Int, code: UInt32)>
    /// By code of an action; ``unknown`` where it was not asked for yet.
    private let categories: UnsafeMutablePointer<UInt32>
    /// Texts of some rows that are looked up together; slots that get the code of one of them too; and places that remember it.
    let pending: UnsafeMutablePointer<TextColumn.Pending>
    let echoes: UnsafeMutablePointer<Echo>
    let waiting: UnsafeMutablePointer<(pending: Int32, memo: Int32)>
    let counts: UnsafeMutablePointer<Counts>
    /// By column the text that waits last, as its number + ``Counts/base``.
    let lastPending: UnsafeMutablePointer<Int>
    static let mostPending = 192
    /// Most texts of one element of a list.
    static let mostOfElement = 3
    private static let mostActions = 1_024
    private static let unknown = UInt32.max - 1

    /// - Parameter own: What every event has.
    init(_ plan: ParsePlan, own: [(field: EventField, text: String)]) {
        self.plan = plan
        self.own = own
        ownCodes = .allocate(capacity: max(1, own.count))
        categories = .allocate(capacity: Self.mostActions)
        block = EventBlock()
        columnCount = Column.firstField + EventField.count
        columns = .allocate(capacity: columnCount)
        pending = .allocate(capacity: Self.mostPending)
        waiting = .allocate(capacity: Self.mostPending)
        echoes = .allocate(capacity: Self.mostPending)
        lastPending = .allocate(capacity: columnCount)
        lastPending.initialize(repeating: -1, count: columnCount)
        counts = .allocate(capacity: 1)
        counts.initialize(to: Counts())
        memos = .allocate(capacity: max(1, plan.memoCount))
        constantCount = plan.constants.count
        constantCodes = .allocate(capacity: max(1, columnCount * constantCount))
        classNumbers = .allocate(capacity: max(1, plan.flatBodies.count))
        current = .allocate(capacity: 1)
        current.initialize(to: 0)
        take(block)
    }

    deinit {
        columns.deallocate()
        memos.deallocate()
        constantCodes.deallocate()
        classNumbers.deallocate()
        ownCodes.deallocate()
        pending.deallocate()
        waiting.deallocate()
        echoes.deallocate()
        lastPending.deallocate()
        counts.deallocate()
        categories.deallocate()
        current.deallocate()
    }

    /// Writes to this block from now on.
    func begin(_ block: EventBlock) {
        if block !== self.block { take(block) }
    }

    private func take(_ block: EventBlock) {
        self.block = block
        for (number, column) in block.texts.enumerated() { (columns + Column.firstField + number).initialize(to: column.unmanagedCells) }
        var number = 0
        for list in [block.roles, block.targets, block.changes, block.attributes] {
            for member in list.members {
                (columns + number).initialize(to: member.unmanagedCells)
                number += 1
            }
        }
        memos.update(repeating: Memo(), count: max(1, plan.memoCount))
        constantCodes.update(repeating: TextColumn.absent, count: max(1, columnCount * constantCount))
        classNumbers.update(repeating: -1, count: max(1, plan.flatBodies.count))
        categories.update(repeating: Self.unknown, count: Self.mostActions)
        for (number, entry) in own.enumerated() {
            (ownCodes + number).initialize(to: (Column.of(entry.field), block[entry.field].code(of: entry.text)))
        }
    }

    /// Whether a row was begun and not ended.
    private(set) var isBuilding = false

    /// The row that is being built.
    @inline(__always)
    var row: Int { current.pointee }

    func beginRow() {
        isBuilding = true
        current.pointee = block.rowCount
        block.beginRow()
    }

    /// Begins a record: what comes from now on is what ``takeBack(toRow:)`` takes back.
    @inline(__always)
    func beginRecord() {
        counts.pointee.recordPending = counts.pointee.pending
        counts.pointee.recordEchoes = counts.pointee.echoes
        counts.pointee.recordWaiting = counts.pointee.waiting
    }

    /// Looks up what waits, and sets what every event has in the rows that lack it: to be called before somebody else reads or adds rows, and
    /// before the bytes of records go.
    func completeRows() {
        settle()
        for number in 0..<own.count { columns[ownCodes[number].column].pad(to: block.rowCount, with: ownCodes[number].code) }
    }

    func endRow(_ body: Int32, _ classes: @autoclosure () -> ClassAssignment) {
        var number = classNumbers[Int(body)]
        if number < 0 {
            number = Int32(block.number(of: classes()))
            classNumbers[Int(body)] = number
        }
        block.endRow(Int(number))
        isBuilding = false
    }

    /// Takes back the rows from `row` on and what was set for one that is not ended.
    func takeBack(toRow row: Int) {
        drop(counts.pointee.recordPending, counts.pointee.recordEchoes, counts.pointee.recordWaiting)
        block.truncate(to: row)
        isBuilding = false
    }

    /// Forgets all rows and what waits.
    func removeAll() {
        drop(0, 0, 0)
        beginRecord()
        block.truncate(to: 0)
        isBuilding = false
    }

    // MARK: Codes in columns

    @inline(__always)
    func set(_ column: Int, code: UInt32) {
        columns[column].append(code: code, at: row)
    }

    // MARK: Members of lists

    /// Adds a text, looked up at once.
    func append(_ column: Int, _ text: Text) {
        columns[column].append(UnsafeRawBufferPointer(start: text.base, count: text.count))
    }

    @inline(__always)
    func append(_ column: Int, code: UInt32) {
        columns[column].append(code: code)
    }

    /// Takes the last slot of a column away.
    func takeBackLast(_ column: Int) { columns[column].truncate(to: columns[column].count &- 1) }

    /// Takes the slots from `count` on away from some columns.
    func takeBack(_ range: ClosedRange<Int>, to count: Int) {
        for column in range { columns[column].truncate(to: count) }
    }

    // MARK: Codes

    /// The code of the category that an action has, absent where the taxonomy does not know it.
    @inline(__always)
    func category(ofAction code: UInt32) -> UInt32 {
        let known = code < UInt32(Self.mostActions) ? categories[Int(code)] : Self.unknown
        return known != Self.unknown ? known : findCategory(code)
    }

    @inline(never)
    private func findCategory(_ code: UInt32) -> UInt32 {
        let action = String(decoding: block[.action].entry(code), as: UTF8.self)
        let found = plan.taxonomy.entry(for: action).map { block[.category].code(of: $0.category) } ?? TextColumn.absent
        if code < UInt32(Self.mostActions) { categories[Int(code)] = found }
        return found
    }

    /// The code of a constant in a column.
    @inline(__always)
    func code(_ column: Int, constant: Int32) -> UInt32 {
        let known = constantCodes[column &* constantCount &+ Int(constant)]
        return known != TextColumn.absent ? known : enter(column, constant)
    }

    @inline(never)
    private func enter(_ column: Int, _ constant: Int32) -> UInt32 {
        let text = plan.constants[constant]
        let code = columns[column].code(of: UnsafeRawBufferPointer(start: text.base, count: text.count))
        constantCodes[column &* constantCount &+ Int(constant)] = code
        return code
    }

    /// The code of the last slot of a column.
    @inline(__always)
    func lastCode(_ column: Int) -> UInt32 { columns[column].lastSlot }

    /// Remembers what became of a text at a place.
    @inline(__always)
    func remember(_ memo: Int32, _ text: Text, _ code: UInt32) {
        guard let base = text.base, text.count <= Memo.mostBytes else { return }
        let last = memos + Int(memo)
        last.pointee.length = text.length
        last.pointee.code = code
        UnsafeMutableRawPointer(last).advanced(by: 8).copyMemory(from: base, byteCount: text.count)
    }
}
