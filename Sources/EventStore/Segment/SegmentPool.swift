import DurableIO
import Synchronization

/// The mapped segments and decoded pages of one store handle, shared by its snapshots.
///
/// At most ``StoreLimits/mappedSegments`` files stay mapped here; those used longest ago are let go, and unmapped once no reader holds them.
final class SegmentPool: Sendable {
    private struct State {
        var files: [Int64: (file: SegmentFile, used: UInt64)] = [:]
        /// Index files that were read; nil where there is none to believe.
        var indexes: [Int64: (index: SegmentIndex?, checks: SegmentRecord.Checks)] = [:]
        var clock: UInt64 = 0
    }

    let cache: PageCache
    private let state = Mutex(State())

    init(_ options: StoreOptions) { cache = PageCache(bytes: options.pageCacheBytes) }

    /// A reader of a segment as of a position.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment`, also where it is quarantined.
    func reader(_ record: SegmentRecord, layout: StoreLayout, files: any FileSystem, seqEnd: Int64) throws -> SegmentReader {
        if let damage = record.damage {
            throw StoreError(.damagedSegment(record.id), "the segment is quarantined: \(damage)", path: layout.segment(record.id))
        }
        return SegmentReader(record, file: try file(record, layout: layout, files: files), cache: cache, seqEnd: seqEnd)
    }

    /// The file of a segment, opened when it is not.
    func file(_ record: SegmentRecord, layout: StoreLayout, files: any FileSystem) throws -> SegmentFile {
        let known = state.withLock { state -> SegmentFile? in
            state.clock += 1
            guard let found = state.files[record.id], found.file.checks == record.checks else { return nil }
            state.files[record.id]?.used = state.clock
            return found.file
        }
        if let known { return known }
        let opened = try SegmentFile(record, layout: layout, files: files, index: index(record, layout: layout, files: files))
        return state.withLock { state in
            if let found = state.files[record.id], found.file.checks == record.checks { return found.file }
            if state.files.count >= StoreLimits.mappedSegments, let oldest = state.files.min(by: { $0.value.used < $1.value.used }) {
                state.files[oldest.key] = nil
            }
            state.files[record.id] = (opened, state.clock)
            return opened
        }
    }

    /// The index of a segment, read when it is not, without opening the segment; nil where it is missing, damaged or another segment's.
    func index(_ record: SegmentRecord, layout: StoreLayout, files: any FileSystem) -> SegmentIndex? {
        if let known = state.withLock({ $0.indexes[record.id] }), known.checks == record.checks { return known.index }
        var index: SegmentIndex?
        if let bytes = try? files.map(layout.index(record.id)), let read = SegmentIndex(bytes, check: record.checks.index),
            read.rowCount == record.rowCount, Int64(read.segmentBytes) == record.sizeBytes
        {
            index = read
        }
        return state.withLock { state in
            if let known = state.indexes[record.id], known.checks == record.checks { return known.index }
            if state.indexes.count >= StoreLimits.mappedSegments, let any = state.indexes.first { state.indexes[any.key] = nil }
            state.indexes[record.id] = (index, record.checks)
            return index
        }
    }
}
