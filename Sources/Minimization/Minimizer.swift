import AuditModel
import Vault

/// Turns parsed events into events that name nobody (docs/minimization.md).
///
/// Fails closed: a value without a data class, or a vault that cannot answer, throws, and the caller stops. Tokens are durable when
/// ``minimize(_:)`` returns, before any store can commit an event that holds them.
///
/// Keeps a memory of texts already scrubbed; use one per ingesting thread.
public final class Minimizer {
    public let policy: MinimizationPolicy
    private let vault: Vault
    private let memory = ScrubMemory()
    private let agents = AgentMemory()
    private var plans: FieldPlans
    private var caches: [String: IdentityCache] = [:]
    private var erasureCount: UInt64 = 0

    public init(policy: MinimizationPolicy, vault: Vault) {
        self.policy = policy
        self.vault = vault
        plans = FieldPlans(policy: policy)
    }

    /// Minimizes events in one transaction of the vault.
    ///
    /// - Throws: ``MinimizationError``; nothing was written through, and tokens made for the failed batch are taken back.
    public func minimize(_ parsed: [ParsedEvent]) throws -> MinimizedBatch {
        // A remembered token of somebody who was erased must not come back.
        if erasureCount != vault.epoch {
            caches.removeAll()
            erasureCount = vault.epoch
        }
        do {
            var counts = ScrubCounts()
            var events: [Event] = []
            events.reserveCapacity(parsed.count)
            try vault.batch { session in
                for item in parsed { events.append(try minimize(item, session, &counts)) }
            }
            return MinimizedBatch(events: events, counts: counts.named, bindings: try vault.takePendingBindings())
        } catch {
            // Tokens of the failed batch are gone from the vault, so they must go from memory.
            caches.removeAll()
            guard let error = error as? VaultError else { throw error }
            throw MinimizationError(.vault, "the vault failed, so nothing was ingested; mend it and go on", cause: error)
        }
    }

    private func minimize(_ item: ParsedEvent, _ session: VaultSession, _ counts: inout ScrubCounts) throws -> Event {
        let namespace = item.event[.source] ?? ""
        let cache = cache(of: namespace)
        var pass = EventPass(
            item.event, plan: plans.plan(of: item.classes), policy: policy, session: session, cache: cache, memory: memory, agents: agents)
        return try pass.run(&counts)
    }

    private func cache(of namespace: String) -> IdentityCache {
        if let cache = caches[namespace] { return cache }
        let cache = IdentityCache(namespace: namespace, policy: policy)
        caches[namespace] = cache
        return cache
    }

    /// Minimizes a text outside of events, such as a reason that somebody typed and that goes on the timeline.
    public static func minimize(text: String, vault: Vault, limitBytes: Int = 2_048) throws -> String {
        do {
            return try vault.batch { session in
                var counts = ScrubCounts()
                var treatment = TextTreatment(session: session, memory: ScrubMemory(), limitBytes: limitBytes)
                return try treatment.scrubbed(text, &counts) ?? text
            }
        } catch let error as VaultError {
            throw MinimizationError(.vault, "the vault failed, so nothing was written", cause: error)
        }
    }
}
