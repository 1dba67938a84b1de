import AuditModel

/// Gives stamps without a year the latest year that does not lie after the file's modification time + 1 day (DESIGN §4).
///
/// Within a file stamps follow one another: where some year puts a stamp within 45 days of the last one, that year it is, so
/// that a followed file passes New Year. A file that spans more than a year cannot be told apart from one that does not;
/// keep rotations shorter than that.
struct YearResolver {
    /// The latest moment a record can have, microseconds since the epoch.
    private let limit: Int64
    private let latestYear: Int
    /// The latest moment given so far.
    var last: Int64?

    private static let day: Int64 = 86_400_000_000

    init(fileModified: Timestamp) {
        limit = min(max(fileModified, .earliest), .latest).microseconds + Self.day
        latestYear = Timestamp.civil(daysSinceEpoch: limit >= 0 ? limit / Self.day : (limit - Self.day + 1) / Self.day).year
    }

    /// The moment of fields without a year, as if they were UTC; nil where no year has that day.
    mutating func resolve(_ time: CivilTime) -> Int64? {
        if let last, let moment = near(last, time) { return note(moment) }
        // Leap days come every four years, but for the eight around 1900 and 2100.
        for year in stride(from: latestYear, through: latestYear - 8, by: -1) {
            if let moment = time.microseconds(inYear: year), moment <= limit { return note(moment) }
        }
        return nil
    }

    private func near(_ last: Int64, _ time: CivilTime) -> Int64? {
        let year = Timestamp.civil(daysSinceEpoch: last >= 0 ? last / Self.day : (last - Self.day + 1) / Self.day).year
        for candidate in [year, year + 1, year - 1] {
            if let moment = time.microseconds(inYear: candidate), abs(moment - last) <= 45 * Self.day { return moment }
        }
        return nil
    }

    private mutating func note(_ moment: Int64) -> Int64 {
        last = max(moment, last ?? moment)
        return moment
    }
}
