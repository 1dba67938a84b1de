import AuditModel
import Testing

struct TimestampTests {
    @Test(arguments: [
        ("2026-07-01T00:00:00Z", "2026-07-01T00:00:00.000000Z"),
        ("2026-07-01T02:00:00.1234567+02:00", "2026-07-01T00:00:00.123456Z"),
        ("2024-02-29 23:59:59.999999999-05:30", "2024-03-01T05:29:59.999999Z"),
        ("1969-12-31T23:59:60Z", "1970-01-01T00:00:00.000000Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ])
    func `RFC 3339 is read, floored and written in UTC`(text: String, written: String) throws {
        #expect(try #require(Timestamp(rfc3339: text)).description == written)
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-07-01T24:00:00Z", "2026-07-01T00:00:00", "2026-07-01T00:00:00.Z",
        "2026-07-01T00:00:00+2:00", "2026-07-01T00:00:00Zx", "", "9999-12-31T23:59:59-01:00",
    ])
    func `what is not RFC 3339 is refused`(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func `every day of 800 years goes to its civil date and back`() {
        for day in stride(from: Int64(-200_000), to: 92_194, by: 1) {
            let (year, month, dayOfMonth) = Timestamp.civil(daysSinceEpoch: day)
            if Timestamp.daysSinceEpoch(year: year, month: month, day: dayOfMonth) != day {
                Issue.record("day \(day) became \(year)-\(month)-\(dayOfMonth)")
                return
            }
        }
    }
}
