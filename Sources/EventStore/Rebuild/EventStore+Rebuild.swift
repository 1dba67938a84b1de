import AuditModel
import Cryptography
import DurableIO
import TransparencyLog

/// What a rebuild did.
public struct RebuildReport: Sendable {
    /// Index files that were made again.
    public internal(set) var made: [String] = []
    /// Index files that are missing or damaged and could not be made again, with the reason.
    public internal(set) var failed: [(path: String, reason: String)] = []
}

extension EventStore {
    /// Makes index files again that are missing or are not those that were committed, from their segments and the batches' salts.
    ///
    /// Encoding is deterministic: what is made must have the checksum that the catalogue recorded at the commit, byte for byte, or it is
    /// not put in place. So a rebuild can restore and cannot invent. Life of a file: written beside, synced, renamed; killed at any point,
    /// the old one or the new one is there.
    ///
    /// - Parameter salts: Gives the 32-byte salt of a batch by the position of its first event; nil when it is not at hand.
    /// - Throws: ``StoreError`` when the store cannot be written to.
    public func rebuildIndexes(salts: StoreCheck.SaltProvider) throws -> RebuildReport {
        try exclusively {
            try prepareToWrite()
            var report = RebuildReport()
            for segment in try catalogue.segmentFiles() {
                let path = layout.index(segment.record.id)
                if let bytes = try? options.fileSystem.readFile(path), SHA256.hash(bytes) == segment.indexSHA256 { continue }
                do {
                    let (index, check) = try index(of: segment, salts)
                    // A catalogue that was made again without the file knows no checksum of it; what the rows give then counts.
                    let isUnknown = segment.indexSizeBytes == 0
                    guard isUnknown || SHA256.hash(index) == segment.indexSHA256 else {
                        throw StoreError(.damaged, "this version of proofline encodes it otherwise than the one that wrote it; queries scan the segment instead")
                    }
                    try options.fileSystem.atomicReplace(path, index)
                    try options.fileSystem.syncDirectory(layout.segments)
                    if isUnknown { try catalogue.setIndex(of: segment, bytes: index, check: check) }
                    report.made.append(path)
                } catch let error as StoreError {
                    report.failed.append((path, error.message))
                } catch let error as DurableIOError {
                    throw EventStore.ioError(error, "the index cannot be written", path)
                } catch {
                    report.failed.append((path, "the segment cannot be read: \(error)"))
                }
            }
            return report
        }
    }

    /// The bytes of a segment's index, made from its rows.
    private func index(of segment: CatalogueChange.Segment, _ salts: StoreCheck.SaltProvider) throws -> (bytes: [UInt8], check: UInt64) {
        let record = segment.record
        let bytes = try options.fileSystem.readFile(layout.segment(record.id))
        guard SHA256.hash(bytes) == segment.sha256 else {
            throw StoreError(.damagedSegment(record.id), "its segment is not the one that was committed: restore that from a backup first")
        }
        let pool = SegmentPool(options)
        let reader = SegmentReader(record, file: try pool.file(record, layout: layout, files: options.fileSystem), cache: pool.cache, seqEnd: .max)
        let encoder = try SegmentEncoder()
        var areas: [IndexArea] = []
        for (number, group) in reader.rowGroups.enumerated() {
            let block = try reader.block(rows: Array(group.rows))
            areas += try encoder.encode(block, rows: 0..<block.rowCount).areas.map { area in
                var area = area
                area.rowGroup = UInt32(number)
                return area
            }
        }
        let batches = try catalogue.batches(inSegments: [record.id])[record.id] ?? []
        let removed = try catalogue.read { try Catalogue.removed($0) }
        let trees = try batches.filter { $0.count > 0 }.map { ($0.firstSeq, try tree(of: $0, removed[$0.logIndex], reader, salts)) }
        return IndexWriter(
            rowCount: record.rowCount, firstSeq: trees.map(\.0).min() ?? 0, rowGroupCount: reader.rowGroups.count, areas: areas,
            batches: trees.sorted { $0.0 < $1.0 }
        ).file(segment: bytes)
    }

    private func tree(
        of batch: BatchRecord, _ removed: RemovedRows?, _ reader: SegmentReader, _ salts: StoreCheck.SaltProvider
    ) throws -> BatchTree {
        guard let salt = try salts(batch.firstSeq) else {
            throw StoreError(.damaged, "the salt of the batch at log index \(batch.logIndex) is not at hand; queries scan the segment instead")
        }
        let leaves = try reader.events(rows: try reader.rows(seqs: batch.seqs)).sorted { $0.seq < $1.seq }.map { stored in
            let index = Int(stored.seq - batch.firstSeq)
            return (index: index, hash: MerkleHash.leaf(BatchLeaves.line(stored.event, batchSalt: salt, index: index)))
        }
        guard let tree = MerkleTree(size: batch.count, leaves: leaves, pruned: removed?.subtrees ?? []), tree.root == batch.rowsRoot else {
            throw StoreError(.damagedSegment(reader.file.id), "its rows do not give the root in the seal at log index \(batch.logIndex)")
        }
        let roots = stride(from: 0, to: batch.count, by: StoreLimits.subtreeLeaves).map { start in
            Self.root(of: start..<min(start + StoreLimits.subtreeLeaves, batch.count), leaves, removed?.subtrees ?? [])
        }
        return BatchTree(subtreeRoots: roots, count: batch.count)
    }

    /// Root over some leaves of a batch, which begin at a multiple of ``StoreLimits/subtreeLeaves``; zeros where no row is left there.
    private static func root(of range: Range<Int>, _ leaves: [(index: Int, hash: MerkleHash)], _ removed: [PrunedSubtree]) -> MerkleHash {
        let first = leaves.partitioningIndex { $0.index >= range.lowerBound }
        let end = leaves.partitioningIndex { $0.index >= range.upperBound }
        guard first < end else { return .nothingLeft }
        // With a row in the range, no deleted subtree reaches over its borders.
        let inside = removed.filter { $0.leaves.map { $0.lowerBound >= range.lowerBound && $0.upperBound <= range.upperBound } ?? false }.map {
            PrunedSubtree(level: $0.level, index: $0.index - UInt64(range.lowerBound) >> UInt64($0.level), hash: $0.hash)
        }
        let own = leaves[first..<end].map { (index: $0.index - range.lowerBound, hash: $0.hash) }
        return MerkleTree(size: range.count, leaves: own, pruned: inside)?.root ?? .nothingLeft
    }
}
