import AuditModel

/// A date and time as a source wrote it, before zone and year are settled.
struct CivilTime: Equatable {
    var year: Int?
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond = 0
    /// Offset from UTC where the text names one.
    var offsetMinutes: Int?

    /// Microseconds since the epoch if the fields were UTC, or nil where they name no moment.
    func microseconds(inYear assumed: Int? = nil) -> Int64? {
        guard let year = year ?? assumed else { return nil }
        return Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second, microsecond: microsecond)?
            .microseconds
    }
}

/// Month and day names of the C locale.
enum CalendarNames {
    private static let months: [[UInt8]] = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ].map { Array($0.utf8) }
    private static let days: [[UInt8]] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map {
        Array($0.utf8)
    }

    /// The month whose name or three-letter form stands at `at`, and the offset after it.
    static func month(_ text: ByteSlice, _ at: Int) -> (number: Int, end: Int)? {
        if let month = shortMonth(text, at) { return (month, at + 3) }
        return find(months, text, at)
    }

    /// The month of three letters that end there: what syslog writes.
    @inline(__always)
    private static func shortMonth(_ text: ByteSlice, _ at: Int) -> Int? {
        guard at + 3 < text.count, !text[at + 3].isLetter else { return nil }
        switch UInt32(text[at] | 32) << 16 | UInt32(text[at + 1] | 32) << 8 | UInt32(text[at + 2] | 32) {
        case 0x6A_616E: return 1
        case 0x66_6562: return 2
        case 0x6D_6172: return 3
        case 0x61_7072: return 4
        case 0x6D_6179: return 5
        case 0x6A_756E: return 6
        case 0x6A_756C: return 7
        case 0x61_7567: return 8
        case 0x73_6570: return 9
        case 0x6F_6374: return 10
        case 0x6E_6F76: return 11
        case 0x64_6563: return 12
        default: return nil
        }
    }

    static func day(_ text: ByteSlice, _ at: Int) -> (number: Int, end: Int)? { find(days, text, at) }

    private static func find(_ names: [[UInt8]], _ text: ByteSlice, _ at: Int) -> (number: Int, end: Int)? {
        var end = at
        while end < text.count, text[end].isLetter { end += 1 }
        guard end - at >= 3 else { return nil }
        for (number, name) in names.enumerated() where end - at == 3 || end - at == name.count {
            var i = 0
            while i < end - at, text[at + i] | 32 == name[i] { i += 1 }
            if i == end - at { return (number + 1, end) }
        }
        return nil
    }
}

/// Reads fixed and variable runs of digits.
enum Digits {
    /// The number in exactly `count` digits at `at`.
    static func fixed(_ text: ByteSlice, _ at: Int, _ count: Int) -> Int? {
        guard at >= 0, at + count <= text.count else { return nil }
        return text.sub(at, at + count).decimal
    }

    /// The number in one to `most` digits at `at`, and the offset after it.
    static func upTo(_ text: ByteSlice, _ at: Int, _ most: Int) -> (value: Int, end: Int)? {
        var end = at
        while end < text.count, end - at < most, text[end].isDigit { end += 1 }
        guard let value = text.sub(at, max(end, at)).decimal else { return nil }
        return (value, end)
    }

    /// A fraction of a second floored to microseconds, and the offset after its digits.
    static func fraction(_ text: ByteSlice, _ at: Int) -> (microseconds: Int, end: Int)? {
        var end = at
        var value = 0
        var scale = 100_000
        while end < text.count, text[end].isDigit {
            value += Int(text[end] - 48) * scale
            scale /= 10
            end += 1
        }
        return end > at ? (value, end) : nil
    }

    /// `Z`, `+02`, `+0200` or `+02:00` at `at` in minutes, and the offset after it.
    static func zone(_ text: ByteSlice, _ at: Int) -> (minutes: Int, end: Int)? {
        guard at < text.count else { return nil }
        if text[at] == UInt8(ascii: "Z") || text[at] == UInt8(ascii: "z") { return (0, at + 1) }
        guard text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-"), let hours = fixed(text, at + 1, 2), hours <= 23 else {
            return nil
        }
        let sign = text[at] == UInt8(ascii: "-") ? -1 : 1
        var end = at + 3
        var minutes = 0
        if end < text.count, text[end] == UInt8(ascii: ":"), let part = fixed(text, end + 1, 2) {
            minutes = part
            end += 3
        } else if let part = fixed(text, end, 2) {
            minutes = part
            end += 2
        }
        guard minutes <= 59 else { return nil }
        return (sign * (hours * 60 + minutes), end)
    }
}
