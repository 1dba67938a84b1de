import AuditModel
import Cryptography
import DurableIO
import TransparencyLog

/// Builds the segment that takes the place of several: the same rows, sorted by time, with the same seals and hashes.
///
/// Needs no salt and changes no hash: rows are moved, and the subtree roots of the old indexes go into the new one. It reads the old files
/// as the catalogue knows them, by their SHA-256, so that nothing that rotted is written again under a new checksum.
struct Compactor {
    /// An old segment with its batches.
    struct Part {
        var segment: CatalogueChange.Segment
        var batches: [BatchRecord]
    }

    let layout: StoreLayout
    let options: StoreOptions
    /// Gives the seal's bytes.
    let entry: (UInt64) throws -> [UInt8]

    /// The new files and the catalogue's record of them. Nothing is written yet.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment` for a part that is not as it was committed.
    func build(_ parts: [Part], id: Int64) throws -> (files: SegmentFiles, segment: CatalogueChange.Segment) {
        let merged = EventBlock(capacity: parts.reduce(0) { $0 + $1.segment.record.rowCount })
        var batches: [SegmentFiles.Batch] = []
        for part in parts {
            try check(part.segment)
            let reader = try SegmentPool(options).reader(part.segment.record, layout: layout, files: options.fileSystem, seqEnd: .max)
            let rows = try reader.block(rows: Array(0..<part.segment.record.rowCount))
            merged.append(rows: 0..<rows.rowCount, of: rows)
            for batch in part.batches { batches.append(try reader.movedBatch(batch, entry: try entry(batch.logIndex), index: layout.index)) }
        }
        merged.pad()
        let sorted = EventBlock(merged, order: Self.timeOrder(merged))
        batches.sort { $0.logIndex < $1.logIndex }
        let files = try SegmentFiles.encode(compacted: sorted, batches: batches)
        return (files, record(files, parts, id: id))
    }

    /// Rows by time, then position; those without a time last.
    static func timeOrder(_ block: EventBlock) -> [Int32] {
        let times = block.time.values
        let seqs = block.seq.values
        return (0..<Int32(block.rowCount)).sorted { a, b in
            let (timeA, timeB) = (times[Int(a)], times[Int(b)])
            guard timeA != timeB else { return seqs[Int(a)] < seqs[Int(b)] }
            guard timeA != IntegerColumn.absent, timeB != IntegerColumn.absent else { return timeB == IntegerColumn.absent }
            return timeA < timeB
        }
    }

    private func check(_ segment: CatalogueChange.Segment) throws {
        let id = segment.record.id
        for (path, sha256) in [(layout.segment(id), segment.sha256), (layout.index(id), segment.indexSHA256)] {
            guard try FileDigest(of: path, options.fileSystem).sha256 == sha256 else {
                throw StoreError(.damagedSegment(id), "is not as it was committed: run `proofline fsck`", path: path)
            }
        }
    }

    private func record(_ files: SegmentFiles, _ parts: [Part], id: Int64) -> CatalogueChange.Segment {
        let old = parts.map(\.segment.record)
        let record = SegmentRecord(
            id: id, seqs: (old.map(\.seqs.lowerBound).min() ?? 0)..<(old.map(\.seqs.upperBound).max() ?? 0),
            rowCount: old.reduce(0) { $0 + $1.rowCount }, minTime: old.compactMap(\.minTime).min(), maxTime: old.compactMap(\.maxTime).max(),
            sizeBytes: Int64(files.parquet.count), damage: nil, checks: files.checks)
        return CatalogueChange.Segment(record, files, firstLogIndex: parts.map(\.segment.firstLogIndex).min() ?? 0)
    }
}
