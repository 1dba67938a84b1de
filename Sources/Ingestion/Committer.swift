import AuditModel
import Cryptography
import EventStore
import Minimization
import Parsing
import Synchronization
import TransparencyLog
import Vault

/// Makes groups of blocks durable, one at a time.
///
/// Order: identities' tokens and the batches' salts are made durable in the vault; then quarantined records; the store commits events, ledger,
/// cursors and seals together; the vault notes which commitments are sealed. A crash between any two of these leaves tokens, salts or
/// quarantined records that the repetition finds again, and nothing that is counted twice.
final class Committer: @unchecked Sendable {
    let store: EventStore
    let vault: Vault
    private let quarantine: QuarantineStore
    private let policy: DefinitionReference
    /// One commit at a time, acts among them: positions are foretold.
    private let turn = Mutex(())

    init(store: EventStore, vault: Vault, policy: MinimizationPolicy) throws {
        self.store = store
        self.vault = vault
        quarantine = try QuarantineStore(vault: vault)
        self.policy = DefinitionReference(id: policy.id, version: policy.version, sha256: policy.sha256.hex)
    }

    /// What a commit added, by source.
    struct Outcome: Sendable {
        var sources: [String: IngestSummary.Source] = [:]
        var batches: [CommittedBatch] = []
    }

    private func inTurn<R>(_ body: () throws -> R) rethrows -> R {
        try turn.withLock { _ in
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let result = try body()
            return result
        }
    }

    /// Commits what a group holds and the cursors that go with it.
    ///
    /// - Throws: ``IngestionError``, `StoreError`, `VaultError`, `MinimizationError`. Then nothing was committed, and the process should end:
    ///   the cursors on disk are those before.
    func commit(_ group: CommitGroup) throws -> Outcome {
        try inTurn { try commitInTurn(group) }
    }

    /// Seals the acts of readers; returns the names of spool files that are none.
    func sealActs(now: Timestamp) throws -> [String] {
        try inTurn { try ActSealer(store: store, vault: vault).seal(now: now, policy: policy) }
    }

    private func commitInTurn(_ group: CommitGroup) throws -> Outcome {
        var outcome = Outcome()
        var (drafts, salts) = try drafts(of: group, &outcome)
        var bindings: [Binding] = []
        do {
            try vault.flush(epoch: group.works.compactMap { $0.minimized?.epoch }.min(), salts: salts)
            // Commitments go with the first batch that has events: of them the seal speaks, not of rows.
            if let first = drafts.firstIndex(where: { !$0.rows.isEmpty }) {
                bindings = try vault.takePendingBindings()
                drafts[first].bindings = bindings.map { TokenBinding(token: $0.token, commitment: $0.commitment.bytes) }
            }
            try quarantine.put(group.works.flatMap { $0.block.batches.flatMap(\.quarantine) })
            outcome.batches = try store.commit(drafts)
        } catch {
            vault.returnBindings(bindings)
            throw error
        }
        try vault.markBound(bindings.map(\.token))
        return outcome
    }

    private func drafts(
        of group: CommitGroup, _ outcome: inout Outcome
    ) throws -> ([BatchDraft], [(key: BatchSaltKey, salt: [UInt8])]) {
        var drafts: [BatchDraft] = []
        var salts: [(key: BatchSaltKey, salt: [UInt8])] = []
        var nextSeq = store.nextSeq
        var works = group.works[...]
        for cut in group.cuts {
            let first = drafts.count
            for work in works.prefix(cut.blocks.count) {
                var isFirst = true
                for (number, batch) in work.block.batches.enumerated() {
                    var draft = try draft(batch, number, of: work)
                    if isFirst { draft.duplicateKeys = work.keptKeys }
                    isFirst = false
                    let parts = work.seals[number]
                    if !draft.rows.isEmpty { salts.append((.rows(firstSeq: nextSeq), parts.batchSalt)) }
                    if let root = draft.rawRoot { salts.append((.raw(root: root.digest), parts.rawSalt)) }
                    nextSeq += Int64(draft.eventCount)
                    Self.count(batch, draft, in: &outcome.sources[draft.source, default: .init()])
                    drafts.append(draft)
                }
            }
            works = works.dropFirst(cut.blocks.count)
            if drafts.count > first { drafts[drafts.count - 1].cursors = cut.cursors }
        }
        return (drafts, salts)
    }

    private func draft(_ batch: OpenBatch, _ number: Int, of work: BlockWork) throws -> BatchDraft {
        let configuration = work.reader.configuration
        let parts = work.seals[number]
        var draft = BatchDraft(
            source: configuration.id, instance: configuration.instance, mode: work.mode, parser: work.reader.parserReference, policy: policy)
        draft.ranges = batch.ranges
        for range in batch.ranges { draft.counts += range.counts }
        draft.dropped = batch.dropped
        if !batch.ranges.isEmpty { (draft.cursorFrom, draft.cursorTo) = batch.cursor }
        draft.rawRoot = parts.rawRoot
        guard draft.counts.isBalanced, draft.counts.received == Int64(batch.records.count),
            draft.counts.quarantined == Int64(batch.quarantine.count), draft.counts.parsed == 0 ? batch.rows.isEmpty : true
        else {
            throw IngestionError(
                .ledgerUnbalanced,
                "the records of source \(configuration.id) do not add up; nothing was committed: report this as a fault of proofline")
        }
        guard !batch.rows.isEmpty else { return draft }
        draft.block = work.block.events
        draft.rows = batch.rows
        draft.rowGroup = work.rowGroup
        draft.tree = parts.tree
        draft.batchSalt = parts.batchSalt
        draft.minimized = work.minimized?.counts[number] ?? [:]
        return draft
    }

    private static func count(_ batch: OpenBatch, _ draft: BatchDraft, in source: inout IngestSummary.Source) {
        source.bytes += batch.contentBytes
        source.counts += draft.counts
        source.events += Int64(draft.eventCount)
        source.quarantined.merge(batch.quarantinedReasons, uniquingKeysWith: +)
        source.skipped.merge(batch.skippedRules, uniquingKeysWith: +)
        source.dropped.merge(batch.dropped, uniquingKeysWith: +)
        source.minimized.merge(draft.minimized, uniquingKeysWith: +)
    }
}
