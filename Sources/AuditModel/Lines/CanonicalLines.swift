/// Writes the canonical lines of a block's rows (docs/formats/event.md), byte for byte what ``Event/canonicalLine(salt:)`` writes.
///
/// What a text looks like in a line, `,"key":"value"` with its escapes, is made once per dictionary entry and copied per row; texts that
/// rarely repeat are escaped where they are written. Only columns with a value in the range cost anything, and neighbours that are the same
/// in all of its rows are one piece.
///
/// For a row range of its own per thread: the block must not change while this is used, and a value serves one thread at a time.
public final class CanonicalLines {
    /// The rows that may be written.
    public let rows: Range<Int>

    let block: EventBlock
    var steps: UnsafeMutableBufferPointer<LineStep>
    var fragments = LineFragments()
    let numbers = LineNumbers()
    /// Memory that steps refer to.
    var owned: [UnsafeMutableRawPointer] = []
    /// Pieces for the sets of marks that were met.
    private var marksMet: [(marks: UInt32, piece: LineFragments.Piece)] = []

    /// A writer for the lines of some rows of a block.
    ///
    /// - Parameter rows: All rows where it is nil.
    /// - Complexity: A look at each code of the range's columns until two differ, eight bytes per entry of columns with shared entries.
    public init(_ block: EventBlock, rows: Range<Int>? = nil) {
        self.block = block
        self.rows = rows ?? 0..<block.rowCount
        precondition(self.rows.lowerBound >= 0 && self.rows.upperBound <= block.rowCount, "the rows are rows of the block")
        steps = .init(start: nil, count: 0)
        let plan = self.rows.isEmpty ? [] : makePlan()
        steps = .allocate(capacity: plan.count)
        _ = steps.initialize(from: plan)
    }

    deinit {
        steps.deallocate()
        fragments.deallocate()
        numbers.deallocate()
        for memory in owned { memory.deallocate() }
    }

    /// Adds the lines of `rows` to `buffer`.
    ///
    /// - Parameters:
    ///   - rows: Within ``rows``.
    ///   - salts: 16 bytes for each of these rows, one behind the other, whose hex digits become the member `salt`; nil leaves it out.
    ///   - seqs: For each of these rows its position, which becomes the member `seq`; nil leaves it out.
    public func write(
        _ rows: Range<Int>, salts: UnsafeRawPointer? = nil, seqs: UnsafePointer<Int64>? = nil, to buffer: LineBuffer
    ) {
        precondition(rows.lowerBound >= self.rows.lowerBound && rows.upperBound <= self.rows.upperBound, "the rows are those of the plan")
        var writer = buffer.writer()
        var row = rows.lowerBound
        while row < rows.upperBound {
            let index = row &- rows.lowerBound
            room(for: 8, &writer, buffer)
            if let opening = buffer.opening { writer.put(opening) }
            let start = writer.count
            writeMembers(row, salt: salts.map { $0 + 16 &* index }, seq: seqs.map { $0[index] }, &writer, buffer)
            // Every member begins with a comma: the first one is the brace.
            writer.base.storeBytes(of: 123, toByteOffset: start, as: UInt8.self)
            room(for: 8, &writer, buffer)
            writer.put(125)
            if let ending = buffer.ending { writer.put(ending) }
            buffer.endLine(writer)
            row &+= 1
        }
        buffer.take(writer)
    }

    /// The members of one row in order, each with a comma before it. There is always one: `schema`.
    private func writeMembers(_ row: Int, salt: UnsafeRawPointer?, seq: Int64?, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        var groupStart = 0
        var groupKeyBytes = 0
        var next = 0
        let steps = steps
        while next < steps.count {
            let step = steps.baseAddress! + next
            next &+= 1
            switch step.pointee.kind {
            case .literal: copy(step.pointee.prefix, &writer, buffer)
            case .text: writeText(step, row, &writer, buffer)
            case .time: writeTime(step, row, &writer, buffer)
            case .integer: writeInteger(step, step.pointee.values![row], &writer, buffer)
            case .salt: if let salt { writeSalt(step, salt, &writer, buffer) }
            case .seq: if let seq { writeInteger(step, seq, &writer, buffer) }
            case .groupStart:
                copy(step.pointee.prefix, &writer, buffer)
                groupStart = writer.count
                groupKeyBytes = Int(truncatingIfNeeded: step.pointee.prefix & 0xffff_ffff)
            case .groupEnd: closeGroup(groupStart, groupKeyBytes, &writer, buffer)
            case .flags: writeFlags(step, row, &writer, buffer)
            case .roles, .elements, .attributes:
                writeList(step, row, &writer, buffer)
                next &+= step.pointee.memberCount
            }
        }
    }

    // MARK: Members

    @inline(__always)
    private func room(for more: Int, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        if writer.lacks(more) { buffer.grow(&writer, by: more) }
    }

    @inline(__always)
    private func copy(_ piece: LineFragments.Piece, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        let size = Int(truncatingIfNeeded: piece & 0xffff_ffff)
        room(for: size, &writer, buffer)
        writer.copy(fragments.base + Int(truncatingIfNeeded: piece &>> 32), size)
    }

    /// The text of a slot: the piece of its entry, made when it is first met, or the entry itself.
    @inline(__always)
    private func writeText(_ step: UnsafeMutablePointer<LineStep>, _ slot: Int, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        let code = step.pointee.codes![slot]
        guard code != TextColumn.absent else {
            if step.pointee.writesAbsent { writeDirectly(step, UnsafeRawBufferPointer(start: nil, count: 0), &writer, buffer) }
            return
        }
        guard let pieces = step.pointee.pieces else { return writeDirectly(step, entry(step, code), &writer, buffer) }
        let piece = pieces[Int(code)]
        if piece != 0 { return copy(piece, &writer, buffer) }
        writeFirst(step, code, &writer, buffer)
    }

    @inline(never)
    private func writeFirst(_ step: UnsafeMutablePointer<LineStep>, _ code: UInt32, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        let suffix = step.pointee.suffix
        let piece = fragments.text(entry(step, code), prefix: step.pointee.prefix, suffix: suffix == 0 ? nil : suffix)
        guard piece != 0 else { return writeDirectly(step, entry(step, code), &writer, buffer) }
        step.pointee.pieces![Int(code)] = piece
        copy(piece, &writer, buffer)
    }

    @inline(__always)
    private func entry(_ step: UnsafeMutablePointer<LineStep>, _ code: UInt32) -> UnsafeRawBufferPointer {
        let offsets = step.pointee.entryOffsets!
        let start = Int(offsets[Int(code)])
        return UnsafeRawBufferPointer(start: step.pointee.entryBytes! + start, count: Int(offsets[Int(code) &+ 1]) &- start)
    }

    @inline(__always)
    private func writeDirectly(
        _ step: UnsafeMutablePointer<LineStep>, _ text: UnsafeRawBufferPointer, _ writer: inout LineWriter, _ buffer: LineBuffer
    ) {
        let prefix = step.pointee.prefix
        let prefixBytes = Int(truncatingIfNeeded: prefix & 0xffff_ffff)
        room(for: prefixBytes &+ 6 &* text.count &+ 16, &writer, buffer)
        if prefixBytes > 0 { writer.copy(fragments.base + Int(truncatingIfNeeded: prefix &>> 32), prefixBytes) }
        writer.put(34)
        if let bytes = text.baseAddress { writer.escape(bytes, text.count) }
        writer.put(34)
        if step.pointee.suffix != 0 { writer.put(step.pointee.suffix) }
    }

    @inline(__always)
    private func copyMemo(_ step: UnsafeMutablePointer<LineStep>, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        let size = step.pointee.memoBytes
        room(for: size, &writer, buffer)
        writer.copy(UnsafeRawPointer(step.pointee.memo!), size)
    }

    /// A time: of the last one written what is still true stays.
    @inline(__always)
    private func writeTime(_ step: UnsafeMutablePointer<LineStep>, _ row: Int, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        let value = step.pointee.values![row]
        guard value != IntegerColumn.absent else { return }
        if value != step.pointee.lastValue { remember(step, time: value) }
        copyMemo(step, &writer, buffer)
    }

    @inline(__always)
    private func remember(_ step: UnsafeMutablePointer<LineStep>, time value: Int64) {
        let clamped = min(max(value, Timestamp.earliest.microseconds), Timestamp.latest.microseconds)
        let dayMicroseconds: Int64 = 86_400_000_000
        var day = clamped / dayMicroseconds
        if clamped < day &* dayMicroseconds { day &-= 1 }
        let place = step.pointee.memo! + (step.pointee.memoBytes &- 28)
        if day != step.pointee.lastDay {
            numbers.writeDay(day, to: place)
            step.pointee.lastDay = day
        }
        numbers.writeTimeOfDay(clamped &- day &* dayMicroseconds, to: place + 11)
        step.pointee.lastValue = value
    }

    @inline(__always)
    private func writeInteger(
        _ step: UnsafeMutablePointer<LineStep>, _ given: Int64, _ writer: inout LineWriter, _ buffer: LineBuffer
    ) {
        let value = given == IntegerColumn.absent ? step.pointee.absentValue : given
        guard value != IntegerColumn.absent else { return }
        if value != step.pointee.lastValue {
            let prefixBytes = Int(truncatingIfNeeded: step.pointee.prefix & 0xffff_ffff)
            step.pointee.memoBytes = prefixBytes &+ numbers.writeInteger(value, to: step.pointee.memo! + prefixBytes)
            step.pointee.lastValue = value
        }
        copyMemo(step, &writer, buffer)
    }

    @inline(__always)
    private func writeSalt(
        _ step: UnsafeMutablePointer<LineStep>, _ salt: UnsafeRawPointer, _ writer: inout LineWriter, _ buffer: LineBuffer
    ) {
        room(for: 64, &writer, buffer)
        copy(step.pointee.prefix, &writer, buffer)
        writer.put(34)
        numbers.writeHex16(salt, to: writer.base + writer.count)
        writer.count &+= 32
        writer.put(34)
    }

    private func writeFlags(_ step: UnsafeMutablePointer<LineStep>, _ row: Int, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        let marks = step.pointee.marks![row]
        guard marks != 0 else { return }
        if let known = marksMet.first(where: { $0.marks == marks }) { return copy(known.piece, &writer, buffer) }
        var text: [UInt8] = []
        let names = block.flagNames.enumerated().filter { marks >> UInt32($0.offset) & 1 == 1 }.map(\.element).sorted()
        for name in names {
            text.append(text.isEmpty ? 91 : 44)
            CanonicalJSON.writeString(name, to: &text)
        }
        let piece = fragments.literal(Array(",\"flags\":".utf8) + text + [93])
        marksMet.append((marks, piece))
        copy(piece, &writer, buffer)
    }

    // MARK: Groups and lists

    /// Turns the comma before the first member into a brace, or takes the key back where there is no member.
    @inline(__always)
    private func closeGroup(_ start: Int, _ keyBytes: Int, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        if writer.count == start {
            writer.count = start &- keyBytes
            return
        }
        writer.base.storeBytes(of: 123, toByteOffset: start, as: UInt8.self)
        room(for: 1, &writer, buffer)
        writer.put(125)
    }

    @inline(__always)
    private func writeList(_ step: UnsafeMutablePointer<LineStep>, _ row: Int, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        let offsets = step.pointee.offsets!
        let end = Int(offsets[row &+ 1])
        var element = Int(offsets[row])
        guard element < end else { return }
        copy(step.pointee.prefix, &writer, buffer)
        let start = writer.count
        let members = step + 1
        let memberCount = step.pointee.memberCount
        let isList = step.pointee.kind == .elements
        while element < end {
            if isList {
                room(for: 2, &writer, buffer)
                writer.put(44)
            }
            let firstMember = writer.count
            var member = 0
            while member < memberCount {
                writeText(members + member, element, &writer, buffer)
                member &+= 1
            }
            room(for: 2, &writer, buffer)
            if isList {
                if writer.count == firstMember { writer.count &+= 1 }
                writer.base.storeBytes(of: 123, toByteOffset: firstMember, as: UInt8.self)
                writer.put(125)
            }
            element &+= 1
        }
        closeList(step, start, &writer, buffer)
    }

    @inline(__always)
    private func closeList(_ step: UnsafeMutablePointer<LineStep>, _ start: Int, _ writer: inout LineWriter, _ buffer: LineBuffer) {
        if writer.count == start {
            writer.count = start &- Int(truncatingIfNeeded: step.pointee.prefix & 0xffff_ffff)
            return
        }
        let isMap = step.pointee.kind == .attributes
        writer.base.storeBytes(of: isMap ? 123 : 91, toByteOffset: start, as: UInt8.self)
        room(for: 1, &writer, buffer)
        writer.put(isMap ? 125 : 93)
    }
}
