import AuditModel
import Testing

@testable import Timeline

struct SilenceDetectorTests {
    private func at(_ text: String) -> Timestamp { Timestamp(rfc3339: "2026-\(text):00Z")! }
    private let hour: Int64 = 3_600_000_000

    @Test func `a stretch longer than the interval is silent, one as long is not`() {
        let detector = SilenceDetector(expectedIntervalMicroseconds: 2 * hour)
        let times = [at("07-06T09:00"), at("07-06T11:00"), at("07-06T13:01")]
        let silences = detector.silences(in: times, period: at("07-06T08:00")..<at("07-06T15:00"))
        #expect(silences == [at("07-06T11:00")..<at("07-06T13:01")])
    }

    @Test func `the edges of the period count`() {
        let detector = SilenceDetector(expectedIntervalMicroseconds: 2 * hour)
        let period = at("07-06T00:00")..<at("07-07T00:00")
        #expect(detector.silences(in: [], period: period) == [period])
        #expect(
            detector.silences(in: [at("07-05T23:00"), at("07-06T12:00"), at("07-07T00:00")], period: period) == [
                at("07-06T00:00")..<at("07-06T12:00"), at("07-06T12:00")..<at("07-07T00:00"),
            ])
    }

    @Test func `office hours do not count nights and weekends`() {
        // 2026-07-03 is a Friday.
        #expect(WorkCalendar.office.expectedMicroseconds(from: at("07-03T17:00"), until: at("07-06T09:00")) == 2 * hour)
        #expect(WorkCalendar.office.expectedMicroseconds(from: at("07-04T00:00"), until: at("07-06T08:00")) == 0)
        #expect(WorkCalendar.office.expectedMicroseconds(from: at("07-06T00:00"), until: at("07-13T00:00")) == 50 * hour)
        #expect(
            WorkCalendar.office.expectedMicroseconds(from: at("07-06T06:00"), until: at("07-06T07:00"), offsetMicroseconds: 2 * hour)
                == hour)
        let detector = SilenceDetector(expectedIntervalMicroseconds: 4 * hour, calendar: .office)
        #expect(detector.silences(in: [at("07-03T16:00"), at("07-06T09:30")], period: at("07-03T12:00")..<at("07-06T10:00")).isEmpty)
        let berlin = SilenceDetector(expectedIntervalMicroseconds: hour, calendar: .office, zone: "Europe/Berlin")
        #expect(berlin.silences(in: [at("07-06T07:30")], period: at("07-06T05:00")..<at("07-06T07:45")).count == 1)
        #expect(detector.silences(in: [at("07-03T13:00"), at("07-06T09:30")], period: at("07-03T12:00")..<at("07-06T10:00")).count == 1)
    }
}
