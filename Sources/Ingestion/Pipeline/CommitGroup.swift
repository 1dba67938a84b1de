import AuditModel
import Cryptography
import EventStore
import Minimization
import TransparencyLog

/// Cuts of one source or several that one commit makes durable, on their way through the pipeline.
final class CommitGroup: Sendable {
    let cuts: [SourceCut]
    /// Blocks in the order of their positions.
    let works: [BlockWork]
    let eventCount: Int
    let byteCount: Int

    init(_ cuts: [SourceCut]) {
        self.cuts = cuts
        works = cuts.flatMap { cut in cut.blocks.map { BlockWork(cut.reader, $0, cut.mode) } }
        eventCount = cuts.reduce(0) { $0 + $1.eventCount }
        byteCount = cuts.reduce(0) { $0 + $1.byteCount }
    }
}

/// A block and what the stages make of it. Each stage is one task or several that write to different places; none reads what another one
/// still writes.
final class BlockWork: @unchecked Sendable {
    let reader: SourceReader
    let block: IngestBlock
    let mode: BatchDraft.Mode
    /// Keys of records with an id, and the numbers of those records.
    var keys = SortedDuplicateKeys([])
    var owners: [Int32] = []
    /// What the commit records of them.
    var keptKeys: [DuplicateKey] = []
    var minimized: MinimizedBlock?
    /// By batch.
    private(set) var seals: [BatchParts] = []
    /// The encoded columns; nil for a block without rows.
    private(set) var rowGroup: EncodedRowGroup?
    private var encoded: [RowGroupEncoding.Part] = []

    /// What a batch's seal is made of.
    struct BatchParts: Sendable {
        var batchSalt: [UInt8] = []
        var tree: BatchTree?
        var rawSalt: [UInt8] = []
        var rawRoot: MerkleHash?
    }

    init(_ reader: SourceReader, _ block: IngestBlock, _ mode: BatchDraft.Mode) {
        self.reader = reader
        self.block = block
        self.mode = mode
    }

    /// Draws the salts of the batches.
    func drawSalts() {
        seals = block.batches.map { batch in
            var parts = BatchParts()
            if !batch.rows.isEmpty { parts.batchSalt = SecureRandom.bytes(32) }
            if !batch.records.isEmpty { parts.rawSalt = SecureRandom.bytes(32) }
            return parts
        }
    }

    /// Makes the trees of one batch.
    ///
    /// - Parameter parts: Its salts.
    func hash(batch number: Int, _ parts: BatchParts) -> BatchParts {
        let batch = block.batches[number]
        var parts = parts
        if !batch.rows.isEmpty { parts.tree = BatchLeaves.tree(block.events, rows: batch.rows, batchSalt: parts.batchSalt) }
        if !batch.records.isEmpty {
            var tree = RawRecordTree(salt: parts.rawSalt)
            tree.add(digests: block.digests.pointer(batch.records.lowerBound), count: batch.records.count)
            parts.rawRoot = tree.root
        }
        return parts
    }

    /// Takes encoded columns; under a lock.
    func add(_ parts: [RowGroupEncoding.Part]) { encoded += parts }

    /// Puts the encoded columns together, when all are there.
    func finish(_ encoding: RowGroupEncoding) {
        rowGroup = encoding.finish(encoded)
        encoded = []
    }

    /// Takes over what ``hash(batch:_:)`` gave; under a lock.
    func set(_ parts: BatchParts, batch number: Int) { seals[number] = parts }
}
