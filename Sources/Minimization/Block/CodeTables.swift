import AuditModel

/// The persons of a block by the codes of their values.
///
/// Open addressing over dense rows; three codes make a key.
struct PersonTable {
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

    private(set) var rows: [Row] = []
    /// Invariant: a power of two of slots, at least half of them 0; each a number of `rows` + 1.
    private var slots = [UInt32](repeating: 0, count: 256)

    @inline(__always)
    private static func hash(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> Int {
        let mixed = (UInt64(a) &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(b) &* 0xd6e8_feb8_6659_fd93 ^ UInt64(c) &* 0xc2b2_ae3d_27d4_eb4f)
        return Int(truncatingIfNeeded: mixed >> 20 ^ mixed >> 44)
    }

    /// The number of a row, or -1.
    @inline(__always)
    func find(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> Int {
        var slot = Self.hash(a, b, c) & (slots.count &- 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) &- 1
            let row = rows[number]
            if row.a == a, row.b == b, row.c == c { return number }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return -1
    }

    mutating func add(_ row: Row) -> Int {
        rows.append(row)
        if rows.count * 2 > slots.count {
            slots = [UInt32](repeating: 0, count: slots.count * 4)
            for number in rows.indices { place(number) }
        } else {
            place(rows.count - 1)
        }
        return rows.count - 1
    }

    private mutating func place(_ number: Int) {
        var slot = Self.hash(rows[number].a, rows[number].b, rows[number].c) & (slots.count &- 1)
        while slots[slot] != 0 { slot = (slot &+ 1) & (slots.count &- 1) }
        slots[slot] = UInt32(number) + 1
    }
}

/// What the codes of one column become under one treatment.
final class CodeMap {
    struct Row {
        let code: UInt32
        /// The code of the truncated prefix in `origin.net`, or absent.
        var prefix = TextColumn.absent
        var span = LiteralStore.Span()
    }

    let column: TextColumn
    /// By code a number of `rows` + 1, or 0.
    private var numbers: [UInt32]
    private var rows: [Row] = []

    init(_ column: TextColumn) {
        self.column = column
        numbers = [UInt32](repeating: 0, count: column.entryCount)
    }

    @inline(__always)
    subscript(_ code: UInt32) -> Row? {
        let number = numbers[Int(code)]
        return number == 0 ? nil : rows[Int(number) &- 1]
    }

    func set(_ code: UInt32, _ row: Row) -> Row {
        rows.append(row)
        numbers[Int(code)] = UInt32(rows.count)
        return row
    }
}

/// Literals of each row's identities: ranges of literal numbers, and the union of their signatures.
///
/// Rows are filled in order by ``add(_:)`` and ``endRow()``.
struct RowLiterals {
    private(set) var signatures: [WordSignature] = []
    private var ranges: [Range<UInt32>] = []
    private var ends: [Int] = [0]
    private var current = WordSignature()

    init(rowCount: Int) {
        signatures.reserveCapacity(rowCount)
        ends.reserveCapacity(rowCount + 1)
        ranges.reserveCapacity(2 * rowCount)
    }

    @inline(__always)
    mutating func add(_ span: LiteralStore.Span) {
        guard span.count > 0 else { return }
        ranges.append(span.start..<(span.start &+ span.count))
        current.formUnion(span.signature)
    }

    @inline(__always)
    mutating func endRow() {
        ends.append(ranges.count)
        signatures.append(current)
        current = WordSignature()
    }

    func ranges(of row: Int) -> ArraySlice<Range<UInt32>> { ranges[ends[row]..<ends[row + 1]] }
}
