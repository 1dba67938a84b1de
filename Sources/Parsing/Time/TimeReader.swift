/// What a time text says.
enum TimeReading: Equatable {
    /// A moment, microseconds since the epoch.
    case moment(Int64)
    /// Calendar fields; the zone is a name in the text, if any.
    case civil(CivilTime, zoneName: ByteRange?)

    /// A part of the text that was read.
    struct ByteRange: Equatable {
        let from: Int
        let to: Int
    }
}

/// Reads time texts by a ``TimeFormat``. A text must be used up to its end.
enum TimeReader {
    static func read(_ text: ByteSlice, _ format: TimeFormat) -> TimeReading? {
        switch format {
        case .iso: return iso(text)
        case .epoch(let perSecond): return epoch(text, perSecond: perSecond).map(TimeReading.moment)
        case .syslog: return syslog(text)
        case .pattern(let pieces): return pattern(text, pieces)
        }
    }

    static func iso(_ text: ByteSlice) -> TimeReading? {
        guard let (time, end) = ISOStamp.read(text, 0) else { return nil }
        if end == text.count { return .civil(time, zoneName: nil) }
        guard text[end] == 32, end + 1 < text.count, time.offsetMinutes == nil else { return nil }
        if let zone = Digits.zone(text, end + 1), zone.end == text.count {
            var time = time
            time.offsetMinutes = zone.minutes
            return .civil(time, zoneName: nil)
        }
        return .civil(time, zoneName: .init(from: end + 1, to: text.count))
    }

    /// Exact decimal arithmetic: a fraction never passes through binary floating point.
    static func epoch(_ text: ByteSlice, perSecond: Int64) -> Int64? {
        guard !text.isEmpty else { return nil }
        let isNegative = text[0] == UInt8(ascii: "-")
        var at = isNegative ? 1 : 0
        guard let whole = wholePart(text, &at) else { return nil }
        // The text as a number of picoseconds would overflow: keep the whole part and the fraction apart.
        var fraction: Int64 = 0
        var fractionScale: Int64 = 1
        var hasRest = false
        if at < text.count, text[at] == UInt8(ascii: ".") {
            at += 1
            guard at < text.count else { return nil }
            while at < text.count, text[at].isDigit {
                if fractionScale < 1_000_000 {
                    fraction = fraction * 10 + Int64(text[at] - 48)
                    fractionScale *= 10
                } else if text[at] != 48 {
                    hasRest = true
                }
                at += 1
            }
        }
        guard at == text.count else { return nil }
        var micros: Int64
        if perSecond <= 1_000_000 {
            let factor = 1_000_000 / perSecond
            let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            let part = fraction * factor
            micros = product + part / fractionScale
            if part % fractionScale != 0 { hasRest = true }
        } else {
            let divisor = perSecond / 1_000_000
            micros = whole / divisor
            if whole % divisor != 0 || fraction != 0 { hasRest = true }
        }
        if isNegative { micros = -micros - (hasRest ? 1 : 0) }
        // Years 0000 to 9999.
        return (-62_167_219_200_000_000...253_402_300_799_999_999).contains(micros) ? micros : nil
    }

    /// The digits at `at` as a number, or nil where there are none or too many.
    private static func wholePart(_ text: ByteSlice, _ at: inout Int) -> Int64? {
        let start = at
        var value: Int64 = 0
        while at < text.count, text[at].isDigit {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsAgain) = product.addingReportingOverflow(Int64(text[at] - 48))
            guard !overflows, !overflowsAgain else { return nil }
            value = sum
            at += 1
        }
        return at > start ? value : nil
    }

    static func syslog(_ text: ByteSlice) -> TimeReading? {
        guard let (time, end) = SyslogStamp.read(text, 0), end == text.count else { return nil }
        return .civil(time, zoneName: nil)
    }

    private static func pattern(_ text: ByteSlice, _ pieces: [TimeFormat.Piece]) -> TimeReading? {
        var state = PatternState()
        for piece in pieces {
            guard state.take(piece, text) else { return nil }
        }
        guard state.at == text.count else { return nil }
        return state.reading()
    }
}

/// Fields gathered while a strftime-like pattern is read.
private struct PatternState {
    var at = 0
    private var time = CivilTime()
    private var isAfternoon: Bool?
    private var dayOfYear: Int?
    private var epochSeconds: Int64?
    private var zone: TimeReading.ByteRange?

    mutating func take(_ piece: TimeFormat.Piece, _ text: ByteSlice) -> Bool {
        switch piece {
        case .literal(let byte):
            guard at < text.count, text[at] == byte else { return false }
            at += 1
            return true
        case .blanks:
            let start = at
            while at < text.count, text[at].isBlank { at += 1 }
            return at > start
        case .monthName: return name(CalendarNames.month(text, at)) { $0.time.month = $1 }
        case .dayName: return name(CalendarNames.day(text, at)) { _, _ in }
        case .offset:
            guard let (minutes, end) = Digits.zone(text, at) else { return false }
            time.offsetMinutes = minutes
            at = end
            return true
        case .zoneName:
            let start = at
            while at < text.count, !text[at].isBlank, text[at] != UInt8(ascii: "]"), text[at] != UInt8(ascii: ")"),
                text[at] != UInt8(ascii: ",")
            { at += 1 }
            zone = .init(from: start, to: at)
            return at > start
        case .amPM:
            guard at + 2 <= text.count, text[at + 1] | 32 == UInt8(ascii: "m") else { return false }
            isAfternoon = text[at] | 32 == UInt8(ascii: "p")
            at += 2
            return isAfternoon == true || text[at - 2] | 32 == UInt8(ascii: "a")
        case .fraction:
            guard let (micros, end) = Digits.fraction(text, at) else { return false }
            time.microsecond = micros
            at = end
            return true
        default: return number(piece, text)
        }
    }

    private mutating func name(_ found: (number: Int, end: Int)?, _ use: (inout PatternState, Int) -> Void) -> Bool {
        guard let found else { return false }
        use(&self, found.number)
        at = found.end
        return true
    }

    private mutating func number(_ piece: TimeFormat.Piece, _ text: ByteSlice) -> Bool {
        if piece == .day || piece == .hour || piece == .hour12, at < text.count, text[at] == 32 { at += 1 }
        let most = piece == .year ? 4 : piece == .dayOfYear ? 3 : piece == .epochSeconds ? 12 : 2
        guard let (value, end) = Digits.upTo(text, at, most) else { return false }
        at = end
        switch piece {
        case .year: time.year = value
        case .shortYear: time.year = value + (value < 69 ? 2000 : 1900)
        case .month: time.month = value
        case .day: time.day = value
        case .hour: time.hour = value
        case .hour12:
            guard (1...12).contains(value) else { return false }
            time.hour = value
        case .minute: time.minute = value
        case .second: time.second = value
        case .dayOfYear: dayOfYear = value
        case .epochSeconds: epochSeconds = Int64(value)
        default: return false
        }
        return true
    }

    func reading() -> TimeReading? {
        if let epochSeconds { return .moment(epochSeconds * 1_000_000 + Int64(time.microsecond)) }
        var result = time
        if let isAfternoon { result.hour = result.hour % 12 + (isAfternoon ? 12 : 0) }
        if let dayOfYear, let year = result.year {
            guard dayOfYear >= 1, dayOfYear <= 366 else { return nil }
            let lengths = [31, year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            var rest = dayOfYear
            var month = 0
            while month < 12, rest > lengths[month] {
                rest -= lengths[month]
                month += 1
            }
            guard month < 12 else { return nil }
            result.month = month + 1
            result.day = rest
        }
        return .civil(result, zoneName: zone)
    }
}

/// The stamp of RFC 3164: `Jul  1 08:00:00`; some programs add a year or a fraction.
enum SyslogStamp {
    static func read(_ text: ByteSlice, _ start: Int) -> (time: CivilTime, end: Int)? {
        guard let month = CalendarNames.month(text, start), month.end - start == 3 else { return nil }
        var at = month.end
        guard at < text.count, text[at] == 32 else { return nil }
        while at < text.count, text[at] == 32 { at += 1 }
        guard let day = Digits.upTo(text, at, 2), day.end < text.count, text[day.end] == 32 else { return nil }
        at = day.end + 1
        var time = CivilTime(month: month.number, day: day.value)
        if let year = Digits.fixed(text, at, 4), at + 4 < text.count, text[at + 4] == 32 {
            time.year = year
            at += 5
        }
        guard let hour = Digits.fixed(text, at, 2), at + 8 <= text.count, text[at + 2] == 58, let minute = Digits.fixed(text, at + 3, 2),
            text[at + 5] == 58, let second = Digits.fixed(text, at + 6, 2)
        else { return nil }
        time.hour = hour
        time.minute = minute
        time.second = second
        at += 8
        if at < text.count, text[at] == UInt8(ascii: "."), let fraction = Digits.fraction(text, at + 1) {
            time.microsecond = fraction.microseconds
            at = fraction.end
        }
        // Leap day is tried in a leap year; whether the year has one is settled later.
        guard time.microseconds(inYear: 2000) != nil else { return nil }
        return (time, at)
    }
}
