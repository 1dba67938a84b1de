/// Events as columns on their way from a parser to a segment.
///
/// Rows hold what ``Event`` holds; a parser fills them without making a value per event, minimization rewrites the columns, the store hashes
/// and encodes them.
///
/// - Building a row: ``beginRow()``, ``set(_:_:)`` and the columns themselves, then ``endRow(_:)`` or ``cancelRow()``.
/// - Whole events: ``append(_:classes:)``, ``event(_:)``, ``append(rows:of:)``.
/// - After parsing: ``remove(rows:)``, ``setFlag(_:row:)``.
///
/// Scalar columns may be shorter than ``rowCount`` while rows are built: what is missing at their end is absent. ``pad()`` makes all equally
/// long; ``endRow(_:)`` need not. Not thread-safe while it is being built; readers may share it.
public final class EventBlock: @unchecked Sendable {
    /// Most rows that a block may have: a row group at ingest.
    public static let maximumRows = 262_144

    /// Rows that are ended.
    public private(set) var rowCount: Int {
        get { building.pointee.rowCount }
        set { building.pointee.rowCount = newValue }
    }

    /// Position in the store; absent until the commit.
    public let seq: IntegerColumn
    /// The schema version; absent stands for ``Event/currentSchema``.
    public let schema: IntegerColumn
    /// Microseconds since 1970 in UTC, as the other times.
    public let time: IntegerColumn
    public let timeBound: IntegerColumn
    public let observed: IntegerColumn
    public let approvalExpires: IntegerColumn
    public let replaces: IntegerColumn
    /// By ``EventField/rawValue``.
    public let texts: [TextColumn]
    /// One member.
    public let roles: ListColumn
    /// Members type, id, name.
    public let targets: ListColumn
    /// Members field, before, after.
    public let changes: ListColumn
    /// Members name, value; in each row sorted by name in UTF-16 code units, names unique.
    public let attributes: ListColumn

    /// The class assignments that rows refer to.
    public private(set) var classTable: [ClassAssignment] = []
    private let classNumbers: GrowingBuffer<UInt16>
    private let marks: GrowingBuffer<UInt32>
    /// Names of the marks by bit.
    public private(set) var flagNames = [Event.Flag.timeObserved, Event.Flag.eventIDReused, Event.Flag.truncated]
    /// Behind a pointer, so that a row checks no exclusive access.
    private let building: UnsafeMutablePointer<Building>

    private struct Building: BitwiseCopyable {
        var rowCount = 0
        /// Marks of the row being built.
        var rowMarks: UInt32 = 0
    }

    private var rowMarks: UInt32 {
        get { building.pointee.rowMarks }
        set { building.pointee.rowMarks = newValue }
    }

    /// An empty block.
    ///
    /// - Parameter capacity: Rows to make room for.
    public init(capacity: Int = 16) {
        func integers() -> IntegerColumn { IntegerColumn(capacity: capacity) }
        (seq, schema, time, timeBound) = (integers(), IntegerColumn(), integers(), IntegerColumn())
        (observed, approvalExpires, replaces) = (integers(), IntegerColumn(), IntegerColumn())
        texts = EventField.allCases.map { _ in TextColumn() }
        roles = ListColumn(memberCount: 1, capacity: capacity)
        targets = ListColumn(memberCount: 3, capacity: capacity)
        changes = ListColumn(memberCount: 3, capacity: capacity)
        attributes = ListColumn(memberCount: 2, capacity: capacity)
        classNumbers = GrowingBuffer(capacity: capacity)
        marks = GrowingBuffer(capacity: capacity)
        building = .allocate(capacity: 1)
        building.initialize(to: Building())
    }

    /// The rows of a block in another order, such as that of time.
    ///
    /// - Parameter order: For each row of the new block the row it is in `other`.
    public init(_ other: EventBlock, order: [Int32]) {
        other.pad()
        func integers(_ column: IntegerColumn) -> IntegerColumn { order.withUnsafeBufferPointer { IntegerColumn(column, order: $0) } }
        func list(_ column: ListColumn) -> ListColumn { order.withUnsafeBufferPointer { ListColumn(column, order: $0) } }
        (seq, schema, time, timeBound) = (integers(other.seq), integers(other.schema), integers(other.time), integers(other.timeBound))
        (observed, approvalExpires, replaces) = (integers(other.observed), integers(other.approvalExpires), integers(other.replaces))
        texts = order.withUnsafeBufferPointer { order in other.texts.map { TextColumn($0, order: order) } }
        (roles, targets, changes, attributes) = (list(other.roles), list(other.targets), list(other.changes), list(other.attributes))
        classTable = other.classTable
        flagNames = other.flagNames
        classNumbers = GrowingBuffer(capacity: order.count)
        marks = GrowingBuffer(capacity: order.count)
        for row in order {
            classNumbers.append(other.classNumbers[Int(row)])
            marks.append(other.marks[Int(row)])
        }
        building = .allocate(capacity: 1)
        building.initialize(to: Building(rowCount: order.count))
    }

    deinit {
        building.deallocate()
        classNumbers.deallocate()
        marks.deallocate()
    }

    /// The column of a field.
    public subscript(field: EventField) -> TextColumn { texts[Int(field.rawValue)] }

    /// All integer columns.
    public var integers: [IntegerColumn] { [seq, schema, time, timeBound, observed, approvalExpires, replaces] }
    /// All list columns.
    public var lists: [ListColumn] { [roles, targets, changes, attributes] }

    /// Bytes of all entries and slots, about: by this a block is bounded.
    public var byteCount: Int {
        func size(_ column: TextColumn) -> Int { column.entryBytes.count + 4 * (column.entryCount + column.count) }
        return texts.reduce(0) { $0 + size($1) } + lists.reduce(0) { $0 + $1.members.reduce(4 * $1.rowCount) { $0 + size($1) } }
            + integers.reduce(0) { $0 + 8 * $1.count } + 6 * rowCount
    }

    // MARK: Building a row

    /// Starts a row. What an earlier row without end left is taken away.
    public func beginRow() { rowMarks = 0 }

    /// Sets a scalar text of the row being built; a second call replaces the first.
    public func set(_ field: EventField, _ text: UnsafeRawBufferPointer) {
        let column = texts[Int(field.rawValue)]
        if column.count > rowCount {
            column.set(rowCount, code: column.code(of: text))
        } else {
            column.pad(to: rowCount)
            column.append(text)
        }
    }

    /// Sets a scalar text of the row being built to a code of its column.
    public func set(_ field: EventField, code: UInt32) {
        let column = texts[Int(field.rawValue)]
        if column.count > rowCount {
            column.set(rowCount, code: code)
        } else {
            column.pad(to: rowCount)
            column.append(code: code)
        }
    }

    /// Whether the row being built has a value in a field.
    public func has(_ field: EventField) -> Bool {
        let column = texts[Int(field.rawValue)]
        return column.count > rowCount && column.codes[rowCount] != TextColumn.absent
    }

    /// Sets an integer of the row being built in one of this block's integer columns.
    public func set(_ column: IntegerColumn, _ value: Int64) {
        if column.count > rowCount {
            column.set(rowCount, value)
        } else {
            column.pad(to: rowCount)
            column.append(value)
        }
    }

    /// Marks the row being built.
    public func setFlag(_ name: String) { rowMarks |= 1 << bit(of: name) }

    /// Ends the row being built: it counts from now on.
    public func endRow(_ classes: Int) {
        classNumbers.append(UInt16(truncatingIfNeeded: classes))
        marks.append(rowMarks)
        rowCount &+= 1
        roles.endRows(to: rowCount)
        targets.endRows(to: rowCount)
        changes.endRows(to: rowCount)
        attributes.endRows(to: rowCount)
    }

    /// Takes back what was set since ``beginRow()``.
    public func cancelRow() { truncate(to: rowCount) }

    /// Takes away the rows from `count` on, and what was set for a row that is not ended.
    public func truncate(to count: Int) {
        for column in integers { column.truncate(to: count) }
        for column in texts { column.truncate(to: count) }
        for list in lists {
            list.truncate(toRow: count)
            list.cancelRow()
        }
        classNumbers.count = min(classNumbers.count, count)
        marks.count = min(marks.count, count)
        rowCount = count
        rowMarks = 0
    }

    /// The number of a class assignment in ``classTable``, added where it is new.
    public func number(of classes: ClassAssignment) -> Int {
        if let known = classTable.lastIndex(where: { $0 === classes }) { return known }
        precondition(classTable.count < Int(UInt16.max), "a block has fewer than 65,535 class assignments")
        classTable.append(classes)
        return classTable.count - 1
    }

    /// For each row the number of its class assignment.
    public var classes: UnsafeBufferPointer<UInt16> { UnsafeBufferPointer(start: classNumbers.base, count: classNumbers.count) }

    /// For each row its marks, a bit for each of ``flagNames``.
    public var flags: UnsafeMutableBufferPointer<UInt32> { UnsafeMutableBufferPointer(start: marks.base, count: marks.count) }

    /// Marks a row.
    public func setFlag(_ name: String, row: Int) { marks[row] |= 1 << bit(of: name) }

    /// The bit of a mark in ``flags``.
    ///
    /// - Precondition: At most 32 different marks in a block; ingestion has three.
    public func bit(of flag: String) -> UInt32 {
        if let known = flagNames.firstIndex(of: flag) { return UInt32(known) }
        precondition(flagNames.count < 32, "a block has at most 32 different marks")
        flagNames.append(flag)
        return UInt32(flagNames.count - 1)
    }

    // MARK: After parsing

    /// Makes the scalar columns that hold anything as long as there are rows. One that no row filled keeps few slots or none, all absent: a source
    /// fills half of the columns, and the others are to cost no memory. Who reads after this goes by the columns' counts.
    public func padFilled() {
        for column in integers where column.count > 0 { column.pad(to: rowCount) }
        for column in texts where column.entryCount > 0 { column.pad(to: rowCount) }
    }

    /// Makes all scalar columns as long as there are rows.
    public func pad() {
        for column in integers { column.pad(to: rowCount) }
        for column in texts { column.pad(to: rowCount) }
    }

    /// Removes rows, such as duplicates.
    ///
    /// - Parameter rows: Ascending.
    public func remove(rows: [Int]) {
        guard !rows.isEmpty else { return }
        pad()
        var kept: [Int32] = []
        kept.reserveCapacity(rowCount - rows.count)
        var next = 0
        for row in 0..<rowCount {
            if next < rows.count, rows[next] == row { next += 1 } else { kept.append(Int32(row)) }
        }
        kept.withUnsafeBufferPointer { keep in
            for column in integers { column.keepSlots(keep) }
            for column in texts { column.keepSlots(keep) }
            for list in lists { list.keepRows(keep) }
            for place in keep.indices {
                classNumbers[place] = classNumbers[Int(keep[place])]
                marks[place] = marks[Int(keep[place])]
            }
        }
        classNumbers.count = kept.count
        marks.count = kept.count
        rowCount = kept.count
    }
}
