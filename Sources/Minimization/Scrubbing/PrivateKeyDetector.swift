/// Private keys in PEM, whole, escaped (`\n`), cut at either end, or as a bare body line.
enum PrivateKeyDetector {
    /// A block that begins, or whose end line stands, at this dash.
    static func find(_ text: ScrubText, at dash: Int, floor: Int) -> ScrubFinding? {
        guard text[dash + 1] == 0x2d, text[dash - 1] != 0x2d || dash == floor else { return nil }
        var words = dash
        while text[words] == 0x2d, words - dash < 8 { words += 1 }
        guard words - dash >= 4 else { return nil }
        if text[words] == 0x20 { words += 1 }
        if text.has("BEGIN ", at: words), let headEnd = lineEnd(text, words + 6) {
            return ScrubFinding(.privateKey, dash, blockEnd(text, from: headEnd))
        }
        if text.has("END ", at: words), let end = lineEnd(text, words + 4) {
            var start = dash
            while start > floor, isBody(text[start - 1]) { start -= 1 }
            return ScrubFinding(.privateKey, start, end)
        }
        return nil
    }

    /// The end of the dashes behind `… PRIVATE KEY …`, or nil where the line names something else.
    private static func lineEnd(_ text: ScrubText, _ start: Int) -> Int? {
        var position = start
        var isPrivate = false
        while position - start < 48 {
            if text.has("PRIVATE KEY", at: position) { isPrivate = true }
            guard Byte.isUpper(text[position]) || Byte.isDigit(text[position]) || text[position] == 0x20 else { break }
            position += 1
        }
        guard isPrivate else { return nil }
        while text[position] == 0x2d { position += 1 }
        return position
    }

    /// The end of the block's end line, or of the bytes that can belong to a cut block.
    private static func blockEnd(_ text: ScrubText, from start: Int) -> Int {
        var position = start
        while position < text.count {
            if text[position] == 0x2d, text[position + 1] == 0x2d {
                var words = position
                while text[words] == 0x2d, words - position < 8 { words += 1 }
                if text[words] == 0x20 { words += 1 }
                if text.has("END ", at: words), let end = lineEnd(text, words + 4) { return end }
                // Another block begins, or this is no key any more.
                if words - position >= 4 { return position }
            }
            guard isBody(text[position]) || text[position] == 0x2d || text[position] == 0x2c else { return position }
            position += 1
        }
        return text.count
    }

    /// Base64, white space, and what escapes (`\n`, syslog's `#012`) and RFC 1421 headers need.
    private static func isBody(_ byte: UInt8) -> Bool {
        Byte.isAlnum(byte) || Byte.isSpace(byte) || [0x2b, 0x2f, 0x3d, 0x5c, 0x3a, 0x23].contains(byte)
    }

    /// The first line of a key's body, when records cut a block into lines: DER of PKCS #1 and #8 begins alike.
    static func findBody(_ text: ScrubText, at letter: Int, floor: Int) -> ScrubFinding? {
        guard text[letter + 1] == 0x49, !Byte.isAlnum(text[letter - 1]) || text[letter - 2] == 0x5c else { return nil }
        let isKey =
            (5...7).contains {
                text.has("IBAA", at: letter + $0) || text.has("IBAD", at: letter + $0) || text.has("AgEAAo", at: letter + $0)
            }
            || text.has("MC4CAQAwBQYDK2Vw", at: letter) || text.has("MIGHAgEAMBMG", at: letter) || text.has("MHcCAQEE", at: letter)
        guard isKey else { return nil }
        var end = letter
        while Byte.isAlnum(text[end]) || [0x2b, 0x2f, 0x3d].contains(text[end]) { end += 1 }
        return end - letter >= 32 ? ScrubFinding(.privateKey, letter, end) : nil
    }
}
