import AuditModel
import EventStore

/// The gaps that the log itself records: `gap` entries, written when a collector lost bytes or a service was down.
struct RecordedGaps {
    private var bySource: [String: [Gap]] = [:]
    private var ofAll: [Gap] = []

    /// - Throws: `StoreError` for a log that cannot be read.
    init(snapshot: StoreSnapshot) throws {
        for entry in try snapshot.entries([.gap]) { add(entry.json) }
        for entry in try snapshot.entries([.retention]) { add(retention: entry, snapshot) }
    }

    /// Of what is older than an entry's cutoff nothing can be said, from the source's first event on.
    private mutating func add(retention entry: LogEntry, _ snapshot: StoreSnapshot) {
        guard let source = entry.json["source"]?.string, let until = entry.json["before"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let from = snapshot.totals[source]?.minTime, from < until
        else { return }
        bySource[source, default: []].removeAll { $0.cause == .retention && $0.until <= until }
        guard !bySource[source, default: []].contains(where: { $0.cause == .retention }) else { return }
        let explanation = "events before \(until) were deleted by retention (log entry \(entry.logIndex)), but for those under a legal hold"
        bySource[source, default: []].append(Gap(source: source, from: from, until: until, cause: .retention, explanation: explanation))
    }

    /// Gaps of one source, those of the whole service among them, as that source's.
    func gaps(of source: String) -> [Gap] {
        let shared = ofAll.map { Gap(source: source, from: $0.from, until: $0.until, cause: $0.cause, explanation: $0.explanation) }
        return bySource[source, default: []] + shared
    }

    private mutating func add(_ entry: JSONValue) {
        guard let from = entry["from"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let until = entry["to"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { return }
        let cause = entry["cause"]?.string.flatMap(Gap.Cause.init(rawValue:)) ?? .cursor
        let explanation = entry["explanation"]?.string ?? Self.sentence(cause, entry)
        let sources = entry["source"]?.string.map { [$0] } ?? entry["sources"]?.array?.compactMap(\.string) ?? []
        if sources.isEmpty { ofAll.append(Gap(source: "*", from: from, until: until, cause: cause, explanation: explanation)) }
        for source in sources {
            bySource[source, default: []].append(Gap(source: source, from: from, until: until, cause: cause, explanation: explanation))
        }
    }

    private static func sentence(_ cause: Gap.Cause, _ entry: JSONValue) -> String {
        switch cause {
        case .cursor:
            entry["bytes"]?.integer.map { "at least \($0) bytes were lost before they could be read" }
                ?? "the collector could not read a stretch"
        case .notRunning: "proofline was not running"
        case .heartbeat: "heartbeats are missing"
        case .silence: "the source was silent"
        case .retention: "events were deleted by retention"
        case .noData: "the store holds nothing"
        }
    }
}
