public import AuditModel
import Parquet

/// Encodes row groups of segments: columns and their part of the index. It needs nothing of a store and may work on any thread.
///
/// It keeps buffers and a zstd context: make one per thread and reuse it. What comes out depends on the rows alone.
public final class SegmentEncoder {
    let chunks: ParquetChunkEncoder

    /// - Throws: ``StoreError`` with `ioFailure` if zstd cannot be set up.
    public init() throws {
        do {
            chunks = try ParquetChunkEncoder(schema: SegmentSchema.parquet, options: SegmentSchema.options)
        } catch {
            throw StoreError(.ioFailure, "zstd could not be set up", cause: error)
        }
    }

    /// Encodes rows of a block as one row group, all columns but `seq`, on this thread.
    ///
    /// - Throws: ``StoreError`` with `invalidDraft` if they cannot be written as columns.
    public func encode(_ block: EventBlock, rows: Range<Int>) throws -> EncodedRowGroup {
        let work = RowGroupEncoding(block, rows: rows)
        return try work.finish((0..<work.taskCount).map { try run(work, task: $0) })
    }

    /// Encodes one part of a row group.
    ///
    /// - Throws: ``StoreError`` with `invalidDraft` if it cannot be written.
    public func run(_ work: RowGroupEncoding, task: Int) throws -> RowGroupEncoding.Part {
        do {
            return try work.run(task, chunks)
        } catch {
            throw StoreError(.invalidDraft, "the events cannot be written as columns", cause: error)
        }
    }
}

/// A row group without positions, ready for a segment. Drafts whose rows it holds refer to the same object.
public final class EncodedRowGroup: Sendable {
    /// The block it was made of.
    public let block: EventBlock
    /// Its rows of the block.
    public let rows: Range<Int>
    /// By leaf; nil for `seq`.
    let chunks: [ParquetEncodedChunk?]
    /// Its part of the index.
    let areas: [IndexArea]

    init(block: EventBlock, rows: Range<Int>, chunks: [ParquetEncodedChunk?], areas: [IndexArea]) {
        (self.block, self.rows, self.chunks, self.areas) = (block, rows, chunks, areas)
    }

    /// Bytes that it takes in the segment and the index, about.
    public var byteCount: Int {
        chunks.reduce(0) { $0 + ($1?.bytes.count ?? 0) } + areas.reduce(0) { $0 + $1.bytes.count }
    }
}
