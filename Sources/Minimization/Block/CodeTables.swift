import AuditModel

/// The persons of a block by the codes of their values: open addressing over dense rows; three codes make a key.
///
/// Safety: `slots` has the capacity beside it; a pointer that ``find(_:_:_:)`` or ``add(_:)`` gave is valid until the next ``add(_:)``.
final class PersonTable {
    struct Row {
        let a: UInt32
        let b: UInt32
        let c: UInt32
        /// The codes that take their places.
        let newA: UInt32
        let newB: UInt32
        let newC: UInt32
        let span: LiteralStore.Span
    }

    @exclusivity(unchecked) private var rows = DenseRows<Row>(capacity: 64)
    /// A power of two of slots, at least half of them 0; each a number of `rows` + 1.
    @exclusivity(unchecked) private var slots = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
    @exclusivity(unchecked) private var slotCount = 256

    init() { slots.update(repeating: 0, count: slotCount) }

    deinit {
        rows.deallocate()
        slots.deallocate()
    }

    @inline(__always)
    private static func hash(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> Int {
        let mixed = (UInt64(a) &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(b) &* 0xd6e8_feb8_6659_fd93 ^ UInt64(c) &* 0xc2b2_ae3d_27d4_eb4f)
        return Int(truncatingIfNeeded: mixed >> 20 ^ mixed >> 44)
    }

    @inline(__always)
    func find(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> UnsafePointer<Row>? {
        let mask = slotCount &- 1
        var slot = Self.hash(a, b, c) & mask
        while slots[slot] != 0 {
            let row = rows.base + (Int(slots[slot]) &- 1)
            if row.pointee.a == a, row.pointee.b == b, row.pointee.c == c { return UnsafePointer(row) }
            slot = (slot &+ 1) & mask
        }
        return nil
    }

    func add(_ row: Row) -> UnsafePointer<Row> {
        rows.append(row)
        if rows.count * 2 > slotCount {
            slots.deallocate()
            slotCount *= 4
            slots = .allocate(capacity: slotCount)
            slots.update(repeating: 0, count: slotCount)
            for number in 0..<rows.count { place(number) }
        } else {
            place(rows.count - 1)
        }
        return UnsafePointer(rows.base + (rows.count - 1))
    }

    private func place(_ number: Int) {
        let row = rows.base + number
        var slot = Self.hash(row.pointee.a, row.pointee.b, row.pointee.c) & (slotCount - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
        slots[slot] = UInt32(number) + 1
    }
}

/// What the codes of one column become under one treatment.
///
/// Safety: `numbers` has a slot for each entry that the column had when the map was made; later codes are never asked for, because a slot of the column is
/// replaced once.
final class CodeMap {
    struct Row {
        let code: UInt32
        /// The code of the truncated prefix in `origin.net`, or absent.
        var prefix = TextColumn.absent
        var span = LiteralStore.Span()
    }

    let column: TextColumn
    /// By code a number of `rows` + 1, or 0.
    private let numbers: UnsafeMutablePointer<UInt32>
    @exclusivity(unchecked) private var rows = DenseRows<Row>(capacity: 64)

    init(_ column: TextColumn) {
        self.column = column
        numbers = .allocate(capacity: column.entryCount + 1)
        numbers.update(repeating: 0, count: column.entryCount + 1)
    }

    deinit {
        numbers.deallocate()
        rows.deallocate()
    }

    /// Valid until the next ``set(_:_:)``.
    @inline(__always)
    subscript(_ code: UInt32) -> UnsafePointer<Row>? {
        let number = numbers[Int(code)]
        return number == 0 ? nil : UnsafePointer(rows.base + (Int(number) &- 1))
    }

    func set(_ code: UInt32, _ row: Row) -> UnsafePointer<Row> {
        rows.append(row)
        numbers[Int(code)] = UInt32(rows.count)
        return UnsafePointer(rows.base + (rows.count - 1))
    }
}

/// Literals of each row's identities: ranges of literal numbers, and the union of their signatures.
///
/// Rows are filled in order by ``add(_:)`` and ``endRow()``. Safety: `signatures` has a place per row, `ends` one more.
final class RowLiterals {
    struct Ranges {
        let base: UnsafePointer<Range<UInt32>>
        let count: Int
    }

    let signatures: UnsafeMutablePointer<WordSignature>
    private let ends: UnsafeMutablePointer<UInt32>
    @exclusivity(unchecked) private var ranges: DenseRows<Range<UInt32>>
    @exclusivity(unchecked) private var row = 0
    @exclusivity(unchecked) private var current = WordSignature()

    init(rowCount: Int) {
        signatures = .allocate(capacity: rowCount + 1)
        ends = .allocate(capacity: rowCount + 1)
        ends[0] = 0
        ranges = DenseRows(capacity: 2 * rowCount + 16)
    }

    deinit {
        signatures.deallocate()
        ends.deallocate()
        ranges.deallocate()
    }

    @inline(__always)
    func add(_ span: LiteralStore.Span) {
        guard span.count > 0 else { return }
        ranges.append(span.start..<(span.start &+ span.count))
        current.formUnion(span.signature)
    }

    @inline(__always)
    func endRow() {
        signatures[row] = current
        row &+= 1
        ends[row] = UInt32(truncatingIfNeeded: ranges.count)
        current = WordSignature()
    }

    /// Valid once all rows are there.
    @inline(__always)
    func ranges(of row: Int) -> Ranges {
        Ranges(base: ranges.base + Int(ends[row]), count: Int(ends[row &+ 1] &- ends[row]))
    }
}
