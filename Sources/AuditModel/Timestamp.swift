/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z (proleptic Gregorian, no leap seconds).
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since the epoch.
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// The earliest and latest moments that RFC 3339 can write: years 0000 to 9999.
    public static let earliest = Timestamp(microseconds: -62_167_219_200_000_000)
    public static let latest = Timestamp(microseconds: 253_402_300_799_999_999)

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    /// A moment from calendar fields in UTC, or nil where they name none (second 60 is taken as the next minute's start).
    public init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0) {
        guard (0...9999).contains(year), (1...12).contains(month), (0...23).contains(hour), (0...59).contains(minute),
            (0...60).contains(second), (0...999_999).contains(microsecond),
            day >= 1, day <= Self.days(inMonth: month, year: year)
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        microseconds = seconds * 1_000_000 + Int64(microsecond)
    }

    /// RFC 3339 in UTC with six digits of fraction: `2026-07-01T00:00:00.000000Z`.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends ``description`` as ASCII.
    public func write(to out: inout [UInt8]) {
        let clamped = min(max(self, .earliest), .latest)
        let (days, inDay) = clamped.microseconds.flooredDivision(by: 86_400_000_000)
        let (year, month, day) = Self.civil(daysSinceEpoch: days)
        let seconds = Int(inDay / 1_000_000)
        func put(_ value: Int, _ digits: Int) {
            var divisor = 1
            for _ in 1..<digits { divisor *= 10 }
            var rest = value
            while divisor > 0 {
                out.append(48 + UInt8(rest / divisor))
                rest %= divisor
                divisor /= 10
            }
        }
        put(year, 4); out.append(45); put(month, 2); out.append(45); put(day, 2); out.append(84)
        put(seconds / 3_600, 2); out.append(58); put(seconds / 60 % 60, 2); out.append(58); put(seconds % 60, 2)
        out.append(46); put(Int(inDay % 1_000_000), 6); out.append(90)
    }

    /// Reads RFC 3339 (`T` or a space; `Z` or a numeric offset), flooring a longer fraction to microseconds; nil where it is not that.
    public init?(rfc3339 text: some StringProtocol) {
        var text = String(text)
        let parsed = text.withUTF8 { Self.parse($0) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Reads RFC 3339, or a date such as `2026-07-01`, which is its first moment in UTC.
    public init?(dateOrTime text: some StringProtocol) {
        self.init(rfc3339: text.utf8.count == 10 ? String(text) + "T00:00:00Z" : String(text))
    }

    /// Reads RFC 3339 from bytes, as ``init(rfc3339:)``.
    public init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
        guard let parsed = Self.parse(bytes) else { return nil }
        self = parsed
    }

    private static func parse(_ b: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        guard b.count >= 20 else { return nil }
        func number(_ at: Int, _ digits: Int) -> Int? {
            var value = 0
            for i in at..<(at + digits) {
                let digit = Int(b[i]) - 48
                guard (0...9).contains(digit) else { return nil }
                value = value * 10 + digit
            }
            return value
        }
        guard let year = number(0, 4), b[4] == 45, let month = number(5, 2), b[7] == 45, let day = number(8, 2),
            b[10] == 84 || b[10] == 116 || b[10] == 32,
            let hour = number(11, 2), b[13] == 58, let minute = number(14, 2), b[16] == 58, let second = number(17, 2)
        else { return nil }
        var at = 19
        var micros = 0
        if b[at] == 46 || b[at] == 44 {
            at += 1
            let start = at
            var scale = 100_000
            while at < b.count, (48...57).contains(b[at]) {
                micros += (Int(b[at]) - 48) * scale
                scale /= 10
                at += 1
            }
            guard at > start, at < b.count else { return nil }
        }
        var offsetMinutes = 0
        switch b[at] {
        case 90, 122: at += 1
        case 43, 45:
            guard b.count >= at + 6, b[at + 3] == 58, let hours = number(at + 1, 2), let minutes = number(at + 4, 2),
                hours < 24, minutes < 60
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (b[at] == 45 ? -1 : 1)
            at += 6
        default: return nil
        }
        guard at == b.count,
            var moment = Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second, microsecond: micros)
        else { return nil }
        moment.microseconds -= Int64(offsetMinutes) * 60_000_000
        return moment >= .earliest && moment <= .latest ? moment : nil
    }

    /// Days from 1970-01-01 to a civil date. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    public static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    /// The civil date of a day counted from 1970-01-01: the inverse of ``daysSinceEpoch(year:month:day:)``.
    public static func civil(daysSinceEpoch days: Int64) -> (year: Int, month: Int, day: Int) {
        let z = Int(days) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }

    /// The number of days in a month of the Gregorian calendar.
    public static func days(inMonth month: Int, year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}

extension Timestamp: CustomStringConvertible {}

extension Int64 {
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (q, r) = quotientAndRemainder(dividingBy: divisor)
        return r < 0 ? (q - 1, r + divisor) : (q, r)
    }
}
