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
    private var agents: [String: String] = [:]

    public init(policy: MinimizationPolicy, vault: Vault) {
        self.policy = policy
        self.vault = vault
    }

    /// Minimizes events in one transaction of the vault.
    ///
    /// - Throws: ``MinimizationError``; nothing was written through, and tokens made for the failed batch are taken back.
    public func minimize(_ parsed: [ParsedEvent]) throws -> MinimizedBatch {
        do {
            var counts = ScrubCounts()
            var events: [Event] = []
            events.reserveCapacity(parsed.count)
            try vault.batch { session in
                for item in parsed {
                    var pass = EventPass(item, policy: policy, session: session, memory: memory, agent: generalizedAgent)
                    events.append(try pass.run(&counts))
                }
            }
            return MinimizedBatch(events: events, counts: counts.named, bindings: try vault.takePendingBindings())
        } catch let error as VaultError {
            throw MinimizationError(.vault, "the vault failed, so nothing was ingested; mend it and go on", cause: error)
        }
    }

    /// Minimizes a text outside of events, such as a reason that somebody typed and that goes on the timeline.
    public static func minimize(text: String, vault: Vault, limitBytes: Int = 2_048) throws -> String {
        do {
            return try vault.batch { session in
                var counts = ScrubCounts()
                var treatment = TextTreatment(session: session, memory: ScrubMemory(), literals: LiteralTable(), limitBytes: limitBytes)
                return try treatment.scrub(text, guarding: .everything, &counts).text
            }
        } catch let error as VaultError {
            throw MinimizationError(.vault, "the vault failed, so nothing was written", cause: error)
        }
    }

    private func generalizedAgent(_ text: String) -> String {
        if let known = agents[text] { return known }
        if agents.count > 16_384 { agents.removeAll() }
        let family = UserAgent.generalize(text)
        agents[text] = family
        return family
    }
}
