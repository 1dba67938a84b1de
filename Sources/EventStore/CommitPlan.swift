import AuditModel
import Cryptography
import TransparencyLog

/// What a commit will write: positions, leaves, roots and seals, computed before anything touches the disk.
struct CommitPlan {
    /// What the catalogue will record, but for the segment.
    private(set) var change: CatalogueChange
    /// Batches that have rows.
    private(set) var rows: [SegmentFiles.Batch] = []
    /// Their drafts, as many.
    private(set) var drafts: [(draft: BatchDraft, firstSeq: Int64)] = []
    /// The bindings files, by the first position of their batch.
    private(set) var bindings: [(firstSeq: Int64, bytes: [UInt8])] = []
    /// What the caller gets.
    private(set) var committed: [CommittedBatch] = []
    /// The number that the segment will have.
    let segmentID: Int64

    init(_ drafts: [BatchDraft], state: WriterState, epoch: Int64, committed now: Timestamp) throws {
        segmentID = state.position.nextSegment
        change = state.change(committed: now)
        var chain = state.chain
        for draft in drafts { try add(draft, epoch: epoch, chain: &chain) }
        if !rows.isEmpty { change.nextSegment += 1 }
    }

    private mutating func add(_ draft: BatchDraft, epoch: Int64, chain: inout [String: SHA256Digest]) throws {
        let firstSeq = change.nextSeq
        let tree = draft.block.flatMap { block in
            draft.rows.isEmpty ? nil : draft.tree ?? BatchLeaves.tree(block, rows: draft.rows, batchSalt: draft.batchSalt)
        }
        let times = draft.timeRange
        let bindings = BindingsFile(draft.bindings)
        let place = Seal.Place(
            committed: change.committed, epoch: epoch, firstSeq: firstSeq, minTime: times?.lowerBound, maxTime: times?.upperBound,
            rowsRoot: tree?.root, bindingsRoot: bindings.root,
            previousSeal: chain[draft.source])
        let entry = try Seal.entry(draft, place)
        let logIndex = change.append(.batch, source: draft.source, entry)
        let seal = SHA256.hash(entry)
        chain[draft.source] = seal
        change.chain.removeAll { $0.source == draft.source }
        change.chain.append((draft.source, seal, logIndex))
        change.nextSeq += Int64(draft.eventCount)
        change.batches.append(
            BatchRecord(
                logIndex: logIndex, source: draft.source, mode: draft.mode, epoch: epoch, committed: change.committed,
                firstSeq: firstSeq, count: draft.eventCount, minTime: place.minTime, maxTime: place.maxTime,
                rowsRoot: place.rowsRoot, counts: draft.counts, segment: draft.rows.isEmpty ? nil : segmentID))
        change.ledger += draft.ranges.map { LedgerRow(logIndex: logIndex, source: draft.source, range: $0) }
        change.cursors += draft.cursors.map { ($0, logIndex) }
        change.duplicateKeys += draft.duplicateKeys
        if let tree {
            rows.append(SegmentFiles.Batch(firstSeq: firstSeq, tree: tree, logIndex: logIndex, entry: entry))
            drafts.append((draft, firstSeq))
        }
        if let correction = draft.correction {
            for part in correction.parts {
                let members = CorrectionEntry.members(part, of: draft, before: correction.before, seal: logIndex)
                _ = change.append(.reparse, source: draft.source, try EventStore.entry(.reparse, at: change.committed, members))
            }
        }
        if bindings.root != nil { self.bindings.append((firstSeq, bindings.bytes)) }
        committed.append(
            CommittedBatch(source: draft.source, logIndex: logIndex, firstSeq: firstSeq, count: draft.eventCount, entry: entry))
    }

    /// The catalogue's record of the segment that was written.
    func segment(_ files: SegmentFiles) -> CatalogueChange.Segment {
        let batches = change.batches.filter { $0.count > 0 }
        let first = batches.first?.firstSeq ?? 0
        let record = SegmentRecord(
            id: segmentID, seqs: first..<(batches.last?.seqs.upperBound ?? first), rowCount: batches.reduce(0) { $0 + $1.count },
            minTime: batches.compactMap(\.minTime).min(), maxTime: batches.compactMap(\.maxTime).max(),
            sizeBytes: Int64(files.parquet.count), damage: nil, checks: files.checks)
        return CatalogueChange.Segment(record, files, firstLogIndex: batches.first?.logIndex ?? 0)
    }
}

extension BatchDraft {
    /// Earliest and latest event time; nil when no event has one.
    var timeRange: ClosedRange<Timestamp>? {
        guard let times = block?.time else { return nil }
        var low = Int64.max
        var high = Int64.min
        let values = times.values
        var row = rows.lowerBound
        let end = min(rows.upperBound, values.count)
        while row < end {
            let value = values[row]
            if value != IntegerColumn.absent {
                low = min(low, value)
                high = max(high, value)
            }
            row &+= 1
        }
        return low > high ? nil : Timestamp(microseconds: low)...Timestamp(microseconds: high)
    }
}
