/// E-mail addresses, also percent-encoded, HTML-encoded, JSON-escaped, full-width, and `name [at] example [dot] com`.
enum EmailDetector {
    private static let maximumLocalBytes = 96
    private static let maximumDomainBytes = 253

    /// The size of an encoded `@` at this place, or nil.
    static func encodedAtSize(_ text: ScrubText, at index: Int) -> Int? {
        switch text[index] {
        case UInt8(ascii: "%"): text.has("%40", at: index) ? 3 : text.has("%2540", at: index) ? 5 : nil
        case UInt8(ascii: "&"):
            text.has("&#64;", at: index) ? 5 : text.hasIgnoringCase("&#x40;", at: index) ? 6 : text.has("&commat;", at: index) ? 8 : nil
        case UInt8(ascii: "\\"): text.has("\\u0040", at: index) ? 6 : text.has("\\x40", at: index) ? 4 : nil
        case 0xef: text[index + 1] == 0xbc && text[index + 2] == 0xa0 || text[index + 1] == 0xb9 && text[index + 2] == 0xab ? 3 : nil
        case UInt8(ascii: "["): text.hasIgnoringCase("[at]", at: index) ? 4 : nil
        case UInt8(ascii: "("): text.hasIgnoringCase("(at)", at: index) ? 4 : nil
        default: nil
        }
    }

    /// The address around a separator, if there is one.
    static func find(_ text: ScrubText, separator: Int, size: Int, floor: Int) -> ScrubFinding? {
        var left = separator
        var right = separator + size
        let isSpelledOut = size == 4 && (text[separator] == UInt8(ascii: "[") || text[separator] == UInt8(ascii: "("))
        if isSpelledOut {
            while left > floor, separator - left < 3, text[left - 1] == 0x20 { left -= 1 }
            while right - separator < 8, text[right] == 0x20 { right += 1 }
        }
        guard let end = domainEnd(text, from: right, spelledOut: isSpelledOut) else { return nil }
        let start = localStart(text, before: left, floor: floor)
        // git@host is how everybody reaches a repository.
        guard start < left, !(left - start == 3 && text.has("git", at: start)) else { return nil }
        return ScrubFinding(.email, start, end)
    }

    // MARK: Local part

    private static func localStart(_ text: ScrubText, before end: Int, floor: Int) -> Int {
        let limit = max(floor, end - maximumLocalBytes)
        if text[end - 1] == UInt8(ascii: "\"") { return quotedStart(text, before: end, limit: limit) }
        var start = end
        var hasASCII = false
        while start > limit {
            let byte = text[start - 1]
            if byte < 0x80 {
                guard isLocal(byte) || isInnerApostrophe(text, at: start - 1) else {
                    guard let decoded = percentDecoded(text, hexAt: start, end: end) else { break }
                    guard isLocal(decoded) else { return trimmed(text, from: start + 2, to: end) }
                    start -= 1
                    continue
                }
                hasASCII = true
                start -= 1
            } else {
                let size = wideSize(text, endingAt: start, isASCIIBefore: hasASCII)
                guard size > 0, start - size >= limit else { break }
                start -= size
            }
        }
        return trimmed(text, from: withoutEscape(text, from: start, to: end), to: end)
    }

    /// `"john doe"@example.com`
    private static func quotedStart(_ text: ScrubText, before end: Int, limit: Int) -> Int {
        var start = end - 1
        while start > limit {
            start -= 1
            if text[start] == UInt8(ascii: "\"") { return end - start > 2 ? start : end }
        }
        return end
    }

    @inline(__always)
    private static func isLocal(_ byte: UInt8) -> Bool {
        Byte.isAlnum(byte) || byte == 0x2e || byte == 0x5f || byte == 0x2d || byte == 0x2b
    }

    /// The apostrophe of o'brien, but not the quote of an SQL literal such as E'alice.
    private static func isInnerApostrophe(_ text: ScrubText, at index: Int) -> Bool {
        guard text[index] == UInt8(ascii: "'"), Byte.isLetter(text[index - 1]), Byte.isLetter(text[index + 1]) else { return false }
        let isSingle = !Byte.isWord(text[index - 2])
        return !(isSingle && [UInt8(ascii: "e"), UInt8(ascii: "n"), UInt8(ascii: "b"), UInt8(ascii: "x")].contains(text[index - 1] | 0x20))
    }

    /// The byte that `%XX` stands for when `%` lies just before `hexAt`.
    private static func percentDecoded(_ text: ScrubText, hexAt index: Int, end: Int) -> UInt8? {
        guard text[index - 1] == UInt8(ascii: "%"), index + 2 <= end, Byte.isHex(text[index]), Byte.isHex(text[index + 1]) else {
            return nil
        }
        return Byte.hexValue(text[index]) << 4 | Byte.hexValue(text[index + 1])
    }

    /// The bytes of a character beyond ASCII that ends here and may belong to an address; 0 where it may not. After ASCII letters only
    /// alphabetic scripts and full-width forms go on: an ideograph before `alice@` is the text around it.
    private static func wideSize(_ text: ScrubText, endingAt end: Int, isASCIIBefore: Bool) -> Int {
        var lead = end - 1
        while end - lead < 4, text[lead] & 0xc0 == 0x80 { lead -= 1 }
        let first = text[lead]
        let size = end - lead
        switch first {
        case 0xc3...0xdf: return size == 2 ? 2 : 0
        case 0xef: return size == 3 && isFullWidth(text, at: lead) ? 3 : 0
        case 0xe2: return 0
        case 0xe3: return size == 3 && text[lead + 1] != 0x80 && !isASCIIBefore ? 3 : 0
        case 0xe0...0xee: return size == 3 && !isASCIIBefore ? 3 : 0
        case 0xf0...0xf4: return size == 4 && !isASCIIBefore ? 4 : 0
        default: return 0
        }
    }

    /// A full-width letter, digit, dot, hyphen, plus or low line.
    private static func isFullWidth(_ text: ScrubText, at lead: Int) -> Bool {
        guard let character = fullWidthASCII(text, at: lead) else { return false }
        return isLocal(character)
    }

    /// The ASCII character that a full-width form at `lead` stands for.
    static func fullWidthASCII(_ text: ScrubText, at lead: Int) -> UInt8? {
        guard text[lead] == 0xef else { return nil }
        switch (text[lead + 1], text[lead + 2]) {
        case (0xbc, let low) where low >= 0x81 && low <= 0xbf: return low - 0x81 + 0x21
        case (0xbd, let low) where low >= 0x80 && low <= 0x9e: return low - 0x80 + 0x60
        default: return nil
        }
    }

    /// Takes the letters of an escape such as `\n` or `\u003c` off the front.
    private static func withoutEscape(_ text: ScrubText, from start: Int, to end: Int) -> Int {
        if NumberDetector.isOctalEscape(text, at: start), end - start > 3 { return start + 3 }
        guard text[start - 1] == UInt8(ascii: "\\") else { return start }
        switch text[start] {
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "b"), UInt8(ascii: "f"): return min(start + 1, end)
        case UInt8(ascii: "u"): return end - start > 5 ? start + 5 : start
        case UInt8(ascii: "x"): return end - start > 3 ? start + 3 : start
        default: return start
        }
    }

    private static func trimmed(_ text: ScrubText, from start: Int, to end: Int) -> Int {
        var start = start
        while start < end, text[start] == 0x2e || text[start] == 0x2d || text[start] == 0x2b { start += 1 }
        return start
    }

    // MARK: Domain

    /// The end of a domain with at least one dot and a plausible last label.
    private static func domainEnd(_ text: ScrubText, from start: Int, spelledOut: Bool) -> Int? {
        let limit = start + maximumDomainBytes
        var position = start
        var labelStart = start
        var labelIsWide = false
        var dots = 0
        // The last place where the domain could end, which is after a whole label.
        var end: Int?
        while position < limit {
            let byte = text[position]
            if Byte.isAlnum(byte) || byte == 0x2d {
                position += 1
            } else if let size = dotSize(text, at: position, dots: dots, spelledOut: spelledOut) {
                guard position > labelStart else { break }
                if dots > 0, isTopLabel(text, labelStart, position) { end = position }
                dots += 1
                position += size
                labelStart = position
                labelIsWide = text[position] >= 0xe0 && fullWidthASCII(text, at: position) == nil
            } else if byte >= 0xc3, byte <= 0xdf {
                position += 2
            } else if fullWidthASCII(text, at: position).map(Byte.isAlnum) == true {
                position += 3
            } else if byte >= 0xe0, labelIsWide || (dots == 0 && position == start) {
                labelIsWide = true
                position += byte >= 0xf0 ? 4 : 3
            } else {
                break
            }
        }
        position = min(position, text.count)
        while position > labelStart, text[position - 1] == 0x2d { position -= 1 }
        if dots > 0, position > labelStart, isTopLabel(text, labelStart, position) { end = position }
        guard let end, !isLookAlike(text, start, end) else { return nil }
        return end
    }

    private static func dotSize(_ text: ScrubText, at index: Int, dots: Int, spelledOut: Bool) -> Int? {
        if text[index] == 0x2e { return 1 }
        if text[index] == 0xef, text[index + 1] == 0xbc, text[index + 2] == 0x8e { return 3 }
        if text[index] == 0xe3, text[index + 1] == 0x80, text[index + 2] == 0x82, dots == 0 { return 3 }
        guard spelledOut else { return nil }
        var place = index
        while place - index < 2, text[place] == 0x20 { place += 1 }
        guard text.hasIgnoringCase("[dot]", at: place) || text.hasIgnoringCase("(dot)", at: place) else { return nil }
        place += 5
        while place - index < 9, text[place] == 0x20 { place += 1 }
        return place - index
    }

    /// At least two letters, or letters beyond ASCII, or an `xn--` label.
    private static func isTopLabel(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        guard end - start >= 2 else { return false }
        if text.hasIgnoringCase("xn--", at: start) { return true }
        return (start..<end).allSatisfy { Byte.isLetter(text[$0]) || text[$0] >= 0x80 }
    }

    /// Things of the shape name@label.label that are no addresses: systemd units, versions of packages, pictures for dense screens.
    private static func isLookAlike(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        // Labels so far, where the first and the last one lie, how many at the front are numbers, and whether all begin with a digit.
        var (count, first, last) = (0, start..<start, start..<start)
        var (numbers, allBeginWithDigit) = (0, true)
        var place = start
        while place < end {
            if text[place] == 0x2e {
                place += 1
                continue
            }
            let labelStart = place
            var isNumber = true
            while place < end, text[place] != 0x2e {
                if !Byte.isDigit(text[place]) { isNumber = false }
                place += 1
            }
            // What is said of labels concerns all but the last one: it is taken in when the next one comes.
            if count > 0, !Byte.isDigit(text[last.lowerBound]) { allBeginWithDigit = false }
            last = labelStart..<place
            if count == 0 { first = last }
            if isNumber, numbers == count { numbers += 1 }
            count += 1
        }
        guard count > 0 else { return true }
        if isOne(of: unitSuffixes, text, last) { return true }
        if count == 2, first.count == 2, Byte.lower(text[first.lowerBound + 1]) == 0x78, isOne(of: pictureSuffixes, text, last) {
            return true
        }
        return count > 2 && numbers >= 2 && allBeginWithDigit
    }

    private static func isOne(of words: [StaticString], _ text: ScrubText, _ range: Range<Int>) -> Bool {
        for word in words where word.utf8CodeUnitCount == range.count && text.hasIgnoringCase(word, at: range.lowerBound) { return true }
        return false
    }

    private static let unitSuffixes: [StaticString] = [
        "service", "socket", "timer", "mount", "slice", "scope", "target", "swap", "automount", "path", "device",
    ]
    private static let pictureSuffixes: [StaticString] = ["png", "jpg", "jpeg", "gif", "webp", "svg", "avif"]

    // MARK: Value

    /// The address in plain spelling: encodings undone, lower case.
    static func value(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBufferPointer { buffer in
            let text = ScrubText(buffer)
            var out: [UInt8] = []
            var index = 0
            while index < text.count {
                if let size = encodedAtSize(text, at: index) {
                    out.append(UInt8(ascii: "@"))
                    index += size
                } else if let character = fullWidthASCII(text, at: index) {
                    out.append(character)
                    index += 3
                } else if text[index] == 0xe3, text[index + 1] == 0x80, text[index + 2] == 0x82 {
                    out.append(UInt8(ascii: "."))
                    index += 3
                } else if text.hasIgnoringCase("[dot]", at: index) || text.hasIgnoringCase("(dot)", at: index) {
                    out.append(UInt8(ascii: "."))
                    index += 5
                } else if text[index] == UInt8(ascii: "%"), Byte.isHex(text[index + 1]), Byte.isHex(text[index + 2]) {
                    out.append(Byte.hexValue(text[index + 1]) << 4 | Byte.hexValue(text[index + 2]))
                    index += 3
                } else {
                    if text[index] != 0x20 || text[0] == UInt8(ascii: "\"") { out.append(text[index]) }
                    index += 1
                }
            }
            return String(decoding: out, as: UTF8.self).lowercased()
        }
    }
}
