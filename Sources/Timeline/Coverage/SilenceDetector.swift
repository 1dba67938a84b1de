public import AuditModel
import Foundation

/// Finds the stretches in which a source said nothing for longer than it was expected to.
///
/// A source without an expected interval is not judged: silence alone is no gap.
public struct SilenceDetector: Sendable {
    /// The longest expected stretch without an event, in microseconds of the calendar.
    public let expectedIntervalMicroseconds: Int64
    public let calendar: WorkCalendar
    private let zone: TimeZone?

    /// - Parameter zone: The zone of office hours by its IANA name; nil or a name that the system does not know means UTC.
    public init(expectedIntervalMicroseconds: Int64, calendar: WorkCalendar = .always, zone: String? = nil) {
        self.expectedIntervalMicroseconds = expectedIntervalMicroseconds
        self.calendar = calendar
        self.zone = zone.flatMap(TimeZone.init(identifier:))
    }

    /// The silent stretches of `period`, its edges included: a period that begins or ends in silence is silent there.
    ///
    /// - Parameter times: The source's event times in ascending order; those outside the period are passed over.
    public func silences(in times: [Timestamp], period: Range<Timestamp>) -> [Range<Timestamp>] {
        var silences: [Range<Timestamp>] = []
        var last = period.lowerBound
        for time in times where period.contains(time) {
            if isSilent(last, time) { silences.append(last..<time) }
            last = time
        }
        if isSilent(last, period.upperBound) { silences.append(last..<period.upperBound) }
        return silences
    }

    /// The silent stretches of `period` for a source that spoke in these stretches without being silent inside one.
    ///
    /// - Parameter spoken: Microseconds, inside the period, ascending by beginning; they may overlap.
    func silences(between spoken: [ClosedRange<Int64>], period: Range<Timestamp>) -> [Range<Timestamp>] {
        var silences: [Range<Timestamp>] = []
        var last = period.lowerBound
        for stretch in spoken {
            let begin = Timestamp(microseconds: stretch.lowerBound)
            if begin > last, isSilent(last, begin) { silences.append(last..<begin) }
            last = max(last, Timestamp(microseconds: stretch.upperBound))
        }
        if isSilent(last, period.upperBound) { silences.append(last..<period.upperBound) }
        return silences
    }

    private func isSilent(_ from: Timestamp, _ until: Timestamp) -> Bool {
        calendar.expectedMicroseconds(from: from, until: until, offsetMicroseconds: offset(at: from)) > expectedIntervalMicroseconds
    }

    /// The zone's offset where the stretch begins; a stretch across a change of summer time is judged by its beginning.
    private func offset(at moment: Timestamp) -> Int64 {
        guard let zone else { return 0 }
        let date = Date(timeIntervalSince1970: Double(moment.microseconds / 1_000_000))
        return Int64(zone.secondsFromGMT(for: date)) * 1_000_000
    }
}
