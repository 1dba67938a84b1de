import AuditModel
import EventStore
import Timeline

/// The event that says somebody asked about a person: written durably before the first row is shown.
struct QueryAct {
    let resolved: ResolvedFilter

    /// Spools the act; the store's writer seals it. Throws where it cannot be written, and then there is no answer.
    func record(in layout: StoreLayout, now: Timestamp) throws {
        var event = StoreAct.event("proofline.query.run", now: now)
        event[.message] = resolved.recordedText
        event.targets = resolved.tokens.sorted().map { Event.Target(type: "token", id: $0) }
        try StoreAct.record(event, "a query that names a person", in: layout, now: now)
    }
}
