public import AuditModel
import Parquet

/// Reads one segment for a snapshot: pages of columns, pages that an index leaves over, whole events.
///
/// It trusts neither the Parquet file nor the index: damage ends in ``StoreError`` with `damagedSegment`, a damaged index in a scan.
/// A row is counted from the segment's beginning over all row groups. Rows at or beyond ``visibleRowCount`` were committed after
/// the snapshot's checkpoint; nothing here gives them.
///
/// - Row groups and pages: ``rowGroups``, ``pages(rowGroup:)``, ``rows(ofPage:rowGroup:)``.
/// - Columns: ``codes(_:rowGroup:page:)``, ``integers(_:rowGroup:page:)``, ``list(_:rowGroup:page:)``, ``dictionary(_:rowGroup:)``.
/// - Pruning: ``mayHold(_:rowGroup:)``, ``pages(mayHold:in:rowGroup:)``, ``pages(mayContain:rowGroup:)``.
/// - Events: ``events(rows:)``, ``block(rows:)``, ``rows(equalTo:in:rowGroup:page:)``.
///
/// Thread-safe. Decoded pages lie in the cache of the store handle.
public final class SegmentReader: Sendable {
    /// A stretch of rows that has dictionaries of its own.
    public struct RowGroup: Hashable, Sendable {
        /// Its rows.
        public let rows: Range<Int>
        /// Earliest and latest event time; nil when unknown or no row has one.
        public let minTime: Timestamp?
        public let maxTime: Timestamp?
        /// Whether some rows have no time, or the file does not say.
        public let mayLackTimes: Bool

        /// Whether a row with a time in `from ..< until` may be here; a missing bound is open.
        public func mayHold(from: Timestamp?, until: Timestamp?) -> Bool {
            guard let minTime, let maxTime else { return true }
            return (until.map { minTime < $0 } ?? true) && (from.map { maxTime >= $0 } ?? true)
        }
    }

    /// The catalogue's record.
    public let record: SegmentRecord
    /// Row groups in order, cut at ``visibleRowCount``.
    public let rowGroups: [RowGroup]
    /// Rows that belong to the snapshot: the first ones. In a segment sorted by time it is all rows, and their positions decide
    /// (``firstSeq(rowGroup:)``).
    public let visibleRowCount: Int

    let file: SegmentFile
    let cache: PageCache

    init(_ record: SegmentRecord, file: SegmentFile, cache: PageCache, seqEnd: Int64) {
        self.record = record
        self.file = file
        self.cache = cache
        visibleRowCount = file.isInSeqOrder ? Int(min(Int64(file.rowCount), max(0, seqEnd - file.firstSeq))) : file.rowCount
        rowGroups = file.rowGroups.filter { [visibleRowCount] in $0.rows.lowerBound < visibleRowCount }.map { [visibleRowCount] group in
            RowGroup(
                rows: group.rows.lowerBound..<min(group.rows.upperBound, visibleRowCount), minTime: group.minTime, maxTime: group.maxTime,
                mayLackTimes: group.mayLackTimes)
        }
    }

    // MARK: Errors

    static func damaged(_ id: Int64, _ path: String, _ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        return StoreError(
            .damagedSegment(id), "segment \(id) cannot be read: restore the file from a backup; the rest of the store is whole",
            path: path, cause: error)
    }

    static func wrongType(_ name: String) -> ParquetError {
        ParquetError(.corrupt, "The column \(name) has another type than the schema's")
    }

    func damaged(_ error: any Error) -> StoreError { Self.damaged(record.id, file.path, error) }
}
