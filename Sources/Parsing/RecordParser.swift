import AuditModel

/// Turns the bytes of one source into records and events, piece by piece.
///
/// Feed decompressed bytes in order; each record comes out once, in order, with its place in the source. Memory is bounded
/// by the size limit of a record. Not thread-safe. If `emit` throws, the parser must not be used any further.
///
/// - Restarting: keep ``saveState()`` with the cursor; a new parser that is given it goes on with the byte after
///   ``consumedOffset``.
public final class RecordParser {
    /// Offset after the last byte that belongs to an emitted record or to nobody.
    public private(set) var consumedOffset: UInt64 = 0
    /// Records that end at or before this offset are read but not emitted: for callers that must feed from the beginning.
    public var suppressedUpTo: UInt64 = 0

    let evaluator: RecordEvaluator
    var framer: Framer
    private var pending: [UInt8] = []
    /// Source offset of the first pending byte.
    private var base: UInt64 = 0
    /// Line of `consumedOffset`, from one.
    private(set) var line = 1
    private var oversized: Oversized?
    private var droppedBefore: [Int]

    /// A record beyond the size limit, while its end is sought.
    private struct Oversized {
        let start: UInt64
        let line: Int
        let kept: [UInt8]
    }

    /// - Throws: ``ParsingError`` `.invalidValue` where the options name no time zone.
    public init(_ definition: ParserDefinition, options: ParseOptions) throws(ParsingError) {
        evaluator = try RecordEvaluator(definition, options: options)
        framer = Framer(formats: definition.plan.formats.map(\.framing), scratch: evaluator.slots, arena: evaluator.arena)
        droppedBefore = Array(repeating: 0, count: definition.plan.droppedNames.count)
    }

    /// Reads on; emits every record that is complete.
    public func feed(_ bytes: UnsafeRawBufferPointer, emit: (ParsedRecord) throws -> Void) rethrows {
        guard !bytes.isEmpty else { return }
        if pending.isEmpty {
            let used = try process(bytes, isEnd: false, emit)
            pending.append(contentsOf: bytes[used...])
        } else {
            pending.append(contentsOf: bytes)
            try processPending(isEnd: false, emit)
        }
    }

    /// Reads on from an array.
    public func feed(_ bytes: [UInt8], emit: (ParsedRecord) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { try feed($0, emit: emit) }
    }

    /// Ends the source: what is left is emitted, as a record or quarantined.
    public func finish(emit: (ParsedRecord) throws -> Void) rethrows {
        try processPending(isEnd: true, emit)
        if let whole = oversized {
            oversized = nil
            try emitOversized(whole, end: consumedOffset, emit)
        }
        pending.removeAll()
    }

    /// Emits a record of several lines that ends with the last complete line, for a source that has been quiet: only the
    /// beginning of the next record would have ended it.
    public func flush(emit: (ParsedRecord) throws -> Void) rethrows {
        guard pending.last == 10, framer.mode == .plain else { return }
        let isMultiline = pending.withUnsafeBytes { framer.isMultiline(Self.slice($0)) }
        if isMultiline { try processPending(isEnd: true, emit) }
    }

    /// Counts of names that records held and the definition does not map, since the last call: by name where the definition
    /// knows it, else under `other`.
    public func takeDropped() -> [String: Int] { evaluator.takeDropped() }

    private func processPending(isEnd: Bool, _ emit: (ParsedRecord) throws -> Void) rethrows {
        guard !pending.isEmpty else { return }
        // Taken out and put back, so that its storage is used again for the next piece.
        var bytes: [UInt8] = []
        swap(&bytes, &pending)
        let used = try bytes.withUnsafeBytes { try process($0, isEnd: isEnd, emit) }
        bytes.removeFirst(used)
        swap(&bytes, &pending)
    }

    static func slice(_ bytes: UnsafeRawBufferPointer) -> ByteSlice {
        guard let start = bytes.baseAddress else { return .empty }
        return ByteSlice(base: start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    }

    /// Frames and reads; returns how many bytes are done with.
    private func process(_ bytes: UnsafeRawBufferPointer, isEnd: Bool, _ emit: (ParsedRecord) throws -> Void) rethrows -> Int {
        let text = Self.slice(bytes)
        base = consumedOffset
        var at = 0
        if base == 0, text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { at = advance(text, 0, to: 3) }
        if oversized != nil {
            guard let end = try endOversized(text, emit) else { return text.count }
            at = end
        }
        while true {
            switch framer.next(text, from: at, isEnd: isEnd) {
            case .passed(let next): at = advance(text, at, to: next)
            case .more:
                guard text.count - at > FramingLimit.recordBytes else { return at }
                guard let next = try beginOversized(text, at, emit) else { return text.count }
                at = next
            case .frame(let frame):
                guard let next = try take(frame, text, at, isEnd: isEnd, emit) else { return at }
                at = next
            }
        }
    }

    /// Moves on, counting lines.
    private func advance(_ text: ByteSlice, _ from: Int, to: Int) -> Int {
        var at = from
        while at < to, let hit = text.sub(0, to).firstIndex(of: 10, from: at) {
            line += 1
            at = hit + 1
        }
        consumedOffset = base + UInt64(to)
        return to
    }

    /// Reads a framed record; nil where more bytes are needed to frame it.
    private func take(_ frame: Frame, _ text: ByteSlice, _ at: Int, isEnd: Bool, _ emit: (ParsedRecord) throws -> Void) rethrows -> Int? {
        let record = text.sub(frame.start, frame.end)
        let result: ParsedRecord.Result
        if record.count > FramingLimit.recordBytes {
            result = .quarantined(reason: Self.oversizedReason)
        } else if let fault = frame.fault {
            result = .quarantined(reason: fault)
        } else {
            do {
                // The names of the columns are no record: their bytes are passed over.
                if try evaluator.takeHeader(record, format: frame.format) { return advance(text, at, to: frame.next) }
                result = try read(record, frame)
            } catch {
                if frame.isTentative, error.isFraming {
                    let mode = framer.mode
                    switch framer.reframe(text, frame, isEnd: isEnd) {
                    case .frame(let other) where other.start != frame.start || other.end != frame.end || other.next != frame.next:
                        if other.fault == nil || other.end != frame.end { return try take(other, text, at, isEnd: isEnd, emit) }
                    case .passed(let next): return advance(text, at, to: next)
                    case .more:
                        // The grammar still holds at the end of the line: the value goes on, unless it breaks later.
                        return nil
                    case .frame: framer.mode = mode
                    }
                }
                result = .quarantined(reason: error.reason)
            }
        }
        _ = advance(text, at, to: frame.start)
        let firstLine = line
        let next = advance(text, frame.start, to: frame.next)
        let range = (base + UInt64(frame.start))..<(base + UInt64(frame.end))
        if consumedOffset > suppressedUpTo {
            let kept = record.count > FramingLimit.recordBytes ? record.sub(0, FramingLimit.keptBytes) : record
            try emit(
                ParsedRecord(
                    firstLine: firstLine, range: range, bytes: UnsafeRawBufferPointer(start: kept.base, count: kept.count), result: result))
        }
        return next
    }

    private func read(_ record: ByteSlice, _ frame: Frame) throws(RecordEvaluator.Rejection) -> ParsedRecord.Result {
        let count = droppedBefore.count
        for i in 0..<count { droppedBefore[i] = evaluator.dropped[i] }
        do {
            switch try evaluator.evaluate(record, format: frame.format) {
            case .events(let events): return .events(events)
            case .skipped(let rule): return .skipped(rule: rule)
            }
        } catch {
            // Nothing of a record that is not taken is counted as dropped from it.
            for i in 0..<count { evaluator.dropped[i] = droppedBefore[i] }
            throw error
        }
    }

    // MARK: Records beyond the size limit

    private static let oversizedReason = "the record is longer than 16 MiB"

    /// Gives up on a record without an end in sight; the offset after it where its line ends in `text`.
    ///
    /// A record of several lines costs its first line alone: an open quote must not take the good rows below it along.
    private func beginOversized(_ text: ByteSlice, _ at: Int, _ emit: (ParsedRecord) throws -> Void) rethrows -> Int? {
        framer.mode = .plain
        let lineEnd = text.firstIndex(of: 10, from: at)
        let keptEnd = lineEnd.map { $0 - at <= FramingLimit.recordBytes ? $0 : at + FramingLimit.keptBytes } ?? at + FramingLimit.keptBytes
        let kept = Array(UnsafeBufferPointer(start: text.base + at, count: keptEnd - at))
        let whole = Oversized(start: base + UInt64(at), line: line, kept: kept)
        if let lineEnd {
            let next = advance(text, at, to: lineEnd + 1)
            try emitOversized(whole, end: base + UInt64(lineEnd), emit)
            return next
        }
        oversized = whole
        _ = advance(text, at, to: text.count)
        return nil
    }

    /// Looks for the line feed that ends an oversized record.
    private func endOversized(_ text: ByteSlice, _ emit: (ParsedRecord) throws -> Void) rethrows -> Int? {
        guard let whole = oversized else { return 0 }
        guard let lineEnd = text.firstIndex(of: 10) else {
            _ = advance(text, 0, to: text.count)
            return nil
        }
        oversized = nil
        let next = advance(text, 0, to: lineEnd + 1)
        try emitOversized(whole, end: base + UInt64(lineEnd), emit)
        return next
    }

    private func emitOversized(_ whole: Oversized, end: UInt64, _ emit: (ParsedRecord) throws -> Void) rethrows {
        guard consumedOffset > suppressedUpTo else { return }
        try whole.kept.withUnsafeBytes { bytes in
            try emit(
                ParsedRecord(
                    firstLine: whole.line, range: whole.start..<max(end, whole.start), bytes: bytes,
                    result: .quarantined(reason: Self.oversizedReason)))
        }
    }

    // MARK: State

    /// What a new parser needs to go on after ``consumedOffset``. Text, UTF-8.
    public func saveState() -> [UInt8] {
        var members: [String: JSONValue] = [
            "v": 1, "offset": .integer(Int64(clamping: consumedOffset)), "line": .integer(Int64(line)),
        ]
        switch framer.mode {
        case .plain: break
        case .array(let format, let depth):
            members["array"] = .array([.integer(Int64(format)), .integer(Int64(depth))])
        case .afterArray(let depth): members["after"] = .integer(Int64(depth))
        }
        if let last = evaluator.years.last { members["last"] = .integer(last) }
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
            guard array.count == 2, let format = array[0].integer, let depth = array[1].integer, (0..<Int64(formats)).contains(format),
                (1...Int64(JSONWalker.maximumDepth + 1)).contains(depth)
            else { throw invalid }
            framer.mode = .array(format: Int(format), depth: Int(depth))
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
        if let columns = json["columns"]?.array {
            let numbers = columns.compactMap(\.integer).map(Int.init)
            guard numbers.count == columns.count, evaluator.acceptsColumnOrder(numbers) else { throw invalid }
            evaluator.columnOrder = numbers
        }
        consumedOffset = UInt64(offset)
        self.line = Int(line)
    }
}
