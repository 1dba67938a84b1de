/// Finds where elements of an XML text end, for framing: tags are told apart, nothing is checked beyond that.
enum XMLElementScanner {
    enum Outcome: Equatable {
        /// A record: it ends before this offset.
        case element(Int)
        /// What wraps records, or stands between them, ends before this offset.
        case passed(Int)
        /// The bytes end inside it.
        case more
        /// Not XML that is read.
        case broken(XMLReader.Fault)
    }

    /// Looks at what begins with the `<` at `start`.
    ///
    /// - Parameter names: Names of the elements that are records.
    static func next(_ text: ByteSlice, from start: Int, names: FlatList<ByteSlice>) -> Outcome {
        guard start + 1 < text.count else { return .more }
        switch text[start + 1] {
        case UInt8(ascii: "?"): return end(text, from: start + 2, of: "?>").map(Outcome.passed) ?? .more
        case UInt8(ascii: "!"):
            let rest = text.sub(start, text.count)
            if rest.hasBytes("<!--") { return end(text, from: start + 4, of: "-->").map(Outcome.passed) ?? .more }
            return rest.count < 4 ? .more : .broken(.documentType)
        case UInt8(ascii: "/"): return end(text, from: start + 2, of: ">").map(Outcome.passed) ?? .more
        default: break
        }
        var nameEnd = start + 1
        while nameEnd < text.count, XMLReader.isOfName(text[nameEnd]) { nameEnd += 1 }
        guard nameEnd < text.count else { return .more }
        guard nameEnd > start + 1 else { return .broken(.grammar) }
        let name = text.sub(start + 1, nameEnd)
        guard let tag = tagEnd(text, from: nameEnd) else { return .more }
        guard (0..<names.count).contains(where: { names[$0].equals(name) }) else {
            // The text behind a wrapper's own tag, in its line, is the wrapper's.
            var at = tag.end
            while at < text.count, text[at] != 10, text[at] != UInt8(ascii: "<") { at += 1 }
            return at < text.count ? .passed(at) : .more
        }
        return tag.isWhole ? .element(tag.end) : elementEnd(text, from: tag.end)
    }

    /// The end of an element whose beginning is read; tags in it are counted.
    private static func elementEnd(_ text: ByteSlice, from start: Int) -> Outcome {
        var depth = 1
        var at = start
        while let open = text.firstIndex(of: UInt8(ascii: "<"), from: at) {
            let rest = text.sub(open, text.count)
            guard rest.count > 1 else { return .more }
            if rest.hasBytes("<!--") {
                guard let end = end(text, from: open + 4, of: "-->") else { return .more }
                at = end
            } else if rest.hasBytes("<![CDATA[") {
                guard let end = end(text, from: open + 9, of: "]]>") else { return .more }
                at = end
            } else if rest[1] == UInt8(ascii: "!") {
                return rest.count < 9 ? .more : .broken(.documentType)
            } else if rest[1] == UInt8(ascii: "?") {
                guard let end = end(text, from: open + 2, of: "?>") else { return .more }
                at = end
            } else {
                guard let tag = tagEnd(text, from: open + 1) else { return .more }
                at = tag.end
                if rest[1] == UInt8(ascii: "/") { depth -= 1 } else if !tag.isWhole { depth += 1 }
                if depth == 0 { return .element(at) }
                if depth > XMLReader.maximumDepth { return .broken(.tooDeep) }
            }
        }
        return .more
    }

    /// Behind the `>` of a tag, quotes passed over, and whether it closes itself.
    private static func tagEnd(_ text: ByteSlice, from start: Int) -> (end: Int, isWhole: Bool)? {
        var at = start
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: ">") { return (at + 1, at > start && text[at - 1] == UInt8(ascii: "/")) }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                guard let close = text.firstIndex(of: byte, from: at + 1) else { return nil }
                at = close
            }
            at += 1
        }
        return nil
    }

    private static func end(_ text: ByteSlice, from start: Int, of literal: StaticString) -> Int? {
        text.firstRange(of: ByteSlice(literal), from: start).map { $0 + literal.utf8CodeUnitCount }
    }
}
