/// User names where a text's structure gives them away: home folders, ARNs, `user=…`.
enum LoginDetector {
    private static let maximumBytes = 64

    /// `/home/NAME`, `/Users/NAME`, `:user/…/NAME` and `:assumed-role/ROLE/NAME` of an ARN, at the slash.
    static func findPath(_ text: ScrubText, at slash: Int, floor: Int) -> ScrubFinding? {
        if text.has("/home/", at: slash) { return name(text, from: slash + 6) }
        if text.has("/Users/", at: slash) { return name(text, from: slash + 7) }
        if text[slash - 1] == 0x72, text.has(":user/", at: slash - 5) || text.has("-user/", at: slash - 5) {
            return isARN(text, before: slash - 5) ? lastComponent(text, from: slash + 1) : nil
        }
        if text[slash - 1] == 0x65, text.has(":assumed-role/", at: slash - 13) {
            var position = slash + 1
            while position - slash < 80, isName(text[position]) { position += 1 }
            return text[position] == 0x2f ? name(text, from: position + 1) : nil
        }
        return nil
    }

    /// `arn:` begins at most 48 bytes before.
    private static func isARN(_ text: ScrubText, before end: Int) -> Bool {
        (max(0, end - 48)...max(0, end)).contains { text.has("arn:", at: $0) }
    }

    private static func lastComponent(_ text: ScrubText, from start: Int) -> ScrubFinding? {
        var begin = start
        var position = start
        while position - start < 160, isName(text[position]) || text[position] == 0x2f {
            if text[position] == 0x2f, isName(text[position + 1]) { begin = position + 1 }
            position += 1
        }
        return name(text, from: begin)
    }

    /// `user=NAME`, `ruser=NAME`, `login='NAME'`, at the equals sign.
    static func findNamed(_ text: ScrubText, separator: Int, floor: Int) -> ScrubFinding? {
        guard nameEndings.mayHold(text[separator - 2], text[separator - 1]) else { return nil }
        let word = AddressDetector.wordBefore(text, separator)
        guard names.contains(word) || (word == "name" && isAccountLine(text, before: separator - 4)) else { return nil }
        var start = separator + 1
        if text[start] == 0x22 || text[start] == 0x27 { start += 1 }
        return name(text, from: start)
    }

    /// `new user: name=` and `new group: name=` of the shadow tools; a user's own group bears the user's name.
    private static func isAccountLine(_ text: ScrubText, before end: Int) -> Bool {
        text.has("user: ", at: end - 6) || text.has("group: ", at: end - 7) || text.has("shadow: ", at: end - 8)
            || text.has("etc/group: ", at: end - 11)
    }

    /// `user 'NAME'`, `removed group 'NAME' owned by 'NAME'`, `add 'NAME' to group` of the shadow tools, at the opening quote.
    static func findQuoted(_ text: ScrubText, at quote: Int, floor: Int) -> ScrubFinding? {
        guard text[quote - 1] == 0x20, Byte.isLetter(text[quote - 2]) else { return nil }
        let word = AddressDetector.wordBefore(text, quote - 1)
        let isNamed: Bool
        switch word {
        case "user", "account", "login", "username": isNamed = true
        case "by": isNamed = text.has("owned ", at: quote - 9)
        case "group": isNamed = text.has("removed ", at: quote - 14) || text.has("shadow ", at: quote - 13)
        case "add", "delete", "remove": isNamed = true
        default: isNamed = false
        }
        guard isNamed, let found = name(text, from: quote + 1), text[found.end] == 0x27 else { return nil }
        if word == "add" || word == "delete" || word == "remove" {
            guard text.has(" to ", at: found.end + 1) || text.has(" from ", at: found.end + 1) else { return nil }
        }
        return found
    }

    private static let names: Set<String> = ["user", "username", "ruser", "login", "loginname", "logname", "acct", "owner", "enduser"]
    private static let nameEndings = BytePairFilter(endingsOf: (names.union(["name"])).map { Array($0.utf8) })

    /// The name that begins here: 3 to 64 bytes, not all digits. An e-mail address in its place is one.
    private static func name(_ text: ScrubText, from start: Int) -> ScrubFinding? {
        var end = start
        var onlyDigits = true
        while end - start < maximumBytes, isName(text[end]) {
            if text[end] == 0x40 { return EmailDetector.find(text, separator: end, size: 1, floor: start) }
            if text.has("%40", at: end) { return EmailDetector.find(text, separator: end, size: 3, floor: start) }
            onlyDigits = onlyDigits && Byte.isDigit(text[end])
            end += 1
        }
        while end > start, text[end - 1] == 0x2e || text[end - 1] == 0x2c || text[end - 1] == 0x2d { end -= 1 }
        guard end - start >= 3, !onlyDigits, !isAddressLike(text, start, end) else { return nil }
        return ScrubFinding(.login, start, end)
    }

    /// Digits and dots alone: the address detector's.
    private static func isAddressLike(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        (start..<end).allSatisfy { Byte.isDigit(text[$0]) || text[$0] == 0x2e }
    }

    private static func isName(_ byte: UInt8) -> Bool {
        Byte.isWord(byte) || byte == 0x2e || byte == 0x5f || byte == 0x2d || byte == 0x2b || byte == 0x40
    }
}
