import AuditModel
import Cryptography
import EventStore
import Glibc

/// Events about what proofline itself was asked to do: durable before the answer, sealed by the store's writer.
enum StoreAct {
    /// An event of this program's own, with the operating system's user id.
    static func event(_ action: String, now: Timestamp) -> Event {
        var event = Event()
        event.time = now
        event.observed = now
        event[.source] = "proofline"
        event[.parser] = "proofline"
        event[.parserVersion] = "1"
        event[.actorType] = "user"
        event[.action] = action
        event[.category] = ActionTaxonomy.ownCategory
        event[.surface] = "cli"
        event[.outcome] = "success"
        event.setAttribute("os_uid", String(getuid()))
        return event
    }

    /// Spools an act. Throws where it cannot be written, and then there is no answer.
    ///
    /// - Parameter what: Names the act in the message, such as "a query that names a person".
    static func record(_ event: Event, _ what: String, in layout: StoreLayout, now: Timestamp) throws {
        let nonce = Hex.encode(SecureRandom.bytes(8))
        do {
            try ActSpool(layout: layout).append(event, at: now, nonce: nonce)
        } catch {
            throw VerbError.failed(
                "\(what) is recorded before it is answered, and \(layout.spool) cannot be written (\(error)): ask for write permission there"
            )
        }
    }
}
