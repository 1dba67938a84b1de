import AuditModel
import EventStore
import Timeline

/// The event that says somebody asked about a person: written durably before the first row is shown.
struct QueryAct {
    let resolved: ResolvedFilter
    /// The stages behind the filter.
    var stages: [String] = []

    /// Spools the act; the store's writer seals it. Throws where it cannot be written, and then there is no answer.
    func record(in layout: StoreLayout, now: Timestamp) throws {
        var event = StoreAct.event("proofline.query.run", now: now)
        event[.message] = ([resolved.recordedText] + stages).joined(separator: " | ")
        event.targets = resolved.tokens.sorted().map { Event.Target(type: "token", id: $0) }
        try StoreAct.record(event, "a query that names a person", in: layout, now: now)
    }

    /// Begins to spool the act while the query is evaluated; waiting for it comes before the first row.
    func begin(in layout: StoreLayout, now: Timestamp) -> Beside<Void> {
        let act = self
        return Beside { try act.record(in: layout, now: now) }
    }
}
