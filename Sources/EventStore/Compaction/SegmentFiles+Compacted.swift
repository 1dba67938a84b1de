import AuditModel
import Parquet
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
        do {
            var options = ParquetWriterOptions()
            options.bloomFilterFields = SegmentSchema.bloomFilterFields
            let writer = try ParquetWriter(schema: SegmentSchema.parquet, options: options)
            var index = SegmentIndexBuilder()
            var start = 0
            while start < block.rowCount {
                let end = min(block.rowCount, start + StoreLimits.batchEvents)
                var rows = EventColumns(capacity: end - start)
                for row in start..<end { rows.append(block.event(row), seq: block.seq.values[row]) }
                let columns = rows.columns()
                try writer.appendRowGroup(columns)
                index.append(columns)
                start = end
            }
            for batch in batches { index.append(firstSeq: batch.firstSeq, count: batch.count, roots: batch.subtreeRoots) }
            let seals = batches.map { #"{"entry":\#(String(decoding: $0.entry, as: UTF8.self)),"logIndex":\#($0.logIndex)}"# }
            writer.keyValueMetadata = [
                (SegmentSchema.Footer.version, String(SegmentSchema.version)),
                (SegmentSchema.Footer.order, "time"),
                (SegmentSchema.Footer.firstSeq, String(batches.map(\.firstSeq).min() ?? 0)),
                (SegmentSchema.Footer.rowCount, String(block.rowCount)),
                (SegmentSchema.Footer.seals, "[" + seals.joined(separator: ",") + "]"),
            ]
            return SegmentFiles(parquet: try writer.finish(), index: index.bytes())
        } catch {
            throw StoreError(.invalidDraft, "the rows cannot be written as columns", cause: error)
        }
    }
}

extension SegmentReader {
    /// The subtree roots of a batch by the index file; nil where the file is missing, damaged, or does not have them.
    func subtreeRoots(firstSeq: Int64, count: Int) throws -> [MerkleHash]? {
        guard let known = usableIndex()?.subtrees[firstSeq], known.count == count else { return nil }
        return known.roots
    }
}
