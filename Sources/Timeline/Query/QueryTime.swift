public import AuditModel

/// Times as people write them in a query.
public enum QueryTime {
    /// Reads a date (its midnight in UTC), a date and time (UTC where no offset stands), or a span back from `now`.
    public static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        if text == "now" { return now }
        if let span = span(text) {
            let (moment, overflow) = now.microseconds.subtractingReportingOverflow(span)
            return overflow ? nil : Timestamp(microseconds: moment)
        }
        for suffix in ["", "Z", ":00Z", "T00:00:00Z"] {
            if let moment = Timestamp(rfc3339: text + suffix) { return moment }
        }
        return nil
    }

    /// A span such as `90s`, `24h`, `7d`, `12w` in microseconds.
    public static func span(_ text: String) -> Int64? {
        guard let unit = text.last, let count = Int64(text.dropLast()), count >= 0 else { return nil }
        let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        guard let factor = seconds[unit] else { return nil }
        let (span, overflow) = count.multipliedReportingOverflow(by: factor * 1_000_000)
        return overflow ? nil : span
    }
}
