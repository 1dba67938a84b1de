import AuditModel
import Collection
import Cryptography
import EventStore
import Minimization
import Parsing
import TransparencyLog
import Vault

/// Turns open batches into one commit.
///
/// Order: duplicates are told apart; identities become tokens (durable in the vault); salts and quarantined records are made durable;
/// the store commits events, ledger, cursors and seals together; the vault notes which commitments are sealed. A crash between
/// any two of these leaves tokens, salts or quarantined records that the repetition finds again, and nothing that is counted twice.
final class Committer {
    let store: EventStore
    let vault: Vault
    private let quarantine: QuarantineStore
    private let minimizer: Minimizer

    init(store: EventStore, vault: Vault, policy: MinimizationPolicy) throws {
        self.store = store
        self.vault = vault
        quarantine = try QuarantineStore(vault: vault)
        minimizer = Minimizer(policy: policy, vault: vault)
    }

    /// What a commit added, by source.
    struct Outcome {
        var sources: [String: IngestSummary.Source] = [:]
        var batches: [CommittedBatch] = []
    }

    /// Commits what the pipelines hold and the cursors that go with it.
    ///
    /// - Throws: ``IngestionError``, `StoreError`, `VaultError`, `MinimizationError`. Then nothing was committed, and the process should end:
    ///   the cursors on disk are those before.
    func commit(_ pipelines: [SourcePipeline]) throws -> Outcome {
        var outcome = Outcome()
        var drafts: [BatchDraft] = []
        var salts: [(key: BatchSaltKey, salt: [UInt8])] = []
        var setAside: [QuarantineStore.Entry] = []
        var seen: [UInt64: Set<UInt64>] = [:]
        var bindings: [Binding] = []
        var nextSeq = store.nextSeq
        do {
            for pipeline in pipelines {
                let cursors = pipeline.collector.cursors { pipeline.parserState($0) }
                let batches = pipeline.takeBatches()
                for (number, batch) in batches.enumerated() {
                    var batch = batch
                    batch.resolve(try verdicts(batch, &seen))
                    let (draft, minimized) = try draft(batch, of: pipeline)
                    var own = draft
                    if number == batches.count - 1 { own.cursors = cursors.map(Self.row) }
                    if !own.rows.isEmpty {
                        own.batchSalt = SecureRandom.bytes(32)
                        salts.append((.rows(firstSeq: nextSeq), own.batchSalt))
                    }
                    if let root = own.rawRoot { salts.append((.raw(root: root.digest), batch.rawTree.salt)) }
                    nextSeq += Int64(own.eventCount)
                    bindings += minimized
                    setAside += batch.quarantine
                    Self.count(batch, own, in: &outcome.sources[pipeline.configuration.id, default: .init()])
                    drafts.append(own)
                }
            }
            try vault.putBatchSalts(salts)
            try quarantine.put(setAside)
            outcome.batches = try store.commit(drafts)
        } catch {
            vault.returnBindings(bindings)
            throw error
        }
        try vault.markBound(bindings.map(\.token))
        return outcome
    }

    /// Seals the acts of readers; returns the names of spool files that are none.
    func sealActs(now: Timestamp) throws -> [String] {
        let policy = minimizer.policy
        return try ActSealer(store: store, vault: vault).seal(
            now: now, policy: DefinitionReference(id: policy.id, version: policy.version, sha256: policy.sha256.hex))
    }

    private func draft(_ batch: OpenBatch, of pipeline: SourcePipeline) throws -> (BatchDraft, [Binding]) {
        let configuration = pipeline.configuration
        let definition = pipeline.definition
        let policy = minimizer.policy
        var draft = BatchDraft(
            source: configuration.id, instance: configuration.instance, mode: pipeline.mode,
            parser: DefinitionReference(
                id: definition.id, version: definition.version, sha256: SHA256.hash(definition.definitionBytes).hex),
            policy: DefinitionReference(id: policy.id, version: policy.version, sha256: policy.sha256.hex))
        draft.ranges = batch.ranges
        for range in batch.ranges { draft.counts += range.counts }
        draft.dropped = batch.dropped
        draft.duplicateKeys = batch.parsed.compactMap(\.key)
        if !batch.ranges.isEmpty { (draft.cursorFrom, draft.cursorTo) = batch.cursor }
        draft.rawRoot = batch.rawTree.root
        guard draft.counts.isBalanced, draft.counts.received == Int64(batch.rawTree.count),
            draft.counts.parsed == Int64(batch.parsed.count), draft.counts.quarantined == Int64(batch.quarantine.count)
        else {
            throw IngestionError(
                .ledgerUnbalanced,
                "the records of source \(configuration.id) do not add up; nothing was committed: report this as a fault of proofline")
        }
        guard !batch.events.isEmpty else { return (draft, []) }
        let minimized = try minimizer.minimize(batch.events)
        var events = minimized.events
        for position in events.indices {
            for (name, value) in configuration.attributes { events[position].setAttribute(name, value) }
        }
        draft.events = events
        draft.minimized = minimized.counts
        draft.bindings = minimized.bindings.map { TokenBinding(token: $0.token, commitment: $0.commitment.bytes) }
        return (draft, minimized.bindings)
    }

    /// What is known of each parsed record: from the store, and from records before it in this commit.
    private func verdicts(_ batch: OpenBatch, _ seen: inout [UInt64: Set<UInt64>]) throws -> [DuplicateKey.Verdict] {
        let stored = try store.verdicts(batch.parsed.compactMap(\.key))
        var next = stored.makeIterator()
        return batch.parsed.map { record in
            guard let key = record.key else { return .new }
            var verdict = next.next() ?? .new
            if let before = seen[key.id], verdict != .duplicate { verdict = before.contains(key.bytes) ? .duplicate : .idReused }
            seen[key.id, default: []].insert(key.bytes)
            return verdict
        }
    }

    private static func row(_ cursor: CollectorCursor) -> CursorRow {
        CursorRow(source: cursor.source, contentID: cursor.contentID, offset: cursor.offset, state: Array(cursor.text.utf8))
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
