import AuditModel
public import TransparencyLog

/// A batch whose rows were read and lead to the `rowsRoot` of its seal: what evidence is made of.
public struct VerifiedBatch: Sendable {
    /// The catalogue's record.
    public let record: BatchRecord
    /// Its events in index order.
    public let events: [StoredEvent]
    /// Their canonical lines, salt inside, without line feed.
    public let lines: [[UInt8]]
    /// The tree over the lines; its root is the seal's `rowsRoot`.
    public let tree: MerkleTree

    /// RFC 6962 audit path of the event at `index` in the batch, from its sibling up.
    public func path(index: Int) -> [MerkleHash] { tree.inclusionPath(index: UInt64(index)) }
}

extension StoreSnapshot {
    /// Reads all rows of a batch, renders their canonical lines and recomputes the root that its seal names.
    ///
    /// - Parameter salt: The batch's 32-byte salt, from the vault.
    /// - Throws: ``StoreError`` with `damagedSegment` when the rows are not those that were sealed.
    public func verifiedBatch(_ batch: BatchRecord, salt: [UInt8]) throws -> VerifiedBatch {
        throw StoreError(.notFound, "not written yet")
    }
}
