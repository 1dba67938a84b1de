/// Cuts a text into records. Keeps only what a position alone cannot tell: where it stands in a JSON array.
///
/// The text is any bytes at all; every answer moves forward, so framing ends for every input.
struct Framer {
    /// Where framing stands between records.
    enum Mode: Equatable {
        /// At the beginning of a record.
        case plain
        /// Inside an array of records, or an object whose members are records; the number of open containers, itself included.
        case array(format: Int, depth: Int, isObject: Bool = false)
        /// After the array, inside what wraps it.
        case afterArray(depth: Int)
    }

    enum Step: Equatable {
        case frame(Frame)
        /// Bytes that belong to no record, up to this offset.
        case passed(Int)
        /// More bytes are needed, or at the end: nothing is left.
        case more
    }

    private let formats: [FormatFraming]
    private let flat: OwnedList<FlatFraming>
    private let arena: Arena
    private let scratch: UnsafeMutablePointer<Value>
    var mode = Mode.plain
    /// Whether the first format takes every line that is a JSON object.
    private let takesObjectLines: Bool

    /// - Parameter scratch: Slots that `starts` patterns may write to.
    init(formats: [FormatFraming], scratch: UnsafeMutablePointer<Value>, arena: Arena) {
        self.formats = formats
        let memory = PlanMemory()
        flat = memory.own(formats.map { FlatFraming($0, memory) })
        takesObjectLines = flat.list.count > 0 && flat.list[0].takesObjectLines
        self.scratch = scratch
        self.arena = arena
    }

    /// The next record at or after `start`.
    ///
    /// - Parameter isEnd: Whether no bytes will follow the text.
    mutating func next(_ text: ByteSlice, from start: Int, isEnd: Bool) -> Step {
        guard start < text.count else { return .more }
        switch mode {
        case .plain: return plain(text, from: start, isEnd: isEnd)
        case .array(let format, let depth, let isObject):
            return element(text, from: start, format: format, depth: depth, isObject: isObject, isEnd: isEnd)
        case .afterArray(let depth): return afterArray(text, from: start, depth: depth, isEnd: isEnd)
        }
    }

    /// A line that is one whole JSON object, as far as its ends tell, where nothing else has to be asked: its end and that of its bytes.
    ///
    /// What ``next(_:from:isEnd:)`` would say of it, the short way.
    @inline(__always)
    func objectLine(_ text: ByteSlice, from start: Int) -> (end: Int, lineEnd: Int)? {
        guard takesObjectLines, start < text.count, text[start] == UInt8(ascii: "{"), mode == .plain,
            let lineEnd = text.firstIndex(of: 10, from: start)
        else { return nil }
        let end = text[lineEnd &- 1] == 13 ? lineEnd &- 1 : lineEnd
        return text[end &- 1] == UInt8(ascii: "}") ? (end, lineEnd) : nil
    }

    private mutating func plain(_ text: ByteSlice, from start: Int, isEnd: Bool) -> Step {
        var at = start
        while at < text.count, text[at].isBlank { at += 1 }
        if at == text.count {
            return isEnd ? .passed(at) : (at > start && hasLineEnd(text, start, at) ? .passed(lastLineEnd(text, start, at)) : .more)
        }
        // Blanks at the beginning of a line belong to it, blank lines to nobody.
        let lineStart = lastLineEnd(text, start, at)
        if lineStart > start { return .passed(lineStart) }
        let lineEnd = text.firstIndex(of: 10, from: at)
        guard lineEnd != nil || isEnd || text.count - start > 4096 else { return .more }
        let line = text.sub(start, lineEnd ?? text.count)
        let format = self.format(of: line)
        guard format >= 0 else {
            guard lineEnd != nil || isEnd else { return .more }
            return .frame(lineFrame(text, start, lineEnd, format: -1, fault: "no format of this parser begins like this line"))
        }
        switch flat.list.base[format].kind {
        case .lines:
            guard lineEnd != nil || isEnd else { return .more }
            var frame = lineFrame(text, start, lineEnd, format: format, fault: nil)
            frame.isOneLine = true
            return .frame(frame)
        case .multiline: return multiline(text, from: start, lineEnd: lineEnd, format: format, isEnd: isEnd)
        case .csv: return csv(text, from: start, lineEnd: lineEnd, format: format, isEnd: isEnd)
        case .xml: return xml(text, from: at, lineEnd: lineEnd, format: format, isEnd: isEnd)
        case .journalExport: return journalEntry(text, from: start, lineEnd: lineEnd, format: format, isEnd: isEnd)
        case .json:
            if let frame = tentative(text, line, from: at, lineEnd: lineEnd, format: format) { return .frame(frame) }
            return json(text, from: at, format: format, isEnd: isEnd)
        }
    }

    /// The first format that accepts a line, or -1.
    @inline(__always)
    private func format(of line: ByteSlice) -> Int {
        var number = 0
        while number < flat.list.count {
            if flat.list.base[number].accepts(line, slots: scratch, arena: arena) { return number }
            number &+= 1
        }
        return -1
    }

    /// Whether the record at the beginning of a text is one of several lines.
    func isMultiline(_ text: ByteSlice) -> Bool {
        let line = text.sub(0, text.firstIndex(of: 10) ?? text.count)
        let format = self.format(of: line)
        return format >= 0 && flat.list.base[format].kind == .multiline
    }

    private func hasLineEnd(_ text: ByteSlice, _ from: Int, _ to: Int) -> Bool { lastLineEnd(text, from, to) > from }

    /// The offset after the last line feed in a range, or its beginning.
    private func lastLineEnd(_ text: ByteSlice, _ from: Int, _ to: Int) -> Int {
        var at = to
        while at > from {
            if text[at - 1] == 10 { return at }
            at -= 1
        }
        return from
    }

    private func lineFrame(_ text: ByteSlice, _ start: Int, _ lineEnd: Int?, format: Int, fault: String?) -> Frame {
        var end = lineEnd ?? text.count
        let next = lineEnd.map { $0 + 1 } ?? text.count
        if end > start, text[end - 1] == 13 { end -= 1 }
        return Frame(start: start, end: end, next: next, format: format, fault: fault)
    }

    private func multiline(_ text: ByteSlice, from start: Int, lineEnd: Int?, format: Int, isEnd: Bool) -> Step {
        var end = lineEnd
        while let at = end {
            let lineStart = at + 1
            if lineStart >= text.count {
                guard isEnd else { return .more }
                break
            }
            let nextEnd = text.firstIndex(of: 10, from: lineStart)
            guard nextEnd != nil || isEnd else { return .more }
            let line = text.sub(lineStart, nextEnd ?? text.count)
            if self.format(of: line) >= 0 { break }
            end = nextEnd
        }
        guard end != nil || isEnd else { return .more }
        return .frame(lineFrame(text, start, end, format: format, fault: nil))
    }

    private func csv(_ text: ByteSlice, from start: Int, lineEnd: Int?, format: Int, isEnd: Bool) -> Step {
        switch CSVRow.end(text, from: start, lineEnd: lineEnd, delimiter: flat.list.base[format].delimiter) {
        case .end(let end):
            var frame = lineFrame(text, start, end, format: format, fault: nil)
            frame.isOneLine = end == lineEnd
            return .frame(frame)
        case .atEnd where isEnd: return .frame(lineFrame(text, start, nil, format: format, fault: nil))
        case .more where isEnd, .broken:
            guard lineEnd != nil || isEnd else { return .more }
            return .frame(lineFrame(text, start, lineEnd, format: format, fault: "CSV: a quoted column is not closed"))
        case .atEnd, .more: return .more
        }
    }

    /// A line that looks like one whole JSON object.
    private func tentative(_ text: ByteSlice, _ line: ByteSlice, from at: Int, lineEnd: Int?, format: Int) -> Frame? {
        guard let lineEnd, text[at] == UInt8(ascii: "{") else { return nil }
        var last = lineEnd - 1
        while last > at, text[last].isBlank { last -= 1 }
        guard text[last] == UInt8(ascii: "}") else { return nil }
        let wrappers = flat.list.base[format].wrappers
        var number = 0
        while number < wrappers.count {
            if line.firstRange(of: wrappers[number]) != nil { return nil }
            number &+= 1
        }
        var frame = lineFrame(text, at, lineEnd, format: format, fault: nil)
        frame.isTentative = true
        frame.isOneLine = true
        return frame
    }

    /// Frames a JSON record again that was taken on trust and is not one value.
    mutating func reframe(_ text: ByteSlice, _ frame: Frame, isEnd: Bool) -> Step {
        guard flat.list.base[frame.format].kind == .json else { return .more }
        return json(text, from: frame.start, format: frame.format, isEnd: isEnd)
    }

    private mutating func json(_ text: ByteSlice, from at: Int, format: Int, isEnd: Bool) -> Step {
        guard case .json(let paths) = formats[format].kind else { return .more }
        let scanner = JSONValueScanner(recordPaths: paths + [[]])
        switch scanner.scan(text, from: at) {
        case .end(let end): return .frame(Frame(start: at, end: end, next: end, format: format))
        case .records(let offset, let depth, let isObject):
            mode = .array(format: format, depth: depth, isObject: isObject)
            return .passed(offset)
        case .more:
            guard isEnd else { return .more }
            return .frame(lineFrame(text, at, nil, format: format, fault: JSONFault.endsEarly.rawValue))
        case .broken:
            let lineEnd = text.firstIndex(of: 10, from: at)
            guard lineEnd != nil || isEnd else { return .more }
            return .frame(lineFrame(text, at, lineEnd, format: format, fault: JSONFault.grammar.rawValue))
        }
    }

    private mutating func element(
        _ text: ByteSlice, from start: Int, format: Int, depth: Int, isObject: Bool, isEnd: Bool
    ) -> Step {
        var at = start
        while at < text.count, text[at].isBlank || text[at] == UInt8(ascii: ",") { at += 1 }
        if at == text.count {
            if isEnd { return unclosed(text, start, format: format) }
            return at > start ? .passed(at) : .more
        }
        if text[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
            mode = depth == 1 ? .plain : .afterArray(depth: depth - 1)
            return .passed(at + 1)
        }
        if isObject {
            switch Self.memberValue(text, from: at) {
            case .end(let value): at = value
            case .more where !isEnd: return .more
            default: return brokenElement(text, from: at, format: format, isEnd: isEnd)
            }
        }
        switch JSONValueScanner(recordPaths: []).scan(text, from: at) {
        case .end(let end): return .frame(Frame(start: at, end: end, next: end, format: format))
        case .more where !isEnd: return .more
        default: return brokenElement(text, from: at, format: format, isEnd: isEnd)
        }
    }

    private mutating func brokenElement(_ text: ByteSlice, from at: Int, format: Int, isEnd: Bool) -> Step {
        let lineEnd = text.firstIndex(of: 10, from: at)
        guard lineEnd != nil || isEnd else { return .more }
        mode = .plain
        return .frame(lineFrame(text, at, lineEnd, format: format, fault: JSONFault.grammar.rawValue))
    }

    /// Where the value of a member begins whose key begins at `start`.
    private static func memberValue(_ text: ByteSlice, from start: Int) -> JSONValueScanner.Outcome {
        guard text[start] == UInt8(ascii: "\""), case .end(var at) = JSONValueScanner.stringEnd(text, from: start) else {
            return text[start] == UInt8(ascii: "\"") ? JSONValueScanner.stringEnd(text, from: start) : .broken
        }
        while at < text.count, text[at].isBlank { at += 1 }
        guard at < text.count else { return .more }
        guard text[at] == UInt8(ascii: ":") else { return .broken }
        at += 1
        while at < text.count, text[at].isBlank { at += 1 }
        return at < text.count ? .end(at) : .more
    }

    private func xml(_ text: ByteSlice, from at: Int, lineEnd: Int?, format: Int, isEnd: Bool) -> Step {
        switch XMLElementScanner.next(text, from: at, names: flat.list.base[format].elements) {
        case .element(let end): return .frame(Frame(start: at, end: end, next: end, format: format))
        case .passed(let next): return .passed(next)
        case .more:
            guard isEnd else { return .more }
            return .frame(lineFrame(text, at, nil, format: format, fault: XMLReader.Fault.endsEarly.rawValue))
        case .broken(let fault):
            guard lineEnd != nil || isEnd else { return .more }
            return .frame(lineFrame(text, at, lineEnd, format: format, fault: fault.rawValue))
        }
    }

    private func journalEntry(_ text: ByteSlice, from start: Int, lineEnd: Int?, format: Int, isEnd: Bool) -> Step {
        switch JournalEntry.end(text, from: start) {
        case .end(let end, let next): return .frame(Frame(start: start, end: end, next: next, format: format))
        case .atEnd where isEnd: return .frame(lineFrame(text, start, nil, format: format, fault: nil))
        case .more where isEnd: return .frame(lineFrame(text, start, nil, format: format, fault: JournalEntry.endsEarly))
        case .broken:
            guard lineEnd != nil || isEnd else { return .more }
            return .frame(lineFrame(text, start, lineEnd, format: format, fault: JournalEntry.broken))
        case .atEnd, .more: return .more
        }
    }

    private mutating func afterArray(_ text: ByteSlice, from start: Int, depth: Int, isEnd: Bool) -> Step {
        var depth = depth
        var at = start
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: "\""):
                switch JSONValueScanner.stringEnd(text, from: at) {
                case .end(let end): at = end
                case .more where !isEnd:
                    mode = .afterArray(depth: depth)
                    return at > start ? .passed(at) : .more
                case .more: return unclosed(text, at, format: -1)
                default:
                    // Nothing tells where the wrapper ends: it costs this line, and framing begins anew behind it.
                    let lineEnd = text.firstIndex(of: 10, from: at)
                    guard lineEnd != nil || isEnd else {
                        mode = .afterArray(depth: depth)
                        return at > start ? .passed(at) : .more
                    }
                    mode = .plain
                    return .frame(lineFrame(text, at, lineEnd, format: -1, fault: JSONFault.grammar.rawValue))
                }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            at += 1
            if depth == 0 {
                mode = .plain
                return .passed(at)
            }
        }
        if isEnd { return unclosed(text, start, format: -1) }
        mode = .afterArray(depth: depth)
        return .passed(at)
    }

    /// The file ends inside a wrapper: said once, with what is left of the text.
    private mutating func unclosed(_ text: ByteSlice, _ at: Int, format: Int) -> Step {
        mode = .plain
        return .frame(Frame(start: at, end: text.count, next: text.count, format: format, fault: "JSON ends inside the array of records"))
    }
}
