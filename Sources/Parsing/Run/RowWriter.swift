import AuditModel

/// Puts the texts of one parser's events into the columns of a block, remembering codes so that an equal text is looked up once.
///
/// - Per block: the code of each constant in each column, the class assignments, and for each place of the definition that fills a column the
///   last text and its code.
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
        /// Bytes of the text; -1 where nothing is remembered.
        var length: Int32 = -1
        /// Its code, ``TextColumn/absent`` where it gave no text.
        var code: UInt32 = 0
        var bytes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
    }

    private let plan: ParsePlan
    private(set) var block: EventBlock
    private let columns: UnsafeMutablePointer<Unmanaged<TextColumn>>
    private let memos: UnsafeMutablePointer<Memo>
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
    /// Texts of scalar columns of the row that are looked up together, and the places whose memory waits for the code.
    private let pending: UnsafeMutablePointer<TextColumn.Pending>
    private let waiting: UnsafeMutablePointer<(column: Int32, memo: Int32, input: Text)>
    /// Numbers of pending texts and of waiting places.
    private let counts: UnsafeMutablePointer<(pending: Int, waiting: Int)>
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
        pending = .allocate(capacity: columnCount)
        waiting = .allocate(capacity: columnCount)
        counts = .allocate(capacity: 1)
        counts.initialize(to: (0, 0))
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
        for (number, column) in block.texts.enumerated() { (columns + Column.firstField + number).initialize(to: .passUnretained(column)) }
        var number = 0
        for list in [block.roles, block.targets, block.changes, block.attributes] {
            for member in list.members {
                (columns + number).initialize(to: .passUnretained(member))
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
        var number = 0
        while number < own.count {
            set(ownCodes[number].column, code: ownCodes[number].code)
            number &+= 1
        }
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
        block.truncate(to: row)
        isBuilding = false
    }

    // MARK: Scalar columns

    /// Sets a scalar column of the row to a text.
    @inline(__always)
    func set(_ column: Int, _ text: Text) {
        let row = row
        columns[column]._withUnsafeGuaranteedRef { $0.append(UnsafeRawBufferPointer(start: text.base, count: text.count), at: row) }
    }

    @inline(__always)
    func set(_ column: Int, code: UInt32) {
        let row = row
        columns[column]._withUnsafeGuaranteedRef { $0.append(code: code, at: row) }
    }

    /// Sets a scalar column of the row to a text once ``settle()`` is called: at most once per column and row.
    @inline(__always)
    func setLater(_ column: Int, _ text: Text) {
        let bytes = UnsafeRawBufferPointer(start: text.base, count: text.count)
        (pending + counts.pointee.pending).initialize(to: TextColumn.Pending(columns[column], bytes))
        counts.pointee.pending &+= 1
    }

    /// As ``setLater(_:_:)``, for a text that a place made of `input` and remembers.
    @inline(__always)
    func setLater(_ column: Int, _ text: Text, memo: Int32, of input: Text) {
        setLater(column, text)
        guard input.count <= Memo.mostBytes else { return }
        (waiting + counts.pointee.waiting).initialize(to: (Int32(truncatingIfNeeded: column), memo, input))
        counts.pointee.waiting &+= 1
    }

    /// Looks up what was set for later.
    @inline(__always)
    func settle() {
        TextColumn.append(pending, count: counts.pointee.pending, at: row)
        var number = 0
        while number < counts.pointee.waiting {
            let one = waiting[number]
            remember(one.memo, one.input, lastCode(Int(one.column)))
            number &+= 1
        }
        counts.pointee = (0, 0)
    }

    // MARK: Members of lists

    @inline(__always)
    func append(_ column: Int, _ text: Text) {
        columns[column]._withUnsafeGuaranteedRef { $0.append(UnsafeRawBufferPointer(start: text.base, count: text.count)) }
    }

    @inline(__always)
    func append(_ column: Int, code: UInt32) {
        columns[column]._withUnsafeGuaranteedRef { $0.append(code: code) }
    }

    /// Takes the last slot of a column away.
    func takeBackLast(_ column: Int) {
        columns[column]._withUnsafeGuaranteedRef { $0.truncate(to: $0.count &- 1) }
    }

    /// Takes the slots from `count` on away from some columns.
    func takeBack(_ range: ClosedRange<Int>, to count: Int) {
        for column in range { columns[column]._withUnsafeGuaranteedRef { $0.truncate(to: count) } }
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
        let code = columns[column]._withUnsafeGuaranteedRef { $0.code(of: UnsafeRawBufferPointer(start: text.base, count: text.count)) }
        constantCodes[column &* constantCount &+ Int(constant)] = code
        return code
    }

    /// The code of the last slot of a column.
    @inline(__always)
    func lastCode(_ column: Int) -> UInt32 {
        columns[column]._withUnsafeGuaranteedRef { $0.lastSlot }
    }

    /// The code that a text gave at a place last time; nil where the last one was another.
    @inline(__always)
    func remembered(_ memo: Int32, _ text: Text) -> UInt32? {
        let last = memos + Int(memo)
        guard last.pointee.length == text.length, let base = text.base else { return nil }
        let mine = UnsafeRawPointer(last) + 8
        let theirs = UnsafeRawPointer(base)
        let count = text.count
        var at = 0
        while at &+ 8 <= count {
            if mine.load(fromByteOffset: at, as: UInt64.self) != theirs.loadUnaligned(fromByteOffset: at, as: UInt64.self) { return nil }
            at &+= 8
        }
        while at < count {
            if mine.load(fromByteOffset: at, as: UInt8.self) != base[at] { return nil }
            at &+= 1
        }
        return last.pointee.code
    }

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
