/// What begins with a digit: addresses, cards, social security numbers, phones, IBANs.
///
/// A number is looked at once, from its first digit; the scan then goes on behind it, which keeps the time linear.
enum NumberDetector {
    /// The digits of one number and the separators between them.
    struct Groups {
        /// Start and end of each run of digits.
        var runs: [(start: Int, end: Int)] = []
        /// The separators, one fewer than the runs.
        var separators: [UInt8] = []
        var digitCount = 0
    }

    private static let maximumGroups = 19

    static func find(_ text: ScrubText, at first: Int, floor: Int, next: inout Int) -> ScrubFinding? {
        var start = first
        if text[start - 1] == 0x25, Byte.isHex(text[start + 1]) {
            // The two digits of a percent code; what follows begins anew.
            guard Byte.isDigit(text[start + 2]) else {
                next = start + 2
                return nil
            }
            start += 2
        }
        if isOctalEscape(text, at: start) {
            guard Byte.isDigit(text[start + 3]) else {
                next = start + 3
                return nil
            }
            start += 3
        }
        // Behind such a code begins something new.
        let before = start > first ? 0x20 : text[start - 1]
        if start > floor, isGluedToWord(text, at: start, before) {
            return findInsideWord(text, at: start, floor: floor, next: &next)
        }
        var end = start
        while Byte.isDigit(text[end]) { end += 1 }
        next = end
        let size = end - start
        let after = text[end]
        if after == 0x2e, size <= 3, Byte.isDigit(text[end + 1]) {
            if let finding = AddressDetector.findIPv4(text, at: start, floor: floor, next: &next) { return finding }
            return findDottedPhone(text, at: start)
        }
        if before == 0x2d, after == 0x2d, size <= 3, let finding = AddressDetector.findDashed(text, at: start, floor: floor) {
            return finding
        }
        if Byte.isLetter(after) {
            // A hexadecimal id, a UUID, a size: step over the word. An IPv6 address is found at its colon.
            while Byte.isAlnum(text[end]) { end += 1 }
            next = end
            return nil
        }
        if size >= 7 {
            if let finding = findSolid(text, start, end, floor: floor) { return finding }
        }
        guard size <= 13, case let gap = separatorSize(text, at: end), gap > 0 else { return nil }
        guard mayBeginGroups(text, size, from: end + gap) || NumberContext.before(text, start) == .phone else { return nil }
        return findGrouped(text, at: start, floor: floor, next: &next)
    }

    /// `#012` of syslog daemons or `\012` of journals: a control character as three octal digits, the first of which is at `index`.
    static func isOctalEscape(_ text: ScrubText, at index: Int) -> Bool {
        (text[index - 1] == 0x23 || text[index - 1] == 0x5c) && text[index] == 0x30 && text[index + 1] | 1 == 0x31
            && Byte.isDigit(text[index + 2])
    }

    /// Whether the digit goes on a word. An escape (`\n10.1.2.3`) is no word.
    private static func isGluedToWord(_ text: ScrubText, at start: Int, _ before: UInt8) -> Bool {
        guard Byte.isWord(before) || before == 0x5f else { return false }
        if before == 0x5f { return false }
        if before >= 0x80 { return false }
        return !(text[start - 2] == 0x5c && [0x6e, 0x74, 0x72].contains(before))
    }

    /// Digits behind letters: an IBAN, a card after a word such as `card`, or an id to step over.
    private static func findInsideWord(_ text: ScrubText, at start: Int, floor: Int, next: inout Int) -> ScrubFinding? {
        if let finding = IBANDetector.find(text, digits: start, floor: floor) { return finding }
        var end = start
        while Byte.isDigit(text[end]) { end += 1 }
        if end - start >= 13, end - start <= 19, !Byte.isAlnum(text[end]) {
            let word = AddressDetector.wordBefore(text, start)
            let isPlainWord =
                word.utf8.count >= 3 && word.utf8.contains { !Byte.isHex($0) } && !Byte.isAlnum(text[start - word.utf8.count - 1])
            if isPlainWord, CardNumber.isCard(text, start..<end) { return ScrubFinding(.card, start, end) }
        }
        // v1.2.3.4
        let isVersion = text[start - 1] | 0x20 == 0x76
        while Byte.isAlnum(text[end]) || (isVersion && text[end] == 0x2e && Byte.isDigit(text[end + 1])) { end += 1 }
        next = max(next, end)
        return nil
    }

    // MARK: One run of digits

    private static func findSolid(_ text: ScrubText, _ start: Int, _ end: Int, floor: Int) -> ScrubFinding? {
        let size = end - start
        guard !isFraction(text, start, end) else { return nil }
        if size >= 13, size <= 19, CardNumber.isCard(text, start..<end), !isInUUID(text, start, end) {
            return ScrubFinding(.card, start, end)
        }
        guard size <= 15 else { return nil }
        switch NumberContext.before(text, start) {
        case .socialSecurity where size == 9: return ScrubFinding(.socialSecurityNumber, start, end)
        case .phone: return ScrubFinding(.phone, start, end)
        default: return nil
        }
    }

    /// A part of a decimal number: `0.4111111111111111`.
    private static func isFraction(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        (text[start - 1] == 0x2e && Byte.isDigit(text[start - 2])) || (text[end] == 0x2e && Byte.isDigit(text[end + 1]))
    }

    /// Whether the digits lie in an 8-4-4-4-12 UUID.
    static func isInUUID(_ text: ScrubText, _ start: Int, _ end: Int) -> Bool {
        guard end - start <= 36 else { return false }
        return (max(0, end - 36)...start).contains { isUUID(text, at: $0) }
    }

    private static func isUUID(_ text: ScrubText, at origin: Int) -> Bool {
        for place in 0..<36 {
            let byte = text[origin + place]
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard byte == 0x2d else { return false }
            } else if !Byte.isHex(byte) {
                return false
            }
        }
        return true
    }

    // MARK: Groups of digits

    /// Whether the first two groups fit any card or number with a shape of its own; dates and columns of figures mostly do not.
    private static func mayBeginGroups(_ text: ScrubText, _ size: Int, from start: Int) -> Bool {
        guard size > 2 else { return size == 1 }
        var second = 0
        while second < 3, Byte.isDigit(text[start + second]) { second += 1 }
        return second == 3 || (size == 3 && second == 2) || size >= 9
    }

    /// The size of one space, dash, dot or slash, or a no-break space, with a digit behind it; else 0.
    private static func separatorSize(_ text: ScrubText, at index: Int) -> Int {
        switch text[index] {
        case 0x20, 0x2d, 0x2e, 0x2f: Byte.isDigit(text[index + 1]) ? 1 : 0
        case 0xc2: text[index + 1] == 0xa0 && Byte.isDigit(text[index + 2]) ? 2 : 0
        default: 0
        }
    }

    private static func findGrouped(_ text: ScrubText, at start: Int, floor: Int, next: inout Int) -> ScrubFinding? {
        let groups = gather(text, at: start)
        let shape = groups.runs.map { $0.end - $0.start }
        guard let last = groups.runs.last else { return nil }
        if isSocialSecurity(text, groups, shape) {
            return ScrubFinding(.socialSecurityNumber, start, groups.runs[2].end)
        }
        if let end = CardNumber.end(text, groups, shape), !isInUUID(text, start, end) { return ScrubFinding(.card, start, end) }
        if let end = phoneEnd(text, groups, shape) { return ScrubFinding(.phone, start, end) }
        if shape.allSatisfy({ $0 == 1 }) {
            // "1 1 1 1 …": nothing may begin later in it that did not begin here.
            next = max(next, last.end)
        }
        return nil
    }

    private static func gather(_ text: ScrubText, at start: Int) -> Groups {
        var groups = Groups()
        var position = start
        while groups.runs.count < maximumGroups {
            let runStart = position
            while position - runStart < 20, Byte.isDigit(text[position]) { position += 1 }
            groups.runs.append((runStart, position))
            groups.digitCount += position - runStart
            let size = separatorSize(text, at: position)
            guard size > 0, groups.digitCount < 24 else { break }
            groups.separators.append(text[position] == 0xc2 ? 0x20 : text[position])
            position += size
        }
        return groups
    }

    private static func isSocialSecurity(_ text: ScrubText, _ groups: Groups, _ shape: [Int]) -> Bool {
        guard shape.count >= 3, shape[0] == 3, shape[1] == 2, shape[2] == 4, groups.separators[0] == groups.separators[1],
            groups.separators[0] == 0x2d || groups.separators[0] == 0x20
        else { return false }
        let start = groups.runs[0].start
        let end = groups.runs[2].end
        guard !Byte.isAlnum(text[end]), !(text[end] == 0x2d && Byte.isAlnum(text[end + 1])),
            !(text[start - 1] == 0x2d && Byte.isDigit(text[start - 2]))
        else { return false }
        func number(_ run: (start: Int, end: Int)) -> Int { text.bytes(run.start..<run.end).reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        let (area, group, serial) = (number(groups.runs[0]), number(groups.runs[1]), number(groups.runs[2]))
        guard area != 0, area != 666, group != 0, serial != 0 else { return false }
        // Numbers from 900 are taxpayers' (ITIN): groups 50 and up.
        guard area < 900 || group >= 50 else { return false }
        return groups.separators[0] == 0x2d || NumberContext.before(text, start) == .socialSecurity
    }

    /// 555-123-4567 and 1-555-123-4567; with a word such as `phone` before it any grouping of 7 to 15 digits.
    private static func phoneEnd(_ text: ScrubText, _ groups: Groups, _ shape: [Int]) -> Int? {
        let start = groups.runs[0].start
        let first = shape.first == 1 && text[start] == 0x31 ? 1 : 0
        if shape.count >= first + 3, Array(shape[first..<(first + 3)]) == [3, 3, 4],
            groups.separators[..<(first + 2)].allSatisfy({ $0 == 0x2d }), text[groups.runs[first].start] >= 0x32
        {
            let end = groups.runs[first + 2].end
            let goesOn = text[end] == 0x2d && Byte.isAlnum(text[end + 1])
            let startsLater = text[start - 1] == 0x2d && Byte.isAlnum(text[start - 2])
            if !goesOn, !startsLater, !Byte.isAlnum(text[end]) { return end }
        }
        guard NumberContext.before(text, start) == .phone else { return nil }
        var digits = 0
        var end: Int?
        for (run, size) in zip(groups.runs, shape) {
            digits += size
            guard digits <= 15 else { break }
            if digits >= 7, !Byte.isLetter(text[run.end]) { end = run.end }
        }
        return end
    }

    /// 555.123.4567
    private static func findDottedPhone(_ text: ScrubText, at start: Int) -> ScrubFinding? {
        let groups = gather(text, at: start)
        let shape = groups.runs.map { $0.end - $0.start }
        let end = groups.runs.last?.end ?? start
        if NumberContext.before(text, start) == .phone, let end = phoneEnd(text, groups, shape) { return ScrubFinding(.phone, start, end) }
        guard shape == [3, 3, 4], groups.separators == [0x2e, 0x2e], text[start] >= 0x32, !Byte.isAlnum(text[end]),
            !Byte.isWord(text[start - 1]), text[start - 1] != 0x2e
        else { return nil }
        return ScrubFinding(.phone, start, end)
    }

    // MARK: Phones with a sign

    /// `+49 30 123456`, with the plus also as `%2B`.
    static func findInternationalPhone(_ text: ScrubText, at plus: Int, size: Int, floor: Int) -> ScrubFinding? {
        let before = text[plus - 1]
        let isEscape = text[plus - 2] == 0x5c && [0x6e, 0x74, 0x72].contains(before)
        guard plus == floor || isEscape || !Byte.isAlnum(before), text[plus + size] >= 0x31, text[plus + size] <= 0x39 else { return nil }
        var position = plus + size
        var digits = 0
        var end = position
        var openBrackets = 0
        while digits <= 15, position - plus < 40 {
            let byte = text[position]
            if Byte.isDigit(byte) {
                digits += 1
                position += 1
                end = position
            } else if byte == 0x28 || byte == 0x29 {
                openBrackets += byte == 0x28 ? 1 : -1
                guard openBrackets >= 0 else { break }
                position += 1
            } else if byte == 0x20 || byte == 0x2d || byte == 0x2e || byte == 0x2f {
                guard Byte.isDigit(text[position + 1]) || text[position + 1] == 0x28 else { break }
                position += 1
            } else if byte == 0xc2, text[position + 1] == 0xa0 {
                position += 2
            } else {
                break
            }
        }
        guard (7...15).contains(digits), !Byte.isLetter(text[end]) else { return nil }
        return ScrubFinding(.phone, plus, end)
    }

    /// `(555) 123-4567`
    static func findBracketedPhone(_ text: ScrubText, at open: Int, floor: Int) -> ScrubFinding? {
        guard (1...3).allSatisfy({ Byte.isDigit(text[open + $0]) }), text[open + 4] == 0x29, text[open + 1] >= 0x32 else { return nil }
        var position = open + 5
        if text[position] == 0x20 || text[position] == 0x2d { position += 1 }
        guard (0...2).allSatisfy({ Byte.isDigit(text[position + $0]) }) else { return nil }
        position += 3
        guard text[position] == 0x2d || text[position] == 0x20 || text[position] == 0x2e else { return nil }
        guard (1...4).allSatisfy({ Byte.isDigit(text[position + $0]) }), !Byte.isAlnum(text[position + 5]) else { return nil }
        return ScrubFinding(.phone, open, position + 5)
    }
}

/// What the word before a number says it is.
enum NumberContext {
    case none, phone, socialSecurity

    /// Reads the last word before a number, 40 bytes back at most: `phone: `, `SSN is `, `tel no. `.
    static func before(_ text: ScrubText, _ start: Int) -> NumberContext {
        var end = start
        for _ in 0..<2 {
            while start - end < 40, end > 0, !Byte.isAlnum(text[end - 1]) {
                let byte = text[end - 1]
                guard [0x20, 0x3a, 0x3d, 0x22, 0x27, 0x2e, 0x23, 0x28, 0x2d, 0x5c, 0x5f, 0x2b, 0x3e].contains(byte) else { return .none }
                end -= 1
            }
            guard endings.mayHold(text[end - 2], text[end - 1]) else { return .none }
            let word = AddressDetector.wordBefore(text, end)
            if phoneWords.contains(where: { word == $0 || word.hasSuffix($0) && $0.utf8.count > 4 }) { return .phone }
            if word.hasSuffix("ssn") || word == "security" { return .socialSecurity }
            guard linkWords.contains(word) else { return .none }
            end -= word.utf8.count
        }
        return .none
    }

    private static let phoneWords: Set<String> = [
        "phone", "tel", "telephone", "mobile", "cell", "msisdn", "sms", "fax", "telefon", "handy", "cellphone", "whatsapp", "phones",
        "mobil", "telefono", "portable",
    ]
    private static let endings = BytePairFilter(
        endingsOf: (phoneWords.union(linkWords).union(["ssn", "security"])).map { Array($0.utf8) })
    private static let linkWords: Set<String> = ["number", "no", "nr", "is", "num", "to", "nummer"]
}
