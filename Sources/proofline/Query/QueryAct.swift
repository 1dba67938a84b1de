import AuditModel
import Cryptography
import EventStore
import Glibc
import Timeline

/// The event that says somebody asked about a person: written durably before the first row is shown.
struct QueryAct {
    let resolved: ResolvedFilter

    /// Spools the act; the store's writer seals it. Throws where it cannot be written, and then there is no answer.
    func record(in layout: StoreLayout, now: Timestamp) throws {
        var event = Event()
        event.time = now
        event.observed = now
        event[.source] = "proofline"
        event[.parser] = "proofline"
        event[.parserVersion] = "1"
        event[.actorType] = "user"
        event[.action] = "proofline.query.run"
        event[.category] = ActionTaxonomy.entry(for: "proofline.query.run")?.category
        event[.surface] = "cli"
        event[.outcome] = "success"
        event[.message] = resolved.recordedText
        event.setAttribute("os_uid", String(getuid()))
        event.targets = resolved.tokens.sorted().map { Event.Target(type: "token", id: $0) }
        let nonce = SecureRandom.bytes(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        do {
            try ActSpool(layout: layout).append(event, at: now, nonce: nonce)
        } catch {
            throw VerbError.failed(
                "a query that names a person is recorded before it is answered, and \(layout.spool) cannot be written (\(error)): ask for write permission there")
        }
    }
}
