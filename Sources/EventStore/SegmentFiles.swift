import AuditModel
import Cryptography
import DurableIO
import Parquet
import TransparencyLog

/// The bytes of a segment and its index, put together from encoded row groups, before they reach the disk.
struct SegmentFiles {
    /// A batch with rows in the segment.
    struct Batch {
        var firstSeq: Int64
        var tree: BatchTree
        var logIndex: UInt64
        /// The seal.
        var entry: [UInt8]

        /// The positions of its events.
        var seqs: Range<Int64> { firstSeq..<firstSeq + Int64(tree.count) }
    }

    /// The order of rows, as the footer names it.
    enum Order: String {
        /// By position, without holes.
        case seq
        /// By time, then position; the `seq` column says which row is which.
        case time
    }

    /// A row group with the positions of its rows.
    struct RowGroup {
        var encoded: EncodedRowGroup
        /// Position of the first row where they ascend without holes.
        var firstSeq: Int64
        /// The positions where they do not.
        var seqs: UnsafeBufferPointer<Int64>?
    }

    let parquet: [UInt8]
    let index: [UInt8]
    /// What the catalogue keeps of them for readers.
    let checks: SegmentRecord.Checks

    /// Puts a segment together.
    ///
    /// - Parameter batches: In log order; the row groups' rows are theirs. Rows of them may be missing where retention took them.
    init(_ groups: [RowGroup], batches: [Batch], order: Order) throws {
        do {
            let encoder = try ParquetChunkEncoder(schema: SegmentSchema.parquet, options: SegmentSchema.options)
            let writer = try ParquetWriter(schema: SegmentSchema.parquet, options: SegmentSchema.options)
            var areas: [IndexArea] = []
            for (number, group) in groups.enumerated() {
                try writer.appendRowGroup(chunks: try Self.chunks(of: group, encoder))
                areas += group.encoded.areas.map { area in
                    var area = area
                    area.rowGroup = UInt32(number)
                    return area
                }
            }
            let rowCount = groups.reduce(0) { $0 + $1.encoded.rows.count }
            let firstSeq = batches.map(\.firstSeq).min() ?? 0
            writer.keyValueMetadata = Self.metadata(batches, order, firstSeq: firstSeq, rowCount: rowCount)
            // One copy, into memory of the right size.
            let body = writer.takePieces()
            let tail = try writer.finish()
            var bytes: [UInt8] = []
            bytes.reserveCapacity(body.reduce(tail.count) { $0 + $1.count })
            for piece in body { bytes += piece }
            bytes += tail
            let index = IndexWriter(
                rowCount: rowCount, firstSeq: firstSeq, rowGroupCount: groups.count, areas: areas,
                batches: batches.map { ($0.firstSeq, $0.tree) }.sorted { $0.0 < $1.0 })
            parquet = bytes
            let (file, check) = index.file(segment: bytes)
            self.index = file
            checks = SegmentRecord.Checks(tailBytes: tail.count, tail: tail.withUnsafeBytes { XXH64.hash($0) }, index: check)
        } catch {
            throw StoreError(.invalidDraft, "the events cannot be written as columns", cause: error)
        }
    }

    /// A row group's chunks with its positions as the first.
    private static func chunks(of group: RowGroup, _ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        let rowCount = group.encoded.rows.count
        let seq: ParquetEncodedChunk
        if let seqs = group.seqs {
            precondition(seqs.count == rowCount, "every row has a position")
            seq = try encoder.encode(leaf: 0, .int64(seqs, absent: nil))
        } else {
            seq = try withUnsafeTemporaryAllocation(of: Int64.self, capacity: rowCount) { seqs in
                var row = 0
                while row < rowCount {
                    seqs[row] = group.firstSeq &+ Int64(truncatingIfNeeded: row)
                    row &+= 1
                }
                return try encoder.encode(leaf: 0, .int64(UnsafeBufferPointer(seqs), absent: nil))
            }
        }
        return group.encoded.chunks.enumerated().map { leaf, chunk in
            if leaf == 0 { return seq }
            guard let chunk else { preconditionFailure("a row group has a chunk of every leaf") }
            return chunk
        }
    }

    private static func metadata(
        _ batches: [Batch], _ order: Order, firstSeq: Int64, rowCount: Int
    ) -> [(key: String, value: String)] {
        let seals = batches.map { batch in
            let text = String(decoding: batch.entry, as: UTF8.self)
            return #"{"entry":\#(text),"logIndex":\#(batch.logIndex)}"#
        }
        return [
            (SegmentSchema.Footer.version, String(SegmentSchema.version)),
            (SegmentSchema.Footer.order, order.rawValue),
            (SegmentSchema.Footer.firstSeq, String(firstSeq)),
            (SegmentSchema.Footer.rowCount, String(rowCount)),
            (SegmentSchema.Footer.seals, "[" + seals.joined(separator: ",") + "]"),
        ]
    }
}
