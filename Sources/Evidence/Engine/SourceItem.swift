import AuditModel

/// An item that is a source: what seals and rows say about it.
struct SourceItem {
    let account: SourceAccount
    let period: Period

    var item: TestItem {
        let source = account.source
        func time(_ time: Timestamp?) -> Value { time.map { .time($0, bound: 0) } ?? .missing }
        func duration(_ length: Int64?) -> Value { length.map { .duration($0, bound: 0) } ?? .missing }
        func text(_ text: String?) -> Value { text.map { .text($0) } ?? .missing }
        let offsets = account.clock.summary
        let fields: [String: Value] = [
            "source": .text(source.id), "parser": .text(source.parser), "instance": text(account.instance),
            "mode": text(account.modes.count > 1 ? "mixed" : account.modes.first),
            "state": .text(source.isConfigured ? "configured" : "not in the inventory"),
            "events": .number(account.clock.events), "oldest": time(account.contentFrom), "newest": time(account.contentTo),
            "first_sealed": time(account.sealedFrom), "last_sealed": time(account.sealedTo), "deleted": .number(account.deleted),
            "duplicates": .number(account.duplicates), "quarantined": .number(account.quarantined - account.resolved),
            "delta": .number(account.unexplained), "expected_interval": duration(source.expectedIntervalMicroseconds),
            "clock_offset": duration(offsets?.median), "clock_spread": duration(offsets?.spread),
            "time_bound": duration(account.clock.largestBound),
        ]
        return TestItem(
            id: "source:\(source.id)", row: nil, time: period.start, timeBound: 0, people: [], system: source.id, fields: fields)
    }
}
