import AuditModel

/// Finds the stretches in which a source said nothing for longer than it was expected to.
///
/// A source without an expected interval is not judged: silence alone is no gap.
public struct SilenceDetector: Sendable {
    /// The longest expected stretch without an event, in microseconds of the calendar.
    public let expectedIntervalMicroseconds: Int64
    public let calendar: WorkCalendar
    /// The source's offset from UTC, for office hours.
    public let offsetMicroseconds: Int64

    public init(expectedIntervalMicroseconds: Int64, calendar: WorkCalendar = .always, offsetMicroseconds: Int64 = 0) {
        self.expectedIntervalMicroseconds = expectedIntervalMicroseconds
        self.calendar = calendar
        self.offsetMicroseconds = offsetMicroseconds
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

    private func isSilent(_ from: Timestamp, _ until: Timestamp) -> Bool {
        calendar.expectedMicroseconds(from: from, until: until, offsetMicroseconds: offsetMicroseconds) > expectedIntervalMicroseconds
    }
}
