/// Entries of the systemd journal's export format (systemd.io/JOURNAL_EXPORT_FORMATS): fields one a line, `NAME=text`, or the name in a line of
/// its own, the length as eight bytes (least first) and the bytes, a line feed behind them; an empty line ends an entry, and so does the cursor of the next.
enum JournalEntry {
    enum End: Equatable {
        /// The entry ends before the first offset, what follows begins at the second.
        case end(Int, next: Int)
        /// The text ends where an entry could end.
        case atEnd
        /// The text ends inside a field.
        case more
        case broken
    }

    static let endsEarly = "the journal's entry ends early"
    static let broken = "the journal's entry is broken"

    /// One field: what it is called, its bytes, and where the next begins.
    struct Field {
        let name: ByteSlice
        let value: ByteSlice
        let next: Int
    }

    private enum Step {
        case field(Field)
        case more
        case broken
    }

    /// Whether a line can be a field: a name in capitals, alone or with `=` behind it.
    static func isField(_ line: ByteSlice) -> Bool {
        let end = nameEnd(line, from: 0)
        return end > 0 && (end == line.count || line[end] == UInt8(ascii: "="))
    }

    /// Finds the end of the entry that begins at `start`.
    static func end(_ text: ByteSlice, from start: Int) -> End {
        var at = start
        while at < text.count {
            if text[at] == 10 { return .end(at > start ? at - 1 : at, next: at + 1) }
            // The first field of every entry: some collectors drop empty lines.
            if at > start, text.sub(at, text.count).hasBytes("__CURSOR=") { return .end(at - 1, next: at) }
            switch step(text, from: at, mayEnd: false) {
            case .field(let field): at = field.next
            case .more: return .more
            case .broken: return .broken
            }
        }
        return .atEnd
    }

    /// Calls `field` with the fields of an entry; false where it is broken.
    static func fields(_ entry: ByteSlice, _ field: (ByteSlice, ByteSlice) -> Void) -> Bool {
        var at = 0
        while at < entry.count {
            guard case .field(let next) = step(entry, from: at, mayEnd: true) else { return false }
            field(next.name, next.value)
            at = next.next
        }
        return true
    }

    private static func step(_ text: ByteSlice, from start: Int, mayEnd: Bool) -> Step {
        let nameEnd = nameEnd(text, from: start)
        guard nameEnd < text.count else { return mayEnd ? .broken : .more }
        guard nameEnd > start else { return .broken }
        let name = text.sub(start, nameEnd)
        if text[nameEnd] == UInt8(ascii: "=") {
            guard let lineEnd = text.firstIndex(of: 10, from: nameEnd) ?? (mayEnd ? text.count : nil) else { return .more }
            return .field(Field(name: name, value: text.sub(nameEnd + 1, lineEnd), next: lineEnd + 1))
        }
        guard text[nameEnd] == 10 else { return .broken }
        let begin = nameEnd + 9
        guard begin <= text.count else { return .more }
        var length: UInt64 = 0
        for place in 0..<8 { length |= UInt64(text[nameEnd + 1 + place]) << UInt64(8 * place) }
        guard length <= UInt64(FramingLimit.recordBytes) else { return .broken }
        let end = begin + Int(length)
        guard end < text.count || mayEnd && end == text.count else { return .more }
        guard end == text.count || text[end] == 10 else { return .broken }
        return .field(Field(name: name, value: text.sub(begin, end), next: end + 1))
    }

    private static func nameEnd(_ text: ByteSlice, from start: Int) -> Int {
        var at = start
        while at < text.count, text[at] == UInt8(ascii: "_") || text[at].isDigit || (text[at] >= 65 && text[at] <= 90) { at += 1 }
        return at
    }
}
