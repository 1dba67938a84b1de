import AuditModel

/// The hours in which a source is expected to speak.
public enum WorkCalendar: String, CaseIterable, Hashable, Sendable {
    /// Day and night, every day.
    case always
    /// Monday to Friday, 08:00 to 18:00, in the offset given.
    case office

    private static let dayMicroseconds: Int64 = 86_400_000_000
    private static let opening: Int64 = 8 * 3_600_000_000
    private static let closing: Int64 = 18 * 3_600_000_000

    /// The expected part of `from ..< until`, in microseconds.
    ///
    /// - Parameter offsetMicroseconds: The source's offset from UTC.
    /// - Complexity: Constant.
    public func expectedMicroseconds(from: Timestamp, until: Timestamp, offsetMicroseconds: Int64 = 0) -> Int64 {
        guard until > from else { return 0 }
        guard self == .office else { return until.microseconds - from.microseconds }
        return Self.officeTime(before: until.microseconds + offsetMicroseconds)
            - Self.officeTime(before: from.microseconds + offsetMicroseconds)
    }

    /// Office microseconds from 1969-12-29, a Monday, to a local moment.
    private static func officeTime(before moment: Int64) -> Int64 {
        let (day, inDay) = (moment + 3 * dayMicroseconds).flooredDivision(dayMicroseconds)
        let (week, weekday) = day.flooredDivision(7)
        let perDay = closing - opening
        let whole = week * 5 * perDay + min(weekday, 5) * perDay
        return weekday < 5 ? whole + min(max(inDay - opening, 0), perDay) : whole
    }
}

extension Int64 {
    fileprivate func flooredDivision(_ divisor: Int64) -> (Int64, Int64) {
        let (q, r) = quotientAndRemainder(dividingBy: divisor)
        return r < 0 ? (q - 1, r + divisor) : (q, r)
    }
}
