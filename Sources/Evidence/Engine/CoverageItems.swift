import AuditModel
import Timeline

/// The population of a coverage report: one item per source and day of the period.
struct CoverageItems {
    let period: Period
    let gaps: [Gap]

    func items(_ accounts: [SourceAccount]) -> [TestItem] {
        accounts.flatMap { account in
            period.days.enumerated().map { number, day in item(account, day, isFirst: number == 0) }
        }
    }

    private func item(_ account: SourceAccount, _ day: Timestamp, isFirst: Bool) -> TestItem {
        let end = Timestamp(microseconds: day.microseconds + CalendarText.dayMicroseconds)
        let own = gaps.filter { $0.source == account.source.id }
        let touching = own.filter { $0.overlaps(from: day, until: end) }
        // A gap counts on the day it begins, once; one that began before the period counts on its first day.
        let beginning = touching.filter { $0.from >= day || isFirst }
        let lost = touching.reduce(Int64(0)) { $0 + min($1.until, end).microseconds - max($1.from, day).microseconds }
        let longest = beginning.max { $0.microseconds < $1.microseconds }
        let events = account.eventsByDay[day] ?? 0
        let fields: [String: Value] = [
            "source": .text(account.source.id), "parser": .text(account.source.parser), "day": .text(CalendarText.day(day)),
            "events": .number(events),
            // The ledger's delta belongs to no day; it is shown on the first.
            "delta": .number(isFirst ? account.unexplained : 0),
            "gap": .duration(lost, bound: 0), "longest_gap": .duration(longest?.microseconds ?? 0, bound: 0),
            "gaps": .number(Int64(beginning.count)),
            "cause": longest.map { .text("\(CalendarText.moment($0.from)) to \(CalendarText.moment($0.until)) UTC: \($0.explanation)") }
                ?? .missing,
            "judged": .truth(Truth(account.source.expectedIntervalMicroseconds != nil)),
            "state": .text(account.source.isConfigured ? "configured" : "not in the inventory"),
        ]
        return TestItem(
            id: "\(account.source.id)/\(CalendarText.day(day))", row: nil, time: day, timeBound: 0, people: [], system: account.source.id,
            fields: fields)
    }
}
