/// Follows the steps of a plan, row by row: what ``CanonicalLines`` does while it writes, held where the compiler can keep it in registers.
///
/// Safety: lives for one call; the lines, the buffer and the block are kept alive and unchanged by the caller.
struct LinePen {
    var writer: LineWriter
    /// Where the pieces lie: new after each piece that is made.
    private var pieces: UnsafeRawPointer
    private let steps: UnsafeMutablePointer<LineStep>
    private let stepsEnd: UnsafeMutablePointer<LineStep>
    private let numbers: LineNumbers
    /// Of the bytes that ``fetch(_:)`` read.
    private(set) var sum: UInt64 = 0
    private unowned(unsafe) let lines: CanonicalLines
    private unowned(unsafe) let buffer: LineBuffer

    init(_ lines: CanonicalLines, _ buffer: LineBuffer) {
        writer = buffer.writer()
        pieces = lines.fragments.base
        steps = lines.steps.baseAddress!
        stepsEnd = steps + lines.steps.count
        numbers = lines.numbers
        self.lines = lines
        self.buffer = buffer
    }

    /// The members of one row in order, each with a comma before it. There is always one: `schema`.
    ///
    /// - Parameter seq: ``IntegerColumn/absent`` leaves the member out.
    @inline(__always)
    mutating func writeMembers(_ row: Int, salt: UnsafeRawPointer?, seq: Int64) {
        var groupStart = 0
        var groupKeyBytes = 0
        var step = steps
        while step < stepsEnd {
            switch step.pointee.kind {
            case .text: writeText(step, row)
            case .literal: copy(step.pointee.prefix)
            case .time: writeTime(step, row)
            case .integer: writeInteger(step, step.pointee.values![row])
            case .salt: if let salt { writeSalt(step, salt) }
            case .seq: writeInteger(step, seq)
            case .groupStart:
                copy(step.pointee.prefix)
                groupStart = writer.count
                groupKeyBytes = Self.size(step.pointee.prefix)
            case .groupEnd: closeGroup(groupStart, groupKeyBytes)
            case .flags:
                let marks = step.pointee.marks![row]
                if marks != 0 { writeFlags(marks) }
            case .roles, .elements, .attributes:
                writeList(step, row)
                step += step.pointee.memberCount
            }
            step += 1
        }
    }

    // MARK: Memory

    /// How many rows are fetched at once: few enough to stay in the nearest cache.
    static let rowsAhead = 16

    /// Reads a byte of everything that the lines of these rows will copy, column by column.
    ///
    /// Codes lead anywhere in memory. While a line is written each of its pieces would be waited for; here the processor has a loop of reads
    /// that do not depend on one another, and waits for many at a time.
    mutating func fetch(_ rows: Range<Int>) {
        var step = steps
        while step < stepsEnd {
            switch step.pointee.kind {
            case .text: fetch(step, rows)
            case .roles, .elements, .attributes:
                let offsets = step.pointee.offsets!
                let slots = Int(offsets[rows.lowerBound])..<Int(offsets[rows.upperBound])
                let last = step + step.pointee.memberCount
                while step < last {
                    step += 1
                    fetch(step, slots)
                }
            default: break
            }
            step += 1
        }
    }

    @inline(__always)
    private mutating func fetch(_ step: UnsafeMutablePointer<LineStep>, _ slots: Range<Int>) {
        let codes = step.pointee.codes!
        var sum: UInt64 = 0
        var slot = slots.lowerBound
        if let known = step.pointee.pieces {
            let pieces = pieces
            while slot < slots.upperBound {
                let code = codes[slot]
                // A piece that is not made yet reads the first one: it is there.
                let place = code == TextColumn.absent ? 0 : Int(truncatingIfNeeded: known[Int(code)] &>> 32)
                sum &+= UInt64(pieces.load(fromByteOffset: place, as: UInt8.self))
                sum &+= UInt64(pieces.load(fromByteOffset: place &+ 63, as: UInt8.self))
                slot &+= 1
            }
        } else if let bytes = step.pointee.entryBytes {
            let offsets = step.pointee.entryOffsets!
            while slot < slots.upperBound {
                let code = codes[slot]
                // An entry without bytes may stand at the very end.
                if code != TextColumn.absent, offsets[Int(code)] < offsets[Int(code) &+ 1] {
                    sum &+= UInt64(bytes.load(fromByteOffset: Int(offsets[Int(code)]), as: UInt8.self))
                }
                slot &+= 1
            }
        }
        self.sum &+= sum
    }

    @inline(__always)
    mutating func makeRoom(_ more: Int) {
        if writer.lacks(more) { buffer.grow(&writer, by: more) }
    }

    @inline(__always)
    private static func size(_ piece: LineFragments.Piece) -> Int { Int(truncatingIfNeeded: piece & 0xffff_ffff) }

    @inline(__always)
    private mutating func copy(_ piece: LineFragments.Piece) {
        let size = Self.size(piece)
        makeRoom(size)
        writer.copy(pieces + Int(truncatingIfNeeded: piece &>> 32), size)
    }

    // MARK: Members

    /// The text of a slot: the piece of its entry, made when it is first met, or the entry itself.
    @inline(__always)
    private mutating func writeText(_ step: UnsafeMutablePointer<LineStep>, _ slot: Int) {
        let code = step.pointee.codes![slot]
        guard code != TextColumn.absent else {
            if step.pointee.writesAbsent { writeDirectly(step, UnsafeRawBufferPointer(start: nil, count: 0)) }
            return
        }
        guard let known = step.pointee.pieces else { return writeDirectly(step, step.pointee.entry(code)) }
        var piece = known[Int(code)]
        if piece == 0 {
            piece = lines.makePiece(step, code)
            pieces = lines.fragments.base
            guard piece != 0 else { return writeDirectly(step, step.pointee.entry(code)) }
        }
        copy(piece)
    }

    @inline(never)
    private mutating func writeDirectly(_ step: UnsafeMutablePointer<LineStep>, _ text: UnsafeRawBufferPointer) {
        let prefix = step.pointee.prefix
        let prefixBytes = Self.size(prefix)
        makeRoom(prefixBytes &+ 6 &* text.count &+ 16)
        if prefixBytes > 0 { writer.copy(pieces + Int(truncatingIfNeeded: prefix &>> 32), prefixBytes) }
        writer.put(34)
        if let bytes = text.baseAddress { writer.escape(bytes, text.count) }
        writer.put(34)
        if step.pointee.suffix != 0 { writer.put(step.pointee.suffix) }
    }

    /// A time: of the last one written what is still true stays.
    @inline(__always)
    private mutating func writeTime(_ step: UnsafeMutablePointer<LineStep>, _ row: Int) {
        let value = step.pointee.values![row]
        guard value != IntegerColumn.absent else { return }
        if value != step.pointee.lastValue { remember(step, time: value) }
        copyMemo(step)
    }

    @inline(__always)
    private func remember(_ step: UnsafeMutablePointer<LineStep>, time value: Int64) {
        let clamped = min(max(value, Self.earliest), Self.latest)
        let place = step.pointee.memo! + (step.pointee.memoBytes &- 28)
        var inDay = clamped &- step.pointee.lastDay
        if inDay < 0 || inDay >= Self.dayMicroseconds {
            var day = clamped / Self.dayMicroseconds
            if clamped < day &* Self.dayMicroseconds { day &-= 1 }
            numbers.writeDay(day, to: place)
            step.pointee.lastDay = day &* Self.dayMicroseconds
            inDay = clamped &- step.pointee.lastDay
        }
        numbers.writeTimeOfDay(inDay, to: place + 11)
        step.pointee.lastValue = value
    }

    private static let dayMicroseconds: Int64 = 86_400_000_000
    private static let earliest: Int64 = -62_167_219_200_000_000
    private static let latest: Int64 = 253_402_300_799_999_999

    @inline(__always)
    private mutating func writeInteger(_ step: UnsafeMutablePointer<LineStep>, _ given: Int64) {
        let value = given == IntegerColumn.absent ? step.pointee.absentValue : given
        guard value != IntegerColumn.absent else { return }
        if value != step.pointee.lastValue {
            let prefixBytes = Self.size(step.pointee.prefix)
            step.pointee.memoBytes = prefixBytes &+ numbers.writeInteger(value, to: step.pointee.memo! + prefixBytes)
            step.pointee.lastValue = value
        }
        copyMemo(step)
    }

    @inline(__always)
    private mutating func copyMemo(_ step: UnsafeMutablePointer<LineStep>) {
        let size = step.pointee.memoBytes
        makeRoom(size)
        writer.copy(UnsafeRawPointer(step.pointee.memo!), size)
    }

    @inline(__always)
    private mutating func writeSalt(_ step: UnsafeMutablePointer<LineStep>, _ salt: UnsafeRawPointer) {
        makeRoom(64)
        copy(step.pointee.prefix)
        writer.put(34)
        numbers.writeHex16(salt, to: writer.base + writer.count)
        writer.count &+= 32
        writer.put(34)
    }

    @inline(never)
    private mutating func writeFlags(_ marks: UInt32) {
        let piece = lines.piece(marks: marks)
        pieces = lines.fragments.base
        copy(piece)
    }

    // MARK: Groups and lists

    /// Turns the comma before the first member into a brace, or takes the key back where there is no member.
    @inline(__always)
    private mutating func closeGroup(_ start: Int, _ keyBytes: Int) {
        if writer.count == start {
            writer.count = start &- keyBytes
            return
        }
        writer.base.storeBytes(of: 123, toByteOffset: start, as: UInt8.self)
        makeRoom(1)
        writer.put(125)
    }

    @inline(__always)
    private mutating func writeList(_ step: UnsafeMutablePointer<LineStep>, _ row: Int) {
        let offsets = step.pointee.offsets!
        let end = Int(offsets[row &+ 1])
        var element = Int(offsets[row])
        guard element < end else { return }
        copy(step.pointee.prefix)
        let start = writer.count
        let members = step + 1
        let membersEnd = members + step.pointee.memberCount
        let hasObjects = step.pointee.kind == .elements
        while element < end {
            makeRoom(2)
            if hasObjects { writer.put(44) }
            let firstMember = writer.count
            var member = members
            while member < membersEnd {
                writeText(member, element)
                member += 1
            }
            if hasObjects {
                makeRoom(2)
                if writer.count == firstMember { writer.count &+= 1 }
                writer.base.storeBytes(of: 123, toByteOffset: firstMember, as: UInt8.self)
                writer.put(125)
            }
            element &+= 1
        }
        closeList(step, start)
    }

    @inline(__always)
    private mutating func closeList(_ step: UnsafeMutablePointer<LineStep>, _ start: Int) {
        if writer.count == start {
            writer.count = start &- Self.size(step.pointee.prefix)
            return
        }
        let isMap = step.pointee.kind == .attributes
        writer.base.storeBytes(of: isMap ? 123 : 91, toByteOffset: start, as: UInt8.self)
        makeRoom(1)
        writer.put(isMap ? 125 : 93)
    }
}
