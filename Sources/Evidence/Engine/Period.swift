public import AuditModel
import Foundation

/// The stretch of time that a report covers, in UTC: `start ..< end`.
public struct Period: Hashable, Sendable {
    public let start: Timestamp
    public let end: Timestamp
    /// Short form for names of packs: `2026Q3`, `2026-07`, `20260701-20260815`.
    public let label: String

    public init(start: Timestamp, end: Timestamp, label: String) {
        self.start = start
        self.end = end
        self.label = label
    }

    /// Reads `2026Q3`, `2026`, `2026-07`, `2026-07-01..2026-10-01` (end exclusive).
    ///
    /// - Throws: ``EvidenceError`` with code `usage`.
    public init(_ text: String) throws(EvidenceError) {
        guard let period = Self.parse(text) else {
            throw EvidenceError(
                .usage, "`\(text)` is not a period; write 2026Q3, 2026, 2026-07 or 2026-07-01..2026-10-01 (the end is not included)")
        }
        self = period
    }

    /// Whether a moment lies in the period.
    public func contains(_ time: Timestamp) -> Bool { time >= start && time < end }

    /// Days that begin in the period, as their first moments.
    public var days: [Timestamp] {
        let day: Int64 = 86_400_000_000
        return stride(from: CalendarText.dayStart(start).microseconds, to: end.microseconds, by: Int64.Stride(day)).map {
            Timestamp(microseconds: $0)
        }
    }

    /// For people: `2026-07-01 to 2026-09-30`.
    public var description: String {
        "\(CalendarText.day(start)) to \(CalendarText.day(Timestamp(microseconds: end.microseconds - 1)))"
    }

    private static func parse(_ text: String) -> Period? {
        let characters = Array(text.uppercased())
        if let range = text.range(of: "..") {
            guard let start = Timestamp(dateOrTime: text[..<range.lowerBound]), let end = Timestamp(dateOrTime: text[range.upperBound...]), start < end else { return nil }
            let compact = [start, end].map { CalendarText.day($0).filter { $0 != "-" } }.joined(separator: "-")
            return Period(start: start, end: end, label: compact)
        }
        guard characters.count >= 4, let year = Int(String(characters[0..<4])) else { return nil }
        func months(_ first: Int, _ count: Int) -> Period? {
            let last = first + count
            guard let start = Timestamp(year: year, month: first, day: 1),
                let end = Timestamp(year: last > 12 ? year + 1 : year, month: last > 12 ? last - 12 : last, day: 1)
            else { return nil }
            return Period(start: start, end: end, label: String(characters))
        }
        switch characters.count {
        case 4: return months(1, 12)
        case 6 where characters[4] == "Q":
            guard let quarter = characters[5].wholeNumberValue, (1...4).contains(quarter) else { return nil }
            return months(quarter * 3 - 2, 3)
        case 7 where characters[4] == "-":
            guard let month = Int(String(characters[5...])), (1...12).contains(month) else { return nil }
            return months(month, 1)
        default: return nil
        }
    }
}

/// Calendar texts in UTC, the same in every locale.
enum CalendarText {
    static let dayMicroseconds: Int64 = 86_400_000_000

    /// The first moment of the day.
    static func dayStart(_ time: Timestamp) -> Timestamp {
        Timestamp(microseconds: floorToMultiple(time.microseconds, of: dayMicroseconds))
    }

    /// Monday of the week, first moment. 1970-01-01 was a Thursday.
    static func weekStart(_ time: Timestamp) -> Timestamp {
        let shift = 3 * dayMicroseconds
        return Timestamp(microseconds: floorToMultiple(time.microseconds + shift, of: 7 * dayMicroseconds) - shift)
    }

    /// `2026-07-01`.
    static func day(_ time: Timestamp) -> String { String(time.description.prefix(10)) }

    /// `2026-07`.
    static func month(_ time: Timestamp) -> String { String(time.description.prefix(7)) }

    /// `2026-07-01 12:34:56` to the second, for people.
    static func moment(_ time: Timestamp) -> String {
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
    }

    private static func floorToMultiple(_ value: Int64, of divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return value - (remainder < 0 ? remainder + divisor : remainder)
    }
}
