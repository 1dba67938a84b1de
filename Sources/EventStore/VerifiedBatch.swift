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
        let removed = removed(of: batch)
        guard batch.count > removed?.count ?? 0 else { return [] }
        guard let segment = segment(of: batch) else {
            throw StoreError(
                .damaged, "no segment holds positions \(batch.seqs.lowerBound) to \(batch.seqs.upperBound - 1): run `proofline fsck`",
                path: layout.segments)
        }
        let reader = try reader(segment)
        let events: [StoredEvent]
        if reader.file.isInSeqOrder {
            let first = Int(batch.firstSeq - segment.seqs.lowerBound)
            events = try reader.events(rows: Array(first..<first + batch.count))
        } else {
            let rows = try reader.rows(seqs: batch.seqs)
            events = try reader.events(rows: rows).sorted { $0.seq < $1.seq }
        }
        let expected = batch.seqs.lazy.filter { seq in !(removed?.contains(Int(seq - batch.firstSeq)) ?? false) }
        guard events.count == batch.count - (removed?.count ?? 0), zip(events, expected).allSatisfy({ $0.seq == $1 }) else {
            throw StoreError(
                .damagedSegment(segment.id), "rows of the batch at log index \(batch.logIndex) are missing or out of place",
                path: layout.segment(segment.id))
        }
        return events
    }

    /// Reads all rows of a batch, renders their canonical lines and recomputes the root that its seal names.
    ///
    /// The root is taken from the seal's bytes, not from the catalogue's copy of it.
    /// - Parameter salt: The batch's 32-byte salt, from the vault; empty for a batch without events.
    /// - Throws: ``StoreError`` with `damagedSegment` when the rows are not those that were sealed.
    public func verifiedBatch(_ batch: BatchRecord, salt: [UInt8]) throws -> VerifiedBatch {
        let events = try events(of: batch)
        var lines: [[UInt8]] = []
        lines.reserveCapacity(events.count)
        let indexes = events.map { Int($0.seq - batch.firstSeq) }
        for (index, stored) in zip(indexes, events) {
            lines.append(BatchLeaves.line(stored.event, batchSalt: salt, index: index))
        }
        let tree = try tree(of: batch, zip(indexes, lines).map { (index: $0, hash: MerkleHash.leaf($1)) })
        let seal = try JSONValue(parsing: try entry(batch.logIndex))
        let sealed = seal["rowsRoot"]?.string.flatMap { MerkleHash(hex: $0) }
        guard batch.count == 0 ? sealed == nil : sealed == tree.root, seal["count"]?.integer == Int64(batch.count) else {
            throw StoreError(
                .damagedSegment(batch.segment ?? -1),
                "the rows of the batch at log index \(batch.logIndex) are not those that were sealed: they were changed, or the salt is wrong",
                path: batch.segment.map { layout.segment($0) })
        }
        return VerifiedBatch(record: batch, events: events, indexes: indexes, lines: lines, tree: tree)
    }

    private func tree(of batch: BatchRecord, _ leaves: [(index: Int, hash: MerkleHash)]) throws -> MerkleTree {
        guard let removed = removed(of: batch) else { return MerkleTree(leaves: leaves.map(\.hash)) }
        guard let tree = MerkleTree(size: batch.count, leaves: leaves, pruned: removed.subtrees) else {
            throw StoreError(
                .damaged, "what retention kept of the batch at log index \(batch.logIndex) does not fit its rows: run `proofline fsck`",
                path: layout.catalogue)
        }
        return tree
    }
}
