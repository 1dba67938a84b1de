/// `key=value` pairs in a text, values optionally in quotes.
struct KeyValueText: BitwiseCopyable, Sendable {
    /// Byte between pairs; a blank stands for any run of blanks.
    let separator: UInt8
    /// Byte between key and value.
    let assign: UInt8
    /// Table of the keys whose values are hex digits where they stand without quotes, or -1.
    let hexKeys: Int32
    /// Whether a value goes on to the next word that is followed by the assignment, as in CEF; `\` then escapes, and quotes mean nothing.
    let valuesMayHoldBlanks: Bool
    /// Another byte between pairs: where those are blanks, the one before what auditd adds to a line.
    private var otherSeparator: UInt8 { separator == 32 ? 0x1D : separator }

    init(separator: UInt8, assign: UInt8, hexKeys: Int32 = -1, valuesMayHoldBlanks: Bool = false) {
        self.separator = separator
        self.assign = assign
        self.hexKeys = hexKeys
        self.valuesMayHoldBlanks = valuesMayHoldBlanks
    }

    /// Calls `pair` with each pair, quotes resolved. Words without an assignment are passed over.
    func pairs(_ text: ByteSlice, arena: Arena, _ pair: (ByteSlice, ByteSlice) -> Void) {
        quotedPairs(text, arena: arena) { key, value, _ in pair(key, value) }
    }

    /// As ``pairs(_:arena:_:)``, and whether the value stood in quotes.
    @inline(__always)
    func quotedPairs(_ text: ByteSlice, arena: Arena, _ pair: (ByteSlice, ByteSlice, Bool) -> Void) {
        if valuesMayHoldBlanks { return longPairs(text, arena: arena, pair) }
        let other = otherSeparator
        var at = 0
        while at < text.count {
            while at < text.count, text[at].isBlank || text[at] == separator || text[at] == other { at += 1 }
            let keyStart = at
            while at < text.count, text[at] != assign, text[at] != separator, text[at] != other { at += 1 }
            guard at < text.count, text[at] == assign else { continue }
            let key = text.sub(keyStart, at).trimmed
            at += 1
            if separator != 32 { while at < text.count, text[at] == 32 { at += 1 } }
            let value: ByteSlice
            var isQuoted = false
            if at < text.count, text[at] == UInt8(ascii: "\"") || text[at] == UInt8(ascii: "'") {
                guard let close = closingQuote(text, at) else { return }
                let inside = text.sub(at + 1, close)
                value = inside.firstIndex(of: UInt8(ascii: "\\")) == nil ? inside : QuotedText.plain(inside, arena: arena)
                at = close + 1
                isQuoted = true
            } else {
                let start = at
                while at < text.count, text[at] != separator, text[at] != other { at += 1 }
                value = text.sub(start, at).trimmed
            }
            if !key.isEmpty { pair(key, value, isQuoted) }
        }
    }

    private func closingQuote(_ text: ByteSlice, _ open: Int) -> Int? {
        var at = open + 1
        while at < text.count {
            if text[at] == UInt8(ascii: "\\") { at += 2; continue }
            if text[at] == text[open] { return at }
            at += 1
        }
        return nil
    }

    // MARK: Values that hold blanks

    /// The text before the first key belongs to nobody.
    private func longPairs(_ text: ByteSlice, arena: Arena, _ pair: (ByteSlice, ByteSlice, Bool) -> Void) {
        guard var key = nextKey(text, from: 0) else { return }
        while true {
            let next = nextKey(text, from: key.assign + 1)
            let value = text.sub(key.assign + 1, next?.start ?? text.count).trimmed
            let isPlain = value.firstIndex(of: UInt8(ascii: "\\")) == nil
            pair(text.sub(key.start, key.assign), isPlain ? value : QuotedText.unescaped(value, arena: arena), false)
            guard let next else { return }
            key = next
        }
    }

    /// The next assignment that a word at the text's beginning or behind a blank stands before: where the word begins, and the assignment.
    private func nextKey(_ text: ByteSlice, from start: Int) -> (start: Int, assign: Int)? {
        var from = start
        while let hit = text.firstIndex(of: assign, from: from) {
            var word = hit
            while word > start, Self.isOfKey(text[word - 1]) { word -= 1 }
            // A key directly behind an assignment would be that one's value.
            if word < hit, word == 0 || text[word - 1].isBlank { return (word, hit) }
            from = hit + 1
        }
        return nil
    }

    private static func isOfKey(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]")
    }
}
