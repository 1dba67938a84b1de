import AuditModel
import Dispatch
import EventStore
import Synchronization
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

    /// Begins to spool the act while the query is evaluated; ``Pending/wait()`` comes before the first row.
    func begin(in layout: StoreLayout, now: Timestamp) -> Pending {
        let pending = Pending()
        let act = self
        DispatchQueue.global(qos: .userInitiated).async {
            pending.end(Result { try act.record(in: layout, now: now) })
        }
        return pending
    }

    /// An act on its way to the disk.
    final class Pending: Sendable {
        private let done = DispatchSemaphore(value: 0)
        private let result = Mutex<Result<Void, any Error>?>(nil)

        fileprivate func end(_ outcome: Result<Void, any Error>) {
            result.withLock { $0 = outcome }
            done.signal()
        }

        /// Returns when the act is durable; throws where it cannot be written. May be called again.
        func wait() throws {
            done.wait()
            done.signal()
            try result.withLock { try $0?.get() }
        }
    }
}
