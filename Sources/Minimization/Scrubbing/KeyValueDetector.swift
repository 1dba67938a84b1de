/// Values whose name says that they are secret: `password=…`, `"token": "…"`, `Authorization: Bearer …`, `--secret …`, `PASSWORD '…'`.
enum KeyValueDetector {
    private static let maximumValueBytes = 8_192

    // MARK: name = value

    /// The value behind a separator whose name is a secret's. `size` is the separator's: 1, or 3 for `%3D`.
    static func find(_ text: ScrubText, separator: Int, size: Int, floor: Int) -> ScrubFinding? {
        // `=>` of Ruby, `:=` of Go and SQL: the value begins behind the second character.
        var valueStart = separator + size
        if text[valueStart] == 0x3e || (text[valueStart] == 0x3d && text[separator] != 0x3d) { valueStart += 1 }
        var nameEnd = separator
        if nameEnd > floor, text[nameEnd - 1] == 0x20 { nameEnd -= 1 }
        if nameEnd > floor, text[nameEnd - 1] == 0x22 || text[nameEnd - 1] == 0x27 || text[nameEnd - 1] == 0x5d { nameEnd -= 1 }
        while nameEnd > floor, text[nameEnd - 1] == 0x5c { nameEnd -= 1 }
        if nameEnd - 3 >= floor, text.has("%22", at: nameEnd - 3) { nameEnd -= 3 }
        guard nameEnd > floor, let name = SecretName(text, endingAt: nameEnd, floor: floor) else { return nil }
        return value(text, from: valueStart, name: name, isEncoded: size == 3)
    }

    /// The value that begins at `start` or up to three blanks behind it.
    private static func value(_ text: ScrubText, from start: Int, name: SecretName, isEncoded: Bool) -> ScrubFinding? {
        var start = start
        var blanks = 0
        while blanks < 3, text[start] == 0x20 || text[start] == 0x09 {
            start += 1
            blanks += 1
        }
        if isEncoded, text.has("%22", at: start) { start += 3 }
        let quote = openingQuote(text, at: start)
        if let quote { start += quote.size }
        if name.isHeader, let behind = schemeEnd(text, at: start) {
            start = behind.end
            if behind.takesLine {
                return finding(text, start, lineEnd(text, from: start), name)
            }
        } else if name.isHeader, name.takesLine {
            return finding(text, start, quote.map { quotedEnd(text, from: start, quote: $0) } ?? lineEnd(text, from: start), name)
        }
        let end = quote.map { quotedEnd(text, from: start, quote: $0) } ?? bareEnd(text, from: start, isEncoded: isEncoded)
        return finding(text, start, end, name)
    }

    private static func finding(_ text: ScrubText, _ start: Int, _ end: Int, _ name: SecretName) -> ScrubFinding? {
        guard end > start, !isPlaceholder(text, start, end), !(name.isWeak && isPlain(text, start, end)) else { return nil }
        // PWD=/home/x is the working folder, in sudo's lines and environments.
        if name.mayBeFolder, text[start] == 0x2f || text[start] == 0x7e { return nil }
        return ScrubFinding(name.isAWS ? .awsKey : .secret, start, end)
    }

    // MARK: Ends of values

    private struct Quote {
        let byte: UInt8
        let backslashes: Int
        var size: Int { backslashes + 1 }
    }

    private static func openingQuote(_ text: ScrubText, at start: Int) -> Quote? {
        var place = start
        while text[place] == 0x5c, place - start < 8 { place += 1 }
        guard text[place] == 0x22 || text[place] == 0x27 || (text[place] == 0x60 && place == start) else { return nil }
        return Quote(byte: text[place], backslashes: place - start)
    }

    /// The next quote that is escaped as often as the opening one, or the end of the text.
    private static func quotedEnd(_ text: ScrubText, from start: Int, quote: Quote) -> Int {
        var position = start
        var backslashes = 0
        while position < text.count, position - start < maximumValueBytes {
            let byte = text[position]
            if byte == 0x5c {
                backslashes += 1
            } else {
                if byte == quote.byte, backslashes <= quote.backslashes || (quote.backslashes == 0 && backslashes % 2 == 0) {
                    return position - min(backslashes, quote.backslashes)
                }
                backslashes = 0
            }
            position += 1
        }
        return position
    }

    private static func bareEnd(_ text: ScrubText, from start: Int, isEncoded: Bool) -> Int {
        var position = start
        while position < text.count, position - start < maximumValueBytes {
            let byte = text[position]
            if byte <= 0x20 || [0x26, 0x2c, 0x3b, 0x22, 0x27, 0x3c, 0x3e, 0x29, 0x7d, 0x5d].contains(byte) { break }
            if byte == 0x5c, [0x6e, 0x74, 0x72, 0x22].contains(text[position + 1]) { break }
            if isEncoded, text.has("%26", at: position) || text.has("%22", at: position) || text.has("%2C", at: position) { break }
            position += 1
        }
        return position
    }

    private static func lineEnd(_ text: ScrubText, from start: Int) -> Int {
        var position = start
        while position < text.count, position - start < maximumValueBytes {
            let byte = text[position]
            if byte == 0x0a || byte == 0x0d || byte == 0x22 || (byte == 0x5c && [0x6e, 0x72, 0x22].contains(text[position + 1])) { break }
            position += 1
        }
        return position
    }

    /// `Bearer `, `Basic `, … at the beginning of an Authorization header: the scheme stays. Schemes with parameters take the line.
    private static func schemeEnd(_ text: ScrubText, at start: Int) -> (end: Int, takesLine: Bool)? {
        if text.hasIgnoringCase("bearer ", at: start) { return (start + 7, false) }
        if text.hasIgnoringCase("basic ", at: start) { return (start + 6, false) }
        if text.hasIgnoringCase("token ", at: start) { return (start + 6, false) }
        if text.hasIgnoringCase("ssws ", at: start) { return (start + 5, false) }
        if text.hasIgnoringCase("apikey ", at: start) { return (start + 7, false) }
        if text.hasIgnoringCase("negotiate ", at: start) { return (start + 10, false) }
        if text.hasIgnoringCase("digest ", at: start) { return (start + 7, true) }
        if text.hasIgnoringCase("aws4-hmac-sha256 ", at: start) { return (start + 17, true) }
        return nil
    }

    // MARK: What is no secret

    /// Nothing, a marker that somebody scrubbed before, a parameter's place, the beginning of a structure.
    private static func isPlaceholder(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        let first = text[start]
        let size = end - start
        if size == 1, !Byte.isAlnum(first) { return true }
        if first == 0x7b || first == 0x5b || first == 0x3c || (first == 0x24 && (text[start + 1] == 0x7b || size <= 3)) { return true }
        if first == 0x2a, (start..<end).allSatisfy({ text[$0] == 0x2a }) { return true }
        guard size <= 12 else { return false }
        return placeholders.contains(String(decoding: text.bytes(start..<end), as: UTF8.self).lowercased())
    }

    private static let placeholders: Set<String> = [
        "null", "nil", "none", "true", "false", "undefined", "redacted", "filtered", "masked", "hidden", "%s", "usr", "(null)",
        "required", "expired", "invalid", "missing", "incorrect", "chauthtok", "auth", "session", "account",
    ]

    /// A short number or a word: what `pass: 12`, `key: name` and `token: expired` hold.
    private static func isPlain(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        guard end - start < 20 else { return false }
        return (start..<end).allSatisfy { Byte.isLetter(text[$0]) } || (start..<end).allSatisfy { Byte.isDigit(text[$0]) }
    }

    // MARK: --flag value

    /// The value of a command line's `--password value`, or the password of `-u user:password`, at the first dash.
    static func findFlag(_ text: ScrubText, at dash: Int, floor: Int) -> ScrubFinding? {
        guard text[dash - 1] <= 0x20 || text[dash - 1] == 0x22 || text[dash - 1] == 0x27 else { return nil }
        if text[dash + 1] == 0x75, text[dash + 2] == 0x20 { return userPassword(text, from: dash + 3) }
        if text[dash + 1] == 0x70, text[dash + 2] != 0x20 { return attachedPassword(text, at: dash) }
        guard text[dash + 1] == 0x2d, Byte.isLetter(text[dash + 2]) else { return nil }
        var end = dash + 2
        while Byte.isAlnum(text[end]) || text[end] == 0x2d || text[end] == 0x5f, end - dash < 48 { end += 1 }
        guard text[end] == 0x20 else { return nil }
        if text.has("--user ", at: dash) { return userPassword(text, from: dash + 7) }
        guard let name = SecretName(text, endingAt: end, floor: floor), text[end + 1] != 0x2d else { return nil }
        return value(text, from: end, name: name, isEncoded: false)
    }

    private static func userPassword(_ text: ScrubText, from start: Int) -> ScrubFinding? {
        var start = start
        if text[start] == 0x22 || text[start] == 0x27 { start += 1 }
        let end = bareEnd(text, from: start, isEncoded: false)
        guard let colon = (start..<end).first(where: { text[$0] == 0x3a }), end > colon + 2 else { return nil }
        return ScrubFinding(.secret, colon + 1, end)
    }

    /// `mysql -pPassword`
    private static func attachedPassword(_ text: ScrubText, at dash: Int) -> ScrubFinding? {
        let from = max(0, dash - 64)
        guard dash >= 6, (from...(dash - 5)).contains(where: { text.has("mysql", at: $0) || text.has("sshpass", at: $0) }) else {
            return nil
        }
        let end = bareEnd(text, from: dash + 2, isEncoded: false)
        return end > dash + 4 ? ScrubFinding(.secret, dash + 2, end) : nil
    }

    // MARK: PASSWORD '…'

    /// The literal behind `PASSWORD`, `IDENTIFIED BY` or `password is`, at its opening quote.
    static func findQuoted(_ text: ScrubText, at quote: Int, floor: Int) -> ScrubFinding? {
        let before = text[quote - 1]
        guard before == 0x20 || Byte.isLetter(before) || before == 0x28 else { return nil }
        var end = quote
        // E'…' and N'…' literals.
        if Byte.isLetter(before), text[quote - 2] == 0x20 || text[quote - 2] == 0x28 { end -= 1 }
        while end > floor, quote - end < 4, text[end - 1] == 0x20 || text[end - 1] == 0x28 { end -= 1 }
        guard end < quote else { return nil }
        let word = AddressDetector.wordBefore(text, end)
        let isSecret =
            word == "password" || word == "passwd" || word == "passphrase" || word == "secret"
            || ((word == "by" || word == "is" || word == "as") && isPasswordWord(text, end - word.utf8.count))
        guard isSecret else { return nil }
        let close = quotedEnd(text, from: quote + 1, quote: Quote(byte: 0x27, backslashes: 0))
        guard close > quote + 1, !isPlaceholder(text, quote + 1, close) else { return nil }
        return ScrubFinding(.secret, quote + 1, close)
    }

    private static func isPasswordWord(_ text: ScrubText, _ end: Int) -> Bool {
        var end = end
        while end > 0, text[end - 1] == 0x20 { end -= 1 }
        return ["identified", "password", "passwd", "passphrase", "auth", "hash"].contains(AddressDetector.wordBefore(text, end))
    }
}
