/// ISO 8601 stamps as logs write them: date, `T` or a blank, time, fraction after `.` or `,`, zone if there is one.
enum ISOStamp {
    /// Offset after the stamp that starts at `at`, or nil where none does.
    static func end(_ text: ByteSlice, _ at: Int) -> Int? { read(text, at)?.end }

    /// Reads a stamp.
    static func read(_ text: ByteSlice, _ at: Int) -> (time: CivilTime, end: Int)? {
        guard at + 16 <= text.count, let year = Digits.fixed(text, at, 4),
            text[at + 4] == UInt8(ascii: "-") || text[at + 4] == UInt8(ascii: "/"),
            let month = Digits.fixed(text, at + 5, 2), text[at + 7] == text[at + 4], let day = Digits.fixed(text, at + 8, 2),
            text[at + 10] == UInt8(ascii: "T") || text[at + 10] == UInt8(ascii: "t") || text[at + 10] == 32,
            let hour = Digits.fixed(text, at + 11, 2), text[at + 13] == UInt8(ascii: ":"), let minute = Digits.fixed(text, at + 14, 2)
        else { return nil }
        var time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute)
        var end = at + 16
        if end < text.count, text[end] == UInt8(ascii: ":"), let second = Digits.fixed(text, end + 1, 2) {
            time.second = second
            end += 3
            if end < text.count, text[end] == UInt8(ascii: ".") || text[end] == UInt8(ascii: ","),
                let fraction = Digits.fraction(text, end + 1)
            {
                time.microsecond = fraction.microseconds
                end = fraction.end
            }
        }
        if let zone = Digits.zone(text, end) {
            time.offsetMinutes = zone.minutes
            end = zone.end
        }
        guard time.microseconds() != nil else { return nil }
        return (time, end)
    }
}
