public import AuditModel
public import TransparencyLog

/// A batch as columns, read and led to the `rowsRoot` of its seal: what a full scan goes over.
public struct SealedBlock {
    /// The catalogue's record.
    public let record: BatchRecord
    /// Its rows in the order of the segment, but for those that retention deleted.
    public let block: EventBlock
    /// For each row its index in the batch.
    public let indexes: [Int]
    /// The tree over the lines in index order, with hashes in the place of deleted ones; its root is the seal's `rowsRoot`.
    public let tree: MerkleTree
}

extension StoreSnapshot {
    /// Reads all rows of a batch, renders their canonical lines and recomputes the root that its seal names.
    ///
    /// The root is taken from the seal's bytes, not from the catalogue's copy of it. Any number of threads may do this.
    /// - Parameter salt: The batch's 32-byte salt, from the vault; empty for a batch without events.
    /// - Throws: ``StoreError`` with `damagedSegment` when the rows are not those that were sealed.
    public func sealedBlock(_ batch: BatchRecord, salt: [UInt8]) throws -> SealedBlock {
        guard salt.count == 32 || batch.count == 0 else {
            throw StoreError(.damaged, "the salt of the batch at log index \(batch.logIndex) has \(salt.count) bytes; a salt has 32")
        }
        let (block, indexes) = try rows(of: batch)
        let leaves = BatchLeaves.leaves(block, indexes: indexes, batchSalt: salt)
        let tree = try tree(of: batch, leaves, indexes)
        let seal = try JSONValue(parsing: try entry(batch.logIndex))
        let sealed = seal["rowsRoot"]?.string.flatMap { MerkleHash(hex: $0) }
        guard batch.count == 0 ? sealed == nil : sealed == tree.root, seal["count"]?.integer == Int64(batch.count) else {
            throw StoreError(
                .damagedSegment(batch.segment ?? -1),
                "the rows of the batch at log index \(batch.logIndex) are not those that were sealed: they were changed, or the salt is wrong",
                path: batch.segment.map { layout.segment($0) })
        }
        return SealedBlock(record: batch, block: block, indexes: indexes, tree: tree)
    }

    /// The rows of a batch as a block, without those that retention deleted, and for each its index; without a check of their root.
    func rows(of batch: BatchRecord) throws -> (block: EventBlock, indexes: [Int]) {
        let removed = removed(of: batch)
        guard batch.count > removed?.count ?? 0 else { return (EventBlock(), []) }
        guard let segment = segment(of: batch) else {
            throw StoreError(
                .damaged, "no segment holds positions \(batch.seqs.lowerBound) to \(batch.seqs.upperBound - 1): run `proofline fsck`",
                path: layout.segments)
        }
        let reader = try reader(segment)
        let block: EventBlock
        if reader.file.isInSeqOrder {
            let first = Int(batch.firstSeq - segment.seqs.lowerBound)
            block = try reader.block(rows: Array(first..<first + batch.count))
        } else {
            block = try reader.block(rows: try reader.rows(seqs: batch.seqs))
        }
        let indexes = (0..<block.rowCount).map { Int((block.seq[$0] ?? -1) - batch.firstSeq) }
        // Every index that is to be there is there once.
        var isThere = [Bool](repeating: false, count: batch.count)
        for index in indexes where isThere.indices.contains(index) { isThere[index] = true }
        let isWhole = isThere.indices.allSatisfy { isThere[$0] != (removed?.contains($0) ?? false) }
        guard indexes.count == batch.count - (removed?.count ?? 0), isWhole else {
            throw StoreError(
                .damagedSegment(segment.id), "rows of the batch at log index \(batch.logIndex) are missing or out of place",
                path: layout.segment(segment.id))
        }
        return (block, indexes)
    }

    private func tree(of batch: BatchRecord, _ hashes: [MerkleHash], _ indexes: [Int]) throws -> MerkleTree {
        guard let removed = removed(of: batch) else {
            var leaves = hashes
            for (row, index) in indexes.enumerated() { leaves[index] = hashes[row] }
            return MerkleTree(leaves: leaves)
        }
        let leaves = zip(indexes, hashes).map { (index: $0, hash: $1) }.sorted { $0.index < $1.index }
        guard let tree = MerkleTree(size: batch.count, leaves: leaves, pruned: removed.subtrees) else {
            throw StoreError(
                .damaged, "what retention kept of the batch at log index \(batch.logIndex) does not fit its rows: run `proofline fsck`",
                path: layout.catalogue)
        }
        return tree
    }
}
