import AuditModel
import Vault

/// What minimization made of a block.
public struct MinimizedBlock: Sendable {
    /// The vault's epoch in which the block's tokens were given: `Vault.flush(epoch:salts:)` wants it before the block is committed.
    public let epoch: UInt64
    /// What was replaced, dropped or cut in each batch, by fixed names, as ``MinimizedBatch/counts``.
    public let counts: [[String: Int]]
}

/// Turns a block of parsed events into one that names nobody, column by column: the same events as ``Minimizer`` makes row by row
/// (docs/minimization.md), but every distinct value is looked at once.
///
/// Fails closed: a value without a data class, or a vault that cannot answer, throws; the block then still holds identities and must be thrown away.
/// Tokens are not durable yet: the committer flushes the vault before the store's commit.
///
/// Remembers identities from block to block. Not thread-safe: one per thread, all over the same vault.
public final class BlockMinimizer {
    public let policy: MinimizationPolicy
    private let vault: Vault
    private var tools: TextTools
    private var memories: [String: IdentityMemory] = [:]
    private var plans: FieldPlans
    private let agents = AgentMemory()
    private var epoch: UInt64 = 0

    public init(policy: MinimizationPolicy, vault: Vault) {
        self.policy = policy
        self.vault = vault
        plans = FieldPlans(policy: policy)
        tools = TextTools(findings: FindingMemory(vault: vault))
    }

    /// Rewrites the columns of a block in place.
    ///
    /// - Parameter batches: The rows that are counted together, consecutive and covering all rows; nil for one batch of all.
    /// - Throws: ``MinimizationError``; the block must not be used any more.
    public func minimize(_ block: EventBlock, batches: [Range<Int>]? = nil) throws -> MinimizedBlock {
        let batches = batches ?? [0..<block.rowCount]
        var end = 0
        for batch in batches {
            precondition(batch.lowerBound == end, "batches follow one another and leave no row out")
            end = batch.upperBound
        }
        precondition(end == block.rowCount, "batches follow one another and leave no row out")
        let current = vault.epoch
        // A remembered token of somebody who was erased, or of a failed flush, must not come back.
        if current != epoch || tools.findings.isFull || memories.values.contains(where: \.isFull) { forget() }
        epoch = current
        do {
            try vault.requireWriting()
            let pass = BlockPass(block, batches: batches, policy: policy, tools: tools, agents: agents)
            try pass.run(plans: { plans.plan(of: $0) }, memories: { memory(of: $0) })
            return MinimizedBlock(epoch: current, counts: pass.counts.map(\.named))
        } catch {
            forget()
            guard let error = error as? VaultError else { throw error }
            throw MinimizationError(.vault, "the vault failed, so nothing was ingested; mend it and go on", cause: error)
        }
    }

    private func forget() {
        memories.removeAll()
        tools = TextTools(findings: FindingMemory(vault: vault))
    }

    private func memory(of namespace: String) -> IdentityMemory {
        if let memory = memories[namespace] { return memory }
        let memory = IdentityMemory(namespace: namespace, policy: policy, vault: vault, literals: tools.literals)
        memories[namespace] = memory
        return memory
    }
}
