import AuditModel
import TransparencyLog

/// Segments whose rows are sorted by time.
extension SegmentFiles {
    /// Encodes rows in the order given, which is that of time, with their positions in `block.seq`.
    ///
    /// - Parameter batches: In log order; together they have the rows of the block.
    static func encode(compacted block: EventBlock, batches: [Batch]) throws -> SegmentFiles {
        let encoder = try SegmentEncoder()
        var groups: [RowGroup] = []
        var start = 0
        while start < block.rowCount {
            let end = min(block.rowCount, start + StoreLimits.compactedRowGroupRows)
            groups.append(
                RowGroup(
                    encoded: try encoder.encode(block, rows: start..<end), firstSeq: 0,
                    seqs: UnsafeBufferPointer(rebasing: block.seq.values[start..<end])))
            start = end
        }
        return try withExtendedLifetime(block) { try SegmentFiles(groups, batches: batches, order: .time) }
    }
}

extension SegmentReader {
    /// A batch as the segment that its rows move to lists it: with the subtree roots that this segment's index has, since moving needs no salt.
    ///
    /// - Parameter removed: One for each index, true where the row will be gone: a subtree none of whose rows is left has zeros for its root, which is
    ///   all that an index made again could know of it.
    /// - Throws: ``StoreError`` with `damagedSegment` where the index is missing, damaged, or does not have them.
    func movedBatch(_ batch: BatchRecord, entry: [UInt8], index: (Int64) -> String, removed: [Bool]? = nil) throws -> SegmentFiles.Batch {
        guard let known = file.index?.subtreeRoots(firstSeq: batch.firstSeq), known.count == batch.count else {
            throw StoreError(
                .damagedSegment(record.id), "the index lacks the roots of a batch: rebuild it with `proofline fsck --rebuild`", path: index(record.id))
        }
        var roots = known.roots
        if let removed {
            for place in roots.indices {
                let start = place * StoreLimits.subtreeLeaves
                if !removed[start..<min(start + StoreLimits.subtreeLeaves, batch.count)].contains(false) { roots[place] = .nothingLeft }
            }
        }
        return SegmentFiles.Batch(
            firstSeq: batch.firstSeq, tree: BatchTree(subtreeRoots: roots, count: batch.count), logIndex: batch.logIndex, entry: entry)
    }
}

extension MerkleHash {
    /// What stands in an index for a subtree none of whose rows is left.
    static let nothingLeft = MerkleHash([UInt8](repeating: 0, count: sizeBytes)) ?? .empty
}
