import AuditModel

/// Turns the bytes of one source into records and events, piece by piece.
///
/// Feed decompressed bytes in order; each record comes out once, in order, with its place in the source. Memory is bounded
/// by the size limit of a record. Not thread-safe.
///
/// - Into columns, for what is stored: ``feed(_:into:records:)``, ``finish(into:records:)``, ``flush(into:records:)``.
/// - One record at a time with its events, for looking at them: ``feed(_:emit:)-(UnsafeRawBufferPointer,_)``, ``finish(emit:)``, ``flush(emit:)``.
///   If `emit` throws, the parser must not be used any further.
/// - Restarting: keep ``saveState()`` with the cursor; a new parser that is given it goes on with the byte after
///   ``consumedOffset``.
public final class RecordParser {
    /// Offset after the last byte that belongs to an emitted record or to nobody.
    public internal(set) var consumedOffset: UInt64 = 0
    /// Records that end at or before this offset are read but not emitted: for callers that must feed from the beginning.
    public var suppressedUpTo: UInt64 = 0
    /// Rows at which a block is full.
    public var blockRows = EventBlock.maximumRows
    /// Bytes of columns at which a block is full, looked at now and then: one record more may be in it.
    public var blockBytes = 128 << 20

    let evaluator: RecordEvaluator
    var framer: Framer
    let writer: RowWriter
    let held = HeldBytes()
    /// Source offset of the first byte of the text that is being read.
    var base: UInt64 = 0
    /// Line of `consumedOffset`, from one.
    var line = 1
    /// Puts lines together, where a format asks for it.
    let joiner: LineJoiner?
    /// Who is asked where the definition quarantines a record.
    let turns: [Turn]
    private(set) var oversized: Oversized?
    private var uncheckedBytes = 0
    /// Records that are read before they are shown.
    var shownAtOnce = 64
    /// Where rows go that become events at once.
    let shownRecords = RecordBuffer()
    var shownBlock = EventBlock()

    /// A record beyond the size limit, while its end is sought.
    struct Oversized {
        let start: UInt64
        let line: Int
        let kept: [UInt8]
    }

    /// - Throws: ``ParsingError`` `.invalidValue` where the options name no time zone.
    public init(_ definition: ParserDefinition, options: ParseOptions) throws(ParsingError) {
        evaluator = try RecordEvaluator(definition.turns.first ?? definition, options: options)
        writer = evaluator.makeWriter()
        var turns: [Turn] = []
        for other in definition.turns.dropFirst() {
            let evaluator = try RecordEvaluator(other, options: options)
            turns.append(Turn(evaluator: evaluator, writer: evaluator.makeWriter()))
        }
        self.turns = turns
        joiner = definition.joinsLines ? LineJoiner(definition.plan.formats.map(\.join)) : nil
        framer = Framer(formats: definition.plan.formats.map(\.framing), scratch: evaluator.slots, arena: evaluator.arena)
    }

    /// Counts of names that records held and the definition does not map, since the last call: by name where the definition
    /// knows it, else under `other`.
    public func takeDropped() -> [String: Int] { turns.isEmpty ? evaluator.takeDropped() : droppedByAll() }

    static func slice(_ bytes: UnsafeRawBufferPointer) -> ByteSlice {
        guard let start = bytes.baseAddress else { return .empty }
        return ByteSlice(base: start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    }

    // MARK: Pieces

    /// Reads on, what is held back first.
    ///
    /// - Parameter most: Records at which to stop.
    /// - Returns: Bytes taken, and whether it stopped before the end: the block is full, or there are as many records as wanted.
    func advance(_ bytes: ByteSlice, _ records: RecordBuffer, most: Int = .max) -> (used: Int, isStopped: Bool) {
        held.release()
        var offset = 0
        if !held.isEmpty {
            // The record that began in an earlier piece is completed by as little as it needs; the rest is read where it lies.
            var open = held.count
            var appended = 0
            while true {
                let (used, isStopped) = process(held.slice, isEnd: false, upTo: open, records, most)
                held.drop(used)
                if used >= open {
                    offset = used - open
                    held.truncate(to: 0)
                    if isStopped { return (offset, true) }
                    break
                }
                open -= used
                if isStopped {
                    held.truncate(to: open)
                    return (0, true)
                }
                guard appended < bytes.count else { return (bytes.count, false) }
                let more = appended == 0 ? (bytes.firstIndex(of: 10) ?? bytes.count) + 1 : max(4_096, 2 * appended)
                let end = min(bytes.count, appended + more)
                held.append(bytes.sub(appended, end))
                appended = end
            }
        }
        let rest = bytes.sub(offset, bytes.count)
        let (used, isStopped) = process(rest, isEnd: false, upTo: .max, records, most)
        if isStopped { return (offset + used, true) }
        held.replace(rest.sub(used, rest.count))
        return (bytes.count, false)
    }

    /// Reads what is held back to its end; whether it stopped before that.
    func complete(_ records: RecordBuffer, most: Int = .max) -> Bool {
        held.release()
        let (used, isStopped) = process(held.slice, isEnd: true, upTo: .max, records, most)
        held.drop(used)
        return isStopped
    }

    /// As ``complete(_:most:)``, and nothing is held back any more.
    func end(_ records: RecordBuffer, most: Int = .max) -> Bool {
        if complete(records, most: most) { return true }
        if let whole = oversized {
            oversized = nil
            appendOversized(whole, end: consumedOffset, records)
        }
        held.truncate(to: 0)
        return false
    }

    /// Whether what is held back is a record of several lines that only the next would end.
    var holdsOpenRecord: Bool {
        let text = held.slice
        guard joiner == nil, text.count > 0, text[text.count - 1] == 10, framer.mode == .plain else { return false }
        return framer.isMultiline(text)
    }

    /// Frames and reads; how many bytes are done with, and whether it stopped before the end.
    private func process(
        _ text: ByteSlice, isEnd: Bool, upTo: Int, _ records: RecordBuffer, _ most: Int
    ) -> (used: Int, isStopped: Bool) {
        guard text.count > 0 else { return (0, false) }
        if let joiner { return processJoined(text, joiner, Joining(isEnd: isEnd, upTo: upTo, most: most), records) }
        evaluator.window.begin(text)
        base = consumedOffset
        var at = 0
        if base == 0, text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { at = advance(text, 0, to: 3) }
        if oversized != nil {
            guard let end = endOversized(text, records) else { return (text.count, false) }
            at = end
        }
        while at < upTo {
            if records.count >= most || isBlockFull(at) { return (at, true) }
            if let next = takeObjectLine(text, at, records) {
                at = next
                continue
            }
            switch framer.next(text, from: at, isEnd: isEnd) {
            case .passed(let next): at = advance(text, at, to: next)
            case .more:
                guard text.count - at > FramingLimit.recordBytes else { return (at, false) }
                guard let next = beginOversized(text, at, records) else { return (text.count, false) }
                at = next
            case .frame(let frame):
                switch take(frame, text, at, isEnd: isEnd, records) {
                case .next(let next): at = next
                case .more: return (at, false)
                case .full: return (at, true)
                }
            }
        }
        return (at, false)
    }

    /// Whether the columns have grown too large, looked at every few records.
    @inline(__always)
    func isBlockFull(_ at: Int) -> Bool {
        uncheckedBytes &+= 1
        guard uncheckedBytes & 63 == 0 else { return false }
        return writer.block.rowCount > 0 && writer.block.byteCount >= blockBytes
    }

    /// Moves on, counting lines.
    func advance(_ text: ByteSlice, _ from: Int, to: Int) -> Int {
        var at = from
        while at < to, let hit = text.sub(0, to).firstIndex(of: 10, from: at) {
            line += 1
            at = hit + 1
        }
        consumedOffset = base + UInt64(to)
        return to
    }

    // MARK: Records

    /// What became of a frame.
    enum Taken {
        /// The record is done with: the offset after it.
        case next(Int)
        /// More bytes are needed to frame it.
        case more
        /// The block has no room for its rows.
        case full
    }

    private enum Reading {
        case read(BlockRecord.Kind, String?)
        case other(Taken)
        /// Framed once more, another way.
        case reframed(Frame)
    }

    /// Reads a record that is a line and a JSON object: the short way of what nearly all records are. nil where nothing is done, because it is
    /// none or something is wrong with it; reading it again then tells what.
    @inline(__always)
    private func takeObjectLine(_ text: ByteSlice, _ at: Int, _ records: RecordBuffer) -> Int? {
        guard let (end, lineEnd) = framer.objectLine(text, from: at), end &- at <= FramingLimit.recordBytes else { return nil }
        let record = text.sub(at, end)
        let firstRow = writer.block.rowCount
        var rule: String?
        do {
            if case .skipped(let name) = try evaluator.evaluate(record, format: 0, into: writer) { rule = name }
        } catch {
            return nil
        }
        let firstLine = line
        line &+= 1
        consumedOffset = base &+ UInt64(lineEnd &+ 1)
        guard consumedOffset > suppressedUpTo else {
            if writer.block.rowCount > firstRow { writer.takeBack(toRow: firstRow) }
            return lineEnd &+ 1
        }
        records.append(
            BlockRecord(
                address: record.base, length: record.count, offset: base &+ UInt64(at), end: base &+ UInt64(end), next: consumedOffset,
                line: firstLine, firstRow: Int32(truncatingIfNeeded: firstRow),
                rowCount: Int32(truncatingIfNeeded: writer.block.rowCount &- firstRow), reason: rule.map { records.number(of: $0) } ?? -1,
                kind: rule == nil ? .events : .skipped))
        return lineEnd &+ 1
    }

    /// Reads a framed record.
    func take(_ frame: Frame, _ text: ByteSlice, _ at: Int, isEnd: Bool, _ records: RecordBuffer) -> Taken {
        let record = text.sub(frame.start, frame.end)
        let firstRow = writer.block.rowCount
        let kind: BlockRecord.Kind
        var reason: String?
        switch read(record, frame, text, at, isEnd) {
        case .reframed(let other): return take(other, text, at, isEnd: isEnd, records)
        case .other(let taken): return taken
        case .read(let found, let why): (kind, reason) = (found, why)
        }
        let firstLine: Int
        if frame.isOneLine {
            firstLine = line
            if text[frame.next - 1] == 10 { line &+= 1 }
            consumedOffset = base &+ UInt64(frame.next)
        } else {
            _ = advance(text, at, to: frame.start)
            firstLine = line
            _ = advance(text, frame.start, to: frame.next)
        }
        guard consumedOffset > suppressedUpTo else {
            if writer.block.rowCount > firstRow { writer.takeBack(toRow: firstRow) }
            return .next(frame.next)
        }
        let length = record.count > FramingLimit.recordBytes ? FramingLimit.keptBytes : record.count
        records.append(
            BlockRecord(
                address: record.base, length: length, offset: base &+ UInt64(frame.start), end: base &+ UInt64(frame.end),
                next: consumedOffset, line: firstLine, firstRow: Int32(truncatingIfNeeded: firstRow),
                rowCount: Int32(truncatingIfNeeded: writer.block.rowCount &- firstRow),
                reason: reason.map { records.number(of: $0) } ?? -1, kind: kind))
        return .next(frame.next)
    }

    private func read(_ record: ByteSlice, _ frame: Frame, _ text: ByteSlice, _ at: Int, _ isEnd: Bool) -> Reading {
        if record.count > FramingLimit.recordBytes { return .read(.quarantined, Self.oversizedReason) }
        if let fault = frame.fault { return frame.format < 0 ? refused(record, fault) : .read(.quarantined, fault) }
        do {
            // The names of the columns are no record: their bytes are passed over.
            if try evaluator.takeHeader(record, format: frame.format) { return .other(.next(advance(text, at, to: frame.next))) }
            switch try evaluator.evaluate(record, format: frame.format, into: writer) {
            case .events: return .read(.events, nil)
            case .skipped(let rule): return .read(.skipped, rule)
            }
        } catch {
            if error.isFull {
                if writer.block.rowCount > 0 { return .other(.full) }
                return .read(.quarantined, "the record holds more than \(blockRows) events")
            }
            if frame.isTentative, error.isFraming {
                let mode = framer.mode
                switch framer.reframe(text, frame, isEnd: isEnd) {
                case .frame(let other) where other.start != frame.start || other.end != frame.end || other.next != frame.next:
                    if other.fault == nil || other.end != frame.end { return .reframed(other) }
                case .passed(let next): return .other(.next(advance(text, at, to: next)))
                // The grammar still holds at the end of the line: the value goes on, unless it breaks later.
                case .more: return .other(.more)
                case .frame: framer.mode = mode
                }
            }
            return refused(record, error.reason)
        }
    }

    /// What becomes of a record that the definition does not read.
    private func refused(_ record: ByteSlice, _ reason: String) -> Reading {
        guard !turns.isEmpty else { return .read(.quarantined, reason) }
        switch askOthers(record) {
        case .read(let kind, let rule): return .read(kind, rule)
        case .full: return .other(.full)
        case .refused(let others): return .read(.quarantined, reason + others)
        }
    }

    // MARK: Records beyond the size limit

    private static let oversizedReason = "the record is longer than 16 MiB"

    /// Gives up on a record without an end in sight; the offset after it where its line ends in `text`.
    ///
    /// A record of several lines costs its first line alone: an open quote must not take the good rows below it along.
    func beginOversized(_ text: ByteSlice, _ at: Int, _ records: RecordBuffer) -> Int? {
        framer.mode = .plain
        let lineEnd = text.firstIndex(of: 10, from: at)
        let keptEnd = lineEnd.map { $0 - at <= FramingLimit.recordBytes ? $0 : at + FramingLimit.keptBytes } ?? at + FramingLimit.keptBytes
        let kept = Array(UnsafeBufferPointer(start: text.base + at, count: keptEnd - at))
        let whole = Oversized(start: base + UInt64(at), line: line, kept: kept)
        if let lineEnd {
            let next = advance(text, at, to: lineEnd + 1)
            appendOversized(whole, end: base + UInt64(lineEnd), records)
            return next
        }
        oversized = whole
        _ = advance(text, at, to: text.count)
        return nil
    }

    /// Looks for the line feed that ends an oversized record.
    func endOversized(_ text: ByteSlice, _ records: RecordBuffer) -> Int? {
        guard let whole = oversized else { return 0 }
        guard let lineEnd = text.firstIndex(of: 10) else {
            _ = advance(text, 0, to: text.count)
            return nil
        }
        oversized = nil
        let next = advance(text, 0, to: lineEnd + 1)
        appendOversized(whole, end: base + UInt64(lineEnd), records)
        return next
    }

    private func appendOversized(_ whole: Oversized, end: UInt64, _ records: RecordBuffer) {
        guard consumedOffset > suppressedUpTo else { return }
        records.append(
            BlockRecord(
                address: records.keep(whole.kept), length: whole.kept.count, offset: whole.start, end: max(end, whole.start),
                next: consumedOffset, line: whole.line, firstRow: Int32(truncatingIfNeeded: writer.block.rowCount), rowCount: 0,
                reason: records.number(of: Self.oversizedReason), kind: .quarantined))
    }

    // MARK: State

    /// What a new parser needs to go on after ``consumedOffset``. Text, UTF-8.
    public func saveState() -> [UInt8] {
        var members: [String: JSONValue] = [
            "v": 1, "offset": .integer(Int64(clamping: consumedOffset)), "line": .integer(Int64(line)),
        ]
        switch framer.mode {
        case .plain: break
        case .array(let format, let depth, let isObject):
            members["array"] = .array([.integer(Int64(format)), .integer(Int64(depth)), .integer(isObject ? 1 : 0)])
        case .afterArray(let depth): members["after"] = .integer(Int64(depth))
        }
        if let last = evaluator.years.last { members["last"] = .integer(last) }
        if !turns.isEmpty { members["lasts"] = .array(turns.map { $0.evaluator.years.last.map { .integer($0) } ?? .bool(false) }) }
        if let taken = joiner?.taken, !taken.isEmpty {
            members["taken"] = .array(taken.map { .integer(Int64(clamping: $0 - min($0, consumedOffset))) })
        }
        if let order = evaluator.columnOrder { members["columns"] = .array(order.map { .integer(Int64($0)) }) }
        return JSONValue.object(members).canonicalBytes
    }

    /// Takes over where another parser of the same definition saved its state. Call before the first ``feed(_:emit:)``.
    ///
    /// - Throws: ``ParsingError`` `.invalidState` for bytes that no parser of this definition wrote.
    public func restore(_ state: [UInt8]) throws(ParsingError) {
        let invalid = ParsingError(
            code: .invalidState, message: "the saved state of the parser is damaged; read the source from its beginning")
        guard let json = try? JSONValue(parsing: state), json["v"]?.integer == 1, let offset = json["offset"]?.integer, offset >= 0,
            let line = json["line"]?.integer, line >= 1
        else { throw invalid }
        let formats = evaluator.plan.formats.count
        if let array = json["array"]?.array {
            guard array.count == 3, let isObject = array[2].integer, let format = array[0].integer, let depth = array[1].integer, (0..<Int64(formats)).contains(format),
                (1...Int64(JSONWalker.maximumDepth + 1)).contains(depth)
            else { throw invalid }
            framer.mode = .array(format: Int(format), depth: Int(depth), isObject: isObject == 1)
        } else if let after = json["after"]?.integer {
            guard after >= 1, after <= 1 << 20 else { throw invalid }
            framer.mode = .afterArray(depth: Int(after))
        }
        if let last = json["last"] {
            guard let micros = last.integer, (Timestamp.earliest.microseconds...Timestamp.latest.microseconds).contains(micros) else {
                throw invalid
            }
            evaluator.years.last = micros
        }
        if let lasts = json["lasts"]?.array {
            guard lasts.count == turns.count else { throw invalid }
            for (turn, last) in zip(turns, lasts) {
                guard last.integer.map({ (Timestamp.earliest.microseconds...Timestamp.latest.microseconds).contains($0) }) ?? true else {
                    throw invalid
                }
                turn.evaluator.years.last = last.integer
            }
        }
        if let taken = json["taken"]?.array {
            let places = taken.compactMap(\.integer)
            guard let joiner, places.count == taken.count, places == places.sorted(), places.allSatisfy({ $0 >= 0 }) else { throw invalid }
            joiner.taken = places.map { UInt64($0) + UInt64(offset) }
        }
        if let columns = json["columns"]?.array {
            let numbers = columns.compactMap(\.integer).map(Int.init)
            guard numbers.count == columns.count, evaluator.acceptsColumnOrder(numbers) else { throw invalid }
            evaluator.columnOrder = numbers
        }
        consumedOffset = UInt64(offset)
        self.line = Int(line)
    }
}
