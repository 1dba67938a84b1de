/// Payment card numbers: an issuer's range, a length that the issuer uses, and the Luhn digit.
enum CardNumber {
    /// Whether these bytes, all digits, are a card number.
    static func isCard(_ text: ScrubText, _ range: Range<Int>) -> Bool {
        isCard(text.bytes(range).map { $0 &- 0x30 })
    }

    /// The end of a card number that begins with the first group, or nil.
    ///
    /// Separators must be all spaces or all dashes. A grouping that cards are printed in may be followed by further digits; any other
    /// must be the whole number.
    static func end(_ text: ScrubText, _ groups: NumberDetector.Groups, _ shape: [Int]) -> Int? {
        guard let separator = groups.separators.first, separator == 0x20 || separator == 0x2d else { return nil }
        let uniform = groups.separators.prefix { $0 == separator }.count + 1
        for printed in printedShapes where uniform >= printed.count && shape.starts(with: printed) {
            if let end = verifiedEnd(text, groups, count: printed.count) { return end }
        }
        let sameSize = shape.prefix(uniform)
        let total = sameSize.reduce(0, +)
        guard uniform == groups.runs.count, (13...19).contains(total),
            sameSize.dropLast().allSatisfy({ $0 >= 3 }) || sameSize.allSatisfy({ $0 == 1 })
        else { return nil }
        return verifiedEnd(text, groups, count: uniform)
    }

    private static func verifiedEnd(_ text: ScrubText, _ groups: NumberDetector.Groups, count: Int) -> Int? {
        let runs = groups.runs.prefix(count)
        let digits = runs.flatMap { text.bytes($0.start..<$0.end).map { $0 &- 0x30 } }
        guard let end = runs.last?.end, !Byte.isAlnum(text[end]), (13...19).contains(digits.count), isCard(digits) else { return nil }
        return end
    }

    private static let printedShapes: [[Int]] = [
        [4, 4, 4, 4, 3], [4, 4, 4, 4, 2], [4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [8, 8], [4, 4, 5], [4, 4, 4, 1], [4, 4, 4, 2], [4, 4, 4, 3],
        [6, 7], [6, 13],
    ]

    static func isCard(_ digits: [UInt8]) -> Bool {
        guard (13...19).contains(digits.count), digits.allSatisfy({ $0 <= 9 }), digits.contains(where: { $0 != digits[0] }) else {
            return false
        }
        return isIssued(digits) && passesLuhn(digits)
    }

    /// Ranges of ISO/IEC 7812 issuers with the lengths in use.
    private static func isIssued(_ digits: [UInt8]) -> Bool {
        let four = digits[..<4].reduce(0) { $0 * 10 + Int($1) }
        let two = four / 100
        let count = digits.count
        switch four {
        case 4000...4999: return count == 13 || count == 16 || count == 19
        case 5100...5599, 2221...2720: return count == 16
        case 3400...3499, 3700...3799: return count == 15
        case 3000...3059, 3095, 3600...3699, 3800...3999: return count >= 14
        case 3528...3589, 6011, 6440...6599, 2200...2204, 8100...8299: return count >= 16
        default: break
        }
        // UnionPay, RuPay, Maestro.
        if two == 60 || two == 62 { return count >= 16 }
        return (two == 50 || (56...58).contains(two) || two == 63 || two == 67) && count >= 13
    }

    private static func passesLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = Int(digit) * (place % 2 == 1 ? 2 : 1)
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }
}
