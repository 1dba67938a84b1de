import AuditModel
import TransparencyLog

/// Segments whose rows are sorted by time.
extension SegmentFiles {
    /// A batch whose rows move into a compacted segment.
    struct CompactedBatch {
        var firstSeq: Int64
        var count: Int
        var logIndex: UInt64
        /// The seal's bytes.
        var entry: [UInt8]
        /// Its subtree roots as its index had them.
        var subtreeRoots: [MerkleHash]
    }

    /// Encodes rows in the order given, which is that of time, with their positions in `block.seq`.
    ///
    /// - Parameter batches: In log order; together they have the rows of the block.
    static func encode(compacted block: EventBlock, batches: [CompactedBatch]) throws -> SegmentFiles {
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
        return try withExtendedLifetime(block) {
            try SegmentFiles(
                groups,
                batches: batches.map { batch in
                    Batch(
                        firstSeq: batch.firstSeq, tree: BatchTree(subtreeRoots: batch.subtreeRoots, count: batch.count),
                        logIndex: batch.logIndex, entry: batch.entry)
                }, order: .time)
        }
    }
}

extension SegmentReader {
    /// The subtree roots of a batch by the index file; nil where the file is missing, damaged, or does not have them.
    func subtreeRoots(firstSeq: Int64, count: Int) throws -> [MerkleHash]? {
        guard let known = file.index?.subtreeRoots(firstSeq: firstSeq), known.count == count else { return nil }
        return known.roots
    }
}
