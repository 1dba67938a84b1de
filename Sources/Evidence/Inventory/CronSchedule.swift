import AuditModel
import Foundation

/// When something is due: five fields of cron (minute, hour, day of month, month, day of week).
///
/// Lists (`1,15`), ranges (`1-5`), steps (`*/15`, `8-18/2`) and English names (`jan`, `mon`) are read; Sunday is 0 or 7. Where both days
/// are restricted, either suffices. In a zone with daylight saving a time that does not exist is left out, one that comes twice counts once.
struct CronSchedule: Hashable, Sendable {
    /// Why a text is no schedule.
    struct SyntaxError: Error, Hashable {
        let message: String
    }

    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let daysOfMonth: Set<Int>
    private let months: Set<Int>
    private let daysOfWeek: Set<Int>
    private let isEitherDay: Bool

    private static let monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    init(_ text: String) throws(SyntaxError) {
        let fields = text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        guard fields.count == 5 else {
            throw SyntaxError(message: "`\(text)` is not a schedule of five fields (minute hour day month weekday)")
        }
        minutes = try Self.read(fields[0], 0...59, "minute")
        hours = try Self.read(fields[1], 0...23, "hour")
        daysOfMonth = try Self.read(fields[2], 1...31, "day")
        months = try Self.read(fields[3], 1...12, "month", names: Self.monthNames, firstName: 1)
        daysOfWeek = Set(try Self.read(fields[4], 0...7, "weekday", names: Self.dayNames, firstName: 0).map { $0 % 7 })
        isEitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
    }

    private static func read(
        _ field: String, _ range: ClosedRange<Int>, _ what: String, names: [String] = [], firstName: Int = 0
    ) throws(SyntaxError) -> Set<Int> {
        func number(_ text: Substring) throws(SyntaxError) -> Int {
            if let place = names.firstIndex(of: String(text)) { return place + firstName }
            guard text.utf8.count <= 2, let number = Int(text), range.contains(number) else {
                throw SyntaxError(message: "`\(text)` is not a \(what) from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        var result: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "/", omittingEmptySubsequences: false)
            guard sides.count <= 2 else { throw SyntaxError(message: "`\(part)` has two steps") }
            let step = sides.count == 2 ? Int(sides[1]) ?? 0 : 1
            guard step > 0, step <= 60 else { throw SyntaxError(message: "`\(part)`: the step must be 1 to 60") }
            let span: ClosedRange<Int>
            let ends = sides[0].split(separator: "-", omittingEmptySubsequences: false)
            if sides[0] == "*" {
                span = range
            } else if ends.count == 2 {
                let low = try number(ends[0]), high = try number(ends[1])
                guard low <= high else { throw SyntaxError(message: "`\(part)` ends before it begins") }
                span = low...high
            } else {
                let only = try number(sides[0])
                span = sides.count == 2 ? only...range.upperBound : only...only
            }
            result.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return result
    }

    /// The due times in `period`, ascending, at most `limit`.
    func dueTimes(in period: Period, zone: TimeZone, limit: Int) -> [Timestamp] {
        let day: Int64 = 86_400
        let first = period.start.microseconds.flooredSeconds / day - 1
        let last = period.end.microseconds.flooredSeconds / day + 1
        var times: [Timestamp] = []
        let hours = hours.sorted(), minutes = minutes.sorted()
        for number in first...last where isDue(number) {
            // Clocks change at most once around a day: equal offsets around it hold within it.
            let before = Self.offset(zone, (number - 1) * day), after = Self.offset(zone, (number + 2) * day)
            for hour in hours {
                for minute in minutes {
                    let local = number * day + Int64(hour) * 3600 + Int64(minute) * 60
                    guard let seconds = Self.moment(local, zone, before, after) else { continue }
                    let time = Timestamp(microseconds: seconds * 1_000_000)
                    guard period.contains(time) else { continue }
                    guard times.count < limit else { return times }
                    times.append(time)
                }
            }
        }
        return times.sorted()
    }

    private func isDue(_ dayNumber: Int64) -> Bool {
        let date = Timestamp.civil(daysSinceEpoch: dayNumber)
        guard months.contains(date.month) else { return false }
        // 1970-01-01 was a Thursday.
        let weekday = Int(((dayNumber + 4) % 7 + 7) % 7)
        let byDate = daysOfMonth.contains(date.day), byWeekday = daysOfWeek.contains(weekday)
        return isEitherDay ? byDate || byWeekday : byDate && byWeekday
    }

    /// The moment of a local time: the first of two, nil where the clock jumps over it.
    private static func moment(_ local: Int64, _ zone: TimeZone, _ before: Int64, _ after: Int64) -> Int64? {
        guard before != after else { return local - before }
        return [before, after].map { local - $0 }.filter { $0 + offset(zone, $0) == local }.min()
    }

    private static func offset(_ zone: TimeZone, _ seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
}

extension Int64 {
    /// Whole seconds of a number of microseconds, rounded down.
    fileprivate var flooredSeconds: Int64 { self >= 0 ? self / 1_000_000 : -((999_999 - self) / 1_000_000) }
}
