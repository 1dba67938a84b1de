import AuditModel
public import TransparencyLog

/// A batch whose rows were read and lead to the `rowsRoot` of its seal: what evidence is made of.
public struct VerifiedBatch: Sendable {
    /// The catalogue's record.
    public let record: BatchRecord
    /// Its events in index order, but for those that retention deleted.
    public let events: [StoredEvent]
    /// For each event its index in the batch.
    public let indexes: [Int]
    /// Their canonical lines, salt inside, without line feed.
    public let lines: [[UInt8]]
    /// The tree over the lines, with hashes in the place of deleted ones; its root is the seal's `rowsRoot`.
    public let tree: MerkleTree

    /// RFC 6962 audit path of the event at `index` in the batch, which must not be a deleted one, from its sibling up.
    public func path(index: Int) -> [MerkleHash] { tree.inclusionPath(index: UInt64(index)) }
}

extension StoreSnapshot {
    /// The events of a batch in index order, without those that retention deleted, and without a check of their root.
    public func events(of batch: BatchRecord) throws -> [StoredEvent] {
        let (block, _) = try rows(of: batch)
        return (0..<block.rowCount).map { StoredEvent(seq: block.seq[$0] ?? 0, event: block.event($0)) }.sorted { $0.seq < $1.seq }
    }

    /// Reads all rows of a batch, renders their canonical lines and recomputes the root that its seal names.
    ///
    /// - Parameter salt: The batch's 32-byte salt, from the vault; empty for a batch without events.
    /// - Throws: ``StoreError`` with `damagedSegment` when the rows are not those that were sealed.
    public func verifiedBatch(_ batch: BatchRecord, salt: [UInt8]) throws -> VerifiedBatch {
        let sealed = try sealedBlock(batch, salt: salt)
        let lines = BatchLeaves.lines(sealed.block, indexes: sealed.indexes, batchSalt: salt)
        let order = sealed.indexes.indices.sorted { sealed.indexes[$0] < sealed.indexes[$1] }
        return VerifiedBatch(
            record: batch,
            events: order.map { StoredEvent(seq: batch.firstSeq + Int64(sealed.indexes[$0]), event: sealed.block.event($0)) },
            indexes: order.map { sealed.indexes[$0] }, lines: order.map { lines[$0] }, tree: sealed.tree)
    }
}
