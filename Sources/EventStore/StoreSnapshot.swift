public import AuditModel
import DurableIO
import GRDB
import Synchronization
public import TransparencyLog

/// The store as of one checkpoint: what a query, a report or a pack works on. It never changes and blocks nobody.
///
/// Batches, segments and settings are read at once; entries, ledger rows and segments' bytes when they are asked for.
/// It trusts the catalogue for finding things. ``verifiedBatch(_:salt:)`` trusts nothing but the seal.
public final class StoreSnapshot: Sendable {
    /// Names of the files.
    public let layout: StoreLayout
    /// The signed tree head.
    public let checkpointNote: SignedNote
    /// The same, parsed. Its signature was verified with the store's own key.
    public let checkpoint: Checkpoint
    /// The log's public key.
    public let verifier: NoteVerifier
    /// Batches in log order.
    public let batches: [BatchRecord]
    /// Segments that hold rows of ``batches``, in the order of positions; quarantined ones too (``SegmentRecord/damage``).
    public let segments: [SegmentRecord]
    /// What is configured, by source id.
    public let sources: [String: SourceSettings]
    /// Totals over ``batches``, by source id.
    public let totals: [String: SourceTotals]
    /// Rows at or beyond this position came after the checkpoint and are not part of the snapshot.
    public let seqEnd: Int64

    /// Rows that retention deleted, by the log index of their batch; also by entries after the checkpoint, since gone is gone.
    public let removedRows: [UInt64: RemovedRows]

    let options: StoreOptions
    let catalogue: Catalogue
    let tiles: LogTileReader
    private let pool: SegmentPool
    private let readers = Mutex<[Int64: SegmentReader]>([:])

    init(
        layout: StoreLayout, options: StoreOptions, catalogue: Catalogue, verifier: NoteVerifier, pool: SegmentPool,
        note: SignedNote? = nil
    ) throws {
        self.pool = pool
        let (note, checkpoint) = try note.map { try ($0, Self.checkpoint($0, verifier)) } ?? Self.published(layout, options, verifier)
        let content = try catalogue.content(below: checkpoint.size)
        self.layout = layout
        self.options = options
        self.catalogue = catalogue
        self.verifier = verifier
        checkpointNote = note
        self.checkpoint = checkpoint
        batches = content.batches
        segments = content.segments
        sources = content.sources
        totals = content.totals
        removedRows = content.removed
        seqEnd = content.batches.last.map { $0.firstSeq + Int64($0.count) } ?? 0
        tiles = LogTileReader(fileSystem: options.fileSystem, directory: layout.log, size: checkpoint.size)
    }

    private static func checkpoint(_ note: SignedNote, _ verifier: NoteVerifier) throws -> Checkpoint {
        _ = try note.verify([verifier])
        return try Checkpoint(note: note)
    }

    private static func published(
        _ layout: StoreLayout, _ options: StoreOptions, _ verifier: NoteVerifier
    ) throws -> (SignedNote, Checkpoint) {
        let path = layout.log + "/checkpoint"
        do {
            guard let note = try LogTileWriter.published(fileSystem: options.fileSystem, directory: layout.log) else {
                throw StoreError(.damaged, "the log has no checkpoint: run `proofline fsck`, or restore the file from a backup", path: layout.log)
            }
            return (note, try checkpoint(note, verifier))
        } catch let error as StoreError {
            throw error
        } catch let error as DurableIOError {
            throw EventStore.ioError(error, "the checkpoint cannot be read", path)
        } catch {
            throw StoreError(
                .damaged, "the checkpoint is not as this log signed it: restore the file from a backup", path: path, cause: error)
        }
    }

    /// The same store as of an earlier checkpoint.
    ///
    /// - Parameter note: A note that this log signed, as ``checkpoints()`` lists them.
    public func asOf(_ note: SignedNote) throws -> StoreSnapshot {
        try StoreSnapshot(layout: layout, options: options, catalogue: catalogue, verifier: verifier, pool: pool, note: note)
    }

    /// Signed tree heads that were kept, one per epoch, with the end of the epoch, in order of size.
    public func checkpoints() throws -> [(time: Timestamp, note: SignedNote)] {
        try catalogue.checkpoints(upTo: checkpoint.size)
    }

    // MARK: Segments

    /// Opens a segment; the same object is given each time.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment` when it cannot be read.
    public func reader(_ segment: SegmentRecord) throws -> SegmentReader {
        if let known = readers.withLock({ $0[segment.id] }) { return known }
        let reader = try pool.reader(segment, layout: layout, files: options.fileSystem, seqEnd: seqEnd)
        return readers.withLock { readers in
            if let known = readers[segment.id] { return known }
            readers[segment.id] = reader
            return reader
        }
    }

    /// Whether a segment may hold an event with this text in a pivot column, ASCII letters in either case, by its index alone: the segment is
    /// not opened. False only where surely no row holds it; true for segments set aside, so that opening them says why.
    public func mayHold(_ term: UnsafeRawBufferPointer, in column: PivotColumn, _ segment: SegmentRecord) -> Bool {
        guard segment.damage == nil, let index = pool.index(segment, layout: layout, files: options.fileSystem) else { return true }
        return index.mayHold(TermHash.foldedHash(term), family: TermFamily(column))
    }

    /// What retention deleted of a batch; nil for a whole one.
    public func removed(of batch: BatchRecord) -> RemovedRows? { removedRows[batch.logIndex] }

    /// The batch that holds a position, or nil.
    public func batch(containing seq: Int64) -> BatchRecord? {
        var low = 0
        var high = batches.count
        while low < high {
            let middle = (low + high) / 2
            if batches[middle].seqs.upperBound <= seq { low = middle + 1 } else { high = middle }
        }
        // Batches without events share the position of the next one.
        while low < batches.count, batches[low].count == 0 { low += 1 }
        guard low < batches.count, batches[low].seqs.contains(seq) else { return nil }
        return batches[low]
    }

    /// The segment that holds a batch's rows.
    public func segment(of batch: BatchRecord) -> SegmentRecord? {
        batch.segment.flatMap { id in segments.first { $0.id == id } }
    }

    // MARK: The log

    /// The bytes of a log entry.
    ///
    /// - Throws: ``StoreError`` with `notFound` for an index at or beyond the checkpoint.
    public func entry(_ logIndex: UInt64) throws -> [UInt8] {
        guard logIndex < checkpoint.size, let bytes = try catalogue.entry(logIndex) else {
            throw StoreError(.notFound, "the log has no entry \(logIndex) at this checkpoint", path: layout.log)
        }
        return bytes
    }

    /// The entries of some kinds, in log order, parsed.
    public func entries(_ kinds: Set<LogEntryKind>) throws -> [LogEntry] {
        try catalogue.entries(kinds, below: checkpoint.size)
    }

    /// Proof that an entry is under the checkpoint.
    public func inclusionProof(_ logIndex: UInt64) throws -> InclusionProof {
        guard logIndex < checkpoint.size else {
            throw StoreError(.notFound, "the log has no entry \(logIndex) at this checkpoint", path: layout.log)
        }
        return try tiles.inclusionProof(index: logIndex)
    }

    /// The same as a `c2sp.org/tlog-proof@v1` file with the checkpoint in it.
    public func tlogProof(_ logIndex: UInt64) throws -> TLogProof {
        let proof = try inclusionProof(logIndex)
        return TLogProof(index: logIndex, siblings: proof.siblings, checkpoint: checkpointNote)
    }

    /// Proof that the log only grew since it had `oldSize` entries.
    public func consistencyProof(from oldSize: UInt64) throws -> ConsistencyProof {
        guard oldSize <= checkpoint.size else {
            throw StoreError(.notFound, "the log had no \(oldSize) entries at this checkpoint", path: layout.log)
        }
        return try tiles.consistencyProof(from: oldSize)
    }

    /// Proof that the log only grew between two earlier sizes.
    public func consistencyProof(from oldSize: UInt64, to newSize: UInt64) throws -> ConsistencyProof {
        guard oldSize <= newSize, newSize <= checkpoint.size else {
            throw StoreError(.notFound, "the log has \(checkpoint.size) entries and no proof from \(oldSize) to \(newSize)", path: layout.log)
        }
        return try tiles.consistencyProof(from: oldSize, to: newSize)
    }

    // MARK: Ledger

    /// What a source's bytes became, in log order.
    public func ledger(source: String) throws -> [LedgerRow] {
        try catalogue.ledger(source: source, below: checkpoint.size)
    }
}
