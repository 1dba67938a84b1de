/// Reads the YAML that definitions are written in, many times faster than a general reader does (docs/decisions/0102).
///
/// It knows block and flow mappings and sequences, and scalars of one line, plain or quoted. Whatever else there is, and whatever is wrong or could
/// be read in two ways, ends it without a result, and Yams reads the file: so it never has to complain. What it does read is what Yams reads; a
/// test compares them.
///
/// Safety: the text is followed by a line feed and a zero byte, so that looking one byte ahead of any byte of the text stays inside.
struct YAMLReader {
    /// Ends the attempt.
    private struct Unknown: Error {}

    private static let deepest = 64
    private let text: UnsafePointer<UInt8>
    /// Bytes of the text with its closing line feed.
    private let count: Int
    private var at = 0
    private var line: Int32 = 1
    private var lineStart = 0
    private var depth = 0
    private var nodes: [YAMLTree.Node] = []
    private var members: [Int32] = []
    /// Members of containers that are open.
    private var open: [Int32] = []

    /// The tree of a text, or nil where it needs a reader that knows all of YAML.
    static func read(_ text: String, path: String) -> YAMLTree? {
        var bytes = Array(text.utf8)
        bytes.append(10)
        bytes.append(0)
        return bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress, isPrintable(buffer) else { return nil }
            var reader = YAMLReader(text: start, count: buffer.count - 1)
            guard let root = try? reader.document() else { return nil }
            return YAMLTree(nodes: reader.nodes, members: reader.members, root: Int(root), path: path)
        }
    }

    private init(text: UnsafePointer<UInt8>, count: Int) {
        self.text = text
        self.count = count
        nodes.reserveCapacity(count / 10)
        members.reserveCapacity(count / 10)
    }

    /// Whether a text holds no tabs, other controls, or characters that YAML treats in a way of its own.
    private static func isPrintable(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count - 1 {
            let byte = bytes[at]
            if byte < 32 ? byte != 10 : byte == 127 { return false }
            if byte >= 0x80 {
                // C1 controls, line and paragraph separators, byte order marks and non-characters.
                let next = bytes[at + 1]
                if byte == 0xC2, next < 0xA0 { return false }
                if byte == 0xE2, next == 0x80, bytes[at + 2] & 0xFE == 0xA8 { return false }
                if byte == 0xEF, next == 0xBB || next == 0xBF { return false }
            }
            at += 1
        }
        return true
    }

    // MARK: Lines

    private mutating func document() throws(Unknown) -> Int32 {
        try passBlanks()
        guard at < count, at == lineStart, text[at] != UInt8(ascii: "%") else { throw Unknown() }
        let root = try block(above: -1)
        try passBlanks()
        guard at >= count else { throw Unknown() }
        return root
    }

    private var column: Int { at - lineStart }

    /// Moves to the next byte that says something, over blanks, comments and line ends.
    private mutating func passBlanks() throws(Unknown) {
        while at < count {
            let byte = text[at]
            if byte == 32 {
                at += 1
            } else if byte == 10 {
                at += 1
                line += 1
                lineStart = at
            } else if byte == UInt8(ascii: "#") {
                guard at == lineStart || text[at - 1] == 32 else { throw Unknown() }
                while text[at] != 10 { at += 1 }
            } else {
                // Marks of documents, and what looks like them.
                if at == lineStart, byte == text[at + 1], byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") { throw Unknown() }
                return
            }
        }
    }

    /// Whether nothing but blanks and a comment is left of the line; moves to its end or to what is left.
    private mutating func isLineDone() -> Bool {
        let start = at
        while text[at] == 32 { at += 1 }
        if text[at] == 10 { return true }
        guard text[at] == UInt8(ascii: "#"), at > start else { return false }
        while text[at] != 10 { at += 1 }
        return true
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 }

    // MARK: Blocks

    /// The value at this place of a line, in a block whose column is `above`; a key there begins a mapping.
    private mutating func block(above: Int) throws(Unknown) -> Int32 {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw Unknown() }
        if text[at] == UInt8(ascii: "-"), isBlank(text[at + 1]) { return try sequence() }
        let (startLine, startColumn) = (line, column)
        let (node, isKey) = try value(above: above, mayBeKey: true)
        return isKey ? try mapping(node, line: startLine, column: startColumn) : node
    }

    /// A value of one line at least, and the end of its line; or, where it may be one, a key, and the colon is next.
    private mutating func value(above: Int, mayBeKey: Bool) throws(Unknown) -> (node: Int32, isKey: Bool) {
        let byte = text[at]
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
            let node = try flow()
            guard isLineDone() else { throw Unknown() }
            return (node, false)
        }
        let start = at
        let isQuoted = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
        let node = isQuoted ? try quoted() : try plain(inFlow: false)
        let end = at
        while text[at] == 32 { at += 1 }
        if text[at] == UInt8(ascii: ":"), isBlank(text[at + 1]) {
            guard mayBeKey, end - start < 1_000 else { throw Unknown() }
            return (node, true)
        }
        at = end
        guard isLineDone() else { throw Unknown() }
        // A plain text may go on in the next line, where that stands deeper.
        try passBlanks()
        guard at >= count || column <= above else { throw Unknown() }
        return (node, false)
    }

    private mutating func mapping(_ key: Int32, line startLine: Int32, column indent: Int) throws(Unknown) -> Int32 {
        let base = open.count
        var key = key
        while true {
            open.append(key)
            at += 1
            open.append(try mappingValue(indent: indent))
            try passBlanks()
            guard at < count, column >= indent else { break }
            guard column == indent else { throw Unknown() }
            if text[at] == UInt8(ascii: "-"), isBlank(text[at + 1]) { throw Unknown() }
            let (next, isKey) = try value(above: indent - 1, mayBeKey: true)
            guard isKey else { throw Unknown() }
            key = next
        }
        return try close(.mapping, base, line: startLine, column: lineColumn(indent, startLine))
    }

    /// What stands behind the colon of a key.
    private mutating func mappingValue(indent: Int) throws(Unknown) -> Int32 {
        let (emptyLine, emptyColumn) = (line, lineColumn(column, line))
        guard isLineDone() else {
            if text[at] == UInt8(ascii: "-"), isBlank(text[at + 1]) { throw Unknown() }
            return try value(above: indent, mayBeKey: false).node
        }
        try passBlanks()
        if at < count, column > indent { return try block(above: indent) }
        if at < count, column == indent, text[at] == UInt8(ascii: "-"), isBlank(text[at + 1]) { return try sequence() }
        return scalar("", isPlain: true, line: emptyLine, column: emptyColumn)
    }

    private mutating func sequence() throws(Unknown) -> Int32 {
        let (indent, startLine, base) = (column, line, open.count)
        while true {
            let (emptyLine, emptyColumn) = (line, column + 1)
            at += 1
            if isLineDone() {
                try passBlanks()
                if at < count, column > indent {
                    open.append(try block(above: indent))
                } else {
                    open.append(scalar("", isPlain: true, line: emptyLine, column: Int32(emptyColumn + 1)))
                }
            } else {
                open.append(try block(above: indent))
            }
            try passBlanks()
            guard at < count, column >= indent else { break }
            guard column == indent else { throw Unknown() }
            guard text[at] == UInt8(ascii: "-"), isBlank(text[at + 1]) else { break }
        }
        return try close(.sequence, base, line: startLine, column: Int32(indent + 1))
    }

    // MARK: Flow

    /// A mapping in braces or a sequence in brackets.
    private mutating func flow() throws(Unknown) -> Int32 {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw Unknown() }
        let isMapping = text[at] == UInt8(ascii: "{")
        let (startLine, startColumn, base) = (line, lineColumn(column, line), open.count)
        at += 1
        while true {
            try passBlanks()
            guard at < count else { throw Unknown() }
            if text[at] == (isMapping ? UInt8(ascii: "}") : UInt8(ascii: "]")) { break }
            let keyLine = line
            let element = try flowValue()
            let afterElement = line
            try passBlanks()
            open.append(element)
            if isMapping {
                guard nodes[Int(element)].kind == .scalar, afterElement == keyLine else { throw Unknown() }
                open.append(try flowMappingValue(keyLine))
                try passBlanks()
            }
            guard at < count else { throw Unknown() }
            if text[at] == UInt8(ascii: ",") {
                at += 1
            } else if text[at] != (isMapping ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                throw Unknown()
            }
        }
        at += 1
        return try close(isMapping ? .mapping : .sequence, base, line: startLine, column: startColumn)
    }

    private mutating func flowMappingValue(_ keyLine: Int32) throws(Unknown) -> Int32 {
        if text[at] == UInt8(ascii: ":") {
            guard isBlank(text[at + 1]), line == keyLine else { throw Unknown() }
            at += 1
            try passBlanks()
            guard at < count else { throw Unknown() }
            if text[at] != UInt8(ascii: ","), text[at] != UInt8(ascii: "}") { return try flowValue() }
        }
        return scalar("", isPlain: true, line: line, column: lineColumn(column, line))
    }

    private mutating func flowValue() throws(Unknown) -> Int32 {
        switch text[at] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return try flow()
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quoted()
        default:
            let node = try plain(inFlow: true)
            // It may go on in the next line.
            let from = at
            while text[at] == 32 { at += 1 }
            if text[at] == 10 || text[at] == UInt8(ascii: "#") {
                try passBlanks()
                guard at < count, text[at] == UInt8(ascii: ",") || text[at] == UInt8(ascii: "}") || text[at] == UInt8(ascii: "]") else {
                    throw Unknown()
                }
            } else {
                at = from
            }
            return node
        }
    }

    // MARK: Scalars

    private mutating func plain(inFlow: Bool) throws(Unknown) -> Int32 {
        let start = at
        switch text[at] {
        case UInt8(ascii: "-"): guard !isBlank(text[at + 1]) else { throw Unknown() }
        case UInt8(ascii: "?"), UInt8(ascii: ":"): guard !isBlank(text[at + 1]), !inFlow else { throw Unknown() }
        case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"),
            UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
            throw Unknown()
        default: break
        }
        var end = start
        scan: while true {
            let byte = text[at]
            switch byte {
            case 10: break scan
            case 32: at += 1
            case UInt8(ascii: ":"):
                if isBlank(text[at + 1]) { break scan }
                // In braces some of these are read in one way here and in another there.
                if inFlow {
                    switch text[at + 1] {
                    case UInt8(ascii: ","), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"): throw Unknown()
                    default: break
                    }
                }
                at += 1
                end = at
            case UInt8(ascii: "#") where text[at - 1] == 32: break scan
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
                if inFlow { break scan }
                at += 1
                end = at
            default:
                at += 1
                end = at
            }
        }
        at = end
        return scalar(String(decoding: UnsafeBufferPointer(start: text + start, count: end - start), as: UTF8.self), isPlain: true, at: start)
    }

    private mutating func quoted() throws(Unknown) -> Int32 {
        let quote = text[at]
        let start = at
        at += 1
        let from = at
        while text[at] != quote, text[at] != UInt8(ascii: "\\"), text[at] != 10 { at += 1 }
        if text[at] == quote, text[at + 1] != quote || quote == UInt8(ascii: "\"") {
            // Nothing in it stands for something else.
            at += 1
            return scalar(String(decoding: UnsafeBufferPointer(start: text + from, count: at - 1 - from), as: UTF8.self), isPlain: false, at: start)
        }
        var bytes = Array(UnsafeBufferPointer(start: text + from, count: at - from))
        while true {
            let byte = text[at]
            guard byte != 10 else { throw Unknown() }
            at += 1
            if byte == quote {
                guard quote == UInt8(ascii: "'"), text[at] == quote else { break }
                at += 1
                bytes.append(quote)
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                switch text[at] {
                case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "/"): bytes.append(text[at])
                case UInt8(ascii: "n"): bytes.append(10)
                case UInt8(ascii: "t"): bytes.append(9)
                case UInt8(ascii: "r"): bytes.append(13)
                case UInt8(ascii: "x"):
                    guard let high = text[at + 1].hexValue, high < 8, let low = text[at + 2].hexValue, high | low > 0 else { throw Unknown() }
                    bytes.append(high << 4 | low)
                    at += 2
                default: throw Unknown()
                }
                at += 1
            } else {
                bytes.append(byte)
            }
        }
        return scalar(String(decoding: bytes, as: UTF8.self), isPlain: false, at: start)
    }

    // MARK: Nodes

    /// A column counted in characters, from one, of a byte of this line.
    private func lineColumn(_ bytes: Int, _ line: Int32) -> Int32 {
        // Blocks begin behind blanks and dashes, so that only the line being read can hold longer characters before one.
        guard line == self.line else { return Int32(bytes + 1) }
        var characters: Int32 = 1
        var place = lineStart
        while place < lineStart + bytes {
            if text[place] & 0xC0 != 0x80 { characters += 1 }
            place += 1
        }
        return characters
    }

    private mutating func scalar(_ text: String, isPlain: Bool, at start: Int) -> Int32 {
        scalar(text, isPlain: isPlain, line: line, column: lineColumn(start - lineStart, line))
    }

    private mutating func scalar(_ text: String, isPlain: Bool, line: Int32, column: Int32) -> Int32 {
        nodes.append(.init(kind: .scalar, isPlain: isPlain, line: line, column: column, first: 0, count: 0, text: text))
        return Int32(nodes.count - 1)
    }

    private mutating func close(_ kind: YAMLTree.Node.Kind, _ base: Int, line: Int32, column: Int32) throws(Unknown) -> Int32 {
        if kind == .mapping { try refuseTwins(base) }
        let first = Int32(members.count)
        members.append(contentsOf: open[base...])
        let count = Int32(open.count - base)
        open.removeSubrange(base...)
        nodes.append(.init(kind: kind, isPlain: false, line: line, column: column, first: first, count: count, text: ""))
        return Int32(nodes.count - 1)
    }

    /// Whether two keys of a mapping are one, only another reader can tell.
    private func refuseTwins(_ base: Int) throws(Unknown) {
        if open.count - base > 32 {
            var seen: Set<String> = []
            for place in stride(from: base, to: open.count, by: 2) {
                guard seen.insert(nodes[Int(open[place])].text).inserted else { throw Unknown() }
            }
            return
        }
        for place in stride(from: base + 2, to: open.count, by: 2) {
            for before in stride(from: base, to: place, by: 2) where nodes[Int(open[before])].text == nodes[Int(open[place])].text {
                throw Unknown()
            }
        }
    }
}
