import AuditModel

/// Gives stamps without a year the latest year that does not lie after the file's modification time + 1 day (DESIGN §4).
///
/// A file that spans more than a year cannot be told apart from one that does not; keep rotations shorter than that.
struct YearResolver {
    /// The latest moment a record can have, microseconds since the epoch.
    private let limit: Int64
    private let latestYear: Int

    init(fileModified: Timestamp) {
        let day: Int64 = 86_400_000_000
        limit = min(max(fileModified, .earliest), .latest).microseconds + day
        latestYear = Timestamp.civil(daysSinceEpoch: limit >= 0 ? limit / day : (limit - day + 1) / day).year
    }

    /// The moment of fields without a year, as if they were UTC; nil where no year has that day.
    func resolve(_ time: CivilTime) -> Int64? {
        // Leap days come every four years, but for the eight around 1900 and 2100.
        for year in stride(from: latestYear, through: latestYear - 8, by: -1) {
            if let moment = time.microseconds(inYear: year), moment <= limit { return moment }
        }
        return nil
    }
}
