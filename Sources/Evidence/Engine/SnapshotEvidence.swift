import AuditModel
public import EventStore
public import Timeline
public import TransparencyLog
public import Vault

/// A store's snapshot, with its vault, as reports and packs read it.
public final class SnapshotEvidence: EvidenceStore {
    private let snapshot: StoreSnapshot
    private let vault: Vault
    public let checkpoint: EvidenceCheckpoint
    public let sources: [EvidenceSource]
    public let gaps: [Gap]
    public var logKey: NoteVerifier { snapshot.verifier }
    private let batches: [UInt64: BatchRecord]

    /// - Parameter gaps: What `Coverage` found over the snapshot.
    public init(_ snapshot: StoreSnapshot, vault: Vault, gaps: [Gap]) {
        self.snapshot = snapshot
        self.vault = vault
        self.gaps = gaps
        checkpoint = EvidenceCheckpoint(
            origin: snapshot.checkpoint.origin, size: snapshot.checkpoint.size, root: snapshot.checkpoint.root,
            note: String(decoding: snapshot.checkpointNote.bytes, as: UTF8.self))
        sources = snapshot.sources.values.map {
            EvidenceSource(
                id: $0.source, parser: $0.parser, expectedIntervalMicroseconds: $0.expectedIntervalSeconds.map { $0 * 1_000_000 },
                isConfigured: true)
        }.sorted { $0.id < $1.id }
        batches = Dictionary(snapshot.batches.map { ($0.logIndex, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public func logEntries() throws -> [[UInt8]] {
        try (0..<snapshot.checkpoint.size).map { try snapshot.entry($0) }
    }

    public func batch(logIndex: UInt64) throws -> EvidenceBatch {
        let found = try sealed(logIndex)
        guard let (record, salt) = found.rows else { return EvidenceBatch(events: [], lines: [], tree: found.tree) }
        let verified = try snapshot.verifiedBatch(record, salt: salt)
        return EvidenceBatch(events: verified.events.map(\.event), lines: verified.lines, tree: verified.tree, indexes: verified.indexes)
    }

    public func block(logIndex: UInt64) throws -> EvidenceBlock {
        let found = try sealed(logIndex)
        guard let (record, salt) = found.rows else { return EvidenceBlock(block: EventBlock(), indexes: [], tree: found.tree) }
        let sealed = try snapshot.sealedBlock(record, salt: salt)
        return EvidenceBlock(block: sealed.block, indexes: sealed.indexes, tree: sealed.tree)
    }

    /// The batch that a log entry seals, with its salt; only a tree where no row of it is left.
    private func sealed(_ logIndex: UInt64) throws -> (rows: (BatchRecord, salt: [UInt8])?, tree: MerkleTree) {
        guard let record = batches[logIndex] else {
            throw EvidenceError(
                .noLongerWhole,
                "the store has no rows for the batch that log entry \(logIndex) seals; no whole population can be built from it")
        }
        if let removed = snapshot.removed(of: record), removed.entry >= checkpoint.size {
            throw EvidenceError(
                .noLongerWhole,
                "log entry \(removed.entry), a retention after this checkpoint, deleted \(removed.count) of the events that log entry \(logIndex) seals; no whole population can be built from it"
            )
        }
        guard record.count > snapshot.removed(of: record)?.count ?? 0 || record.count == 0 else {
            let subtrees = snapshot.removed(of: record)?.subtrees ?? []
            guard let tree = MerkleTree(size: record.count, leaves: [], pruned: subtrees) else {
                throw EvidenceError(.integrity, "what retention kept of log entry \(logIndex) is damaged; run `proofline fsck`")
            }
            return (nil, tree)
        }
        guard record.count > 0 else { return (nil, MerkleTree(leaves: [])) }
        guard let salt = try vault.batchSalt(firstSeq: record.firstSeq) else {
            throw EvidenceError(
                .noLongerWhole,
                "the salt of the batch that log entry \(logIndex) seals was destroyed with its last event; no whole population can be built from it"
            )
        }
        return ((record, salt), MerkleTree(leaves: []))
    }

    public func inclusionProof(logIndex: UInt64) throws -> InclusionProof { try snapshot.inclusionProof(logIndex) }
    public func consistencyProof(from oldSize: UInt64) throws -> ConsistencyProof { try snapshot.consistencyProof(from: oldSize) }

    public func person(of token: String) throws -> String? { try vault.subject(of: token).map { "subject:\($0)" } }
    public func tokens(of name: String) throws -> [String] { try vault.tokens(ofPersonWith: name) }
}
