import AuditModel
import DurableIO

/// What a compaction did.
public struct CompactionReport: Hashable, Sendable, CustomStringConvertible {
    /// Segments that were merged, and segments that took their place.
    public var merged = 0
    public var made = 0
    /// Rows that were written again.
    public var rows = 0
    /// Bytes of the segments and indexes before and after.
    public var bytesBefore: Int64 = 0
    public var bytesAfter: Int64 = 0

    /// One sentence for a person.
    public var description: String {
        "merged \(merged) segments into \(made): \(rows) rows, \(bytesBefore) bytes before, \(bytesAfter) after"
    }
}

extension EventStore {
    /// Merges neighbouring small segments into large ones that are sorted by time, until nothing is worth it.
    ///
    /// No hash changes: batches, seals and leaves stay what they are. Commits go on meanwhile: the store's lock is held for choosing and for the
    /// transaction, not for reading and encoding. Life of a merge: a number is reserved; the new files are written and synced; one transaction
    /// puts them in the place of the old; the old files stay for ``StoreLimits/replacedFileLifeMicroseconds``, so that a reader that began before
    /// still finds them. Killed at any point, the store is as before or as after, and the next start removes what nobody names.
    ///
    /// - Parameters:
    ///   - isEager: Merges whatever fits together; else only what pays (``CompactionPlan``).
    ///   - isStopped: Asked between merges.
    /// - Throws: ``StoreError``; what was merged before stays merged.
    public func compact(isEager: Bool = false, isStopped: () -> Bool = { false }) throws -> CompactionReport {
        var report = CompactionReport()
        try removeReplacedFiles()
        while !isStopped(), let (parts, id) = try nextMerge(isEager: isEager) {
            let compactor = Compactor(layout: layout, options: options) { [catalogue, layout] logIndex in
                guard let bytes = try catalogue.entry(logIndex) else {
                    throw StoreError(.damaged, "the catalogue lacks log entry \(logIndex): run `proofline fsck`", path: layout.catalogue)
                }
                return bytes
            }
            let (files, segment) = try compactor.build(parts, id: id)
            try write(files, id: id)
            try replace(parts.map(\.segment.record.id), with: segment)
            report.merged += parts.count
            report.made += 1
            report.rows += segment.record.rowCount
            report.bytesBefore += parts.reduce(0) { $0 + $1.segment.record.sizeBytes + $1.segment.indexSizeBytes }
            report.bytesAfter += segment.record.sizeBytes + segment.indexSizeBytes
        }
        return report
    }

    /// Chooses a merge and reserves the number of its segment.
    private func nextMerge(isEager: Bool) throws -> (parts: [Compactor.Part], id: Int64)? {
        try exclusively {
            try prepareToWrite()
            let all = try catalogue.segmentFiles().sorted { $0.record.seqs.lowerBound < $1.record.seqs.lowerBound }
            guard let plan = CompactionPlan.next(all.map(\.record), isEager: isEager) else { return nil }
            let chosen = Set(plan.segments)
            var batches = try catalogue.batches(inSegments: chosen)
            let parts = all.filter { chosen.contains($0.record.id) }.map { segment in
                Compactor.Part(segment: segment, batches: batches.removeValue(forKey: segment.record.id) ?? [])
            }
            return (parts, try reserveSegmentNumber())
        }
    }

    /// Takes a number that no commit will take. To be called within `exclusively`.
    func reserveSegmentNumber() throws -> Int64 {
        guard let id = writer?.position.nextSegment else { throw Self.notAWriter(layout) }
        try catalogue.reserveSegment(id)
        writer?.position.nextSegment = id + 1
        return id
    }

    func write(_ files: SegmentFiles, id: Int64) throws {
        do {
            for (path, bytes) in [(layout.segment(id), files.parquet), (layout.index(id), files.index)] {
                try options.fileSystem.replaceFile(path, bytes)
            }
            try options.fileSystem.syncDirectory(layout.segments)
        } catch {
            for path in [layout.segment(id), layout.index(id)] {
                try? options.fileSystem.remove(path)
                try? options.fileSystem.remove(path + ".tmp")
            }
            throw Self.ioError(error, "the merged segment cannot be written; nothing changed", layout.segments)
        }
    }

    private func replace(_ old: [Int64], with segment: CatalogueChange.Segment) throws {
        try exclusively {
            try prepareToWrite()
            guard let state = writer else { throw Self.notAWriter(layout) }
            let now = options.clock()
            var change = state.change(committed: now)
            change.replacement = CatalogueChange.Replacement(old: old, new: segment, since: now)
            try apply(change)
        }
    }

    /// Removes files whose rows moved elsewhere long enough ago.
    func removeReplacedFiles() throws {
        try exclusively {
            let before = Timestamp(microseconds: options.clock().microseconds - StoreLimits.replacedFileLifeMicroseconds)
            for id in try catalogue.replacedSegments(before: before) {
                for path in [layout.segment(id), layout.index(id)] where try options.fileSystem.exists(path) {
                    try options.fileSystem.remove(path)
                }
                try catalogue.forgetReplaced(id)
            }
        }
    }
}
