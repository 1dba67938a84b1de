public import AuditModel
import DurableIO
public import Parquet
import Synchronization

/// Reads one segment: columns of a row group, rows by index terms, whole events.
///
/// It trusts neither the Parquet file nor the index: damage ends in ``StoreError`` with `damagedSegment`. A row is counted from the
/// segment's beginning over all row groups. Rows beyond the snapshot's ``StoreSnapshot/seqEnd`` may be there; see ``visibleRows``.
public final class SegmentReader: Sendable {
    /// A stretch of rows that is read at once.
    public struct RowGroup: Hashable, Sendable {
        /// Its rows.
        public let rows: Range<Int>
        /// Earliest and latest event time; nil when unknown or no row has one.
        public let minTime: Timestamp?
        public let maxTime: Timestamp?
    }

    /// The catalogue's record.
    public let record: SegmentRecord
    /// Row groups in order.
    public let rowGroups: [RowGroup]
    /// Number of rows in the file.
    public let rowCount: Int
    /// The file's columns.
    public let schema: ParquetSchema

    let parquet: ParquetReader
    let path: String

    init(_ record: SegmentRecord, layout: StoreLayout, options: StoreOptions, seqEnd: Int64) throws {
        throw StoreError(.notFound, "not written yet")
    }

    /// The text column of a field in one row group.
    public func strings(_ field: EventField, rowGroup: Int) throws -> ByteValues {
        throw StoreError(.notFound, "not written yet")
    }

    /// An integer column of one row group: `seq`, `schema`, `time`, `time_bound`, `observed`, `approval.expires`, `replaces`.
    public func integers(_ name: String, rowGroup: Int) throws -> Int64Values {
        throw StoreError(.notFound, "not written yet")
    }

    /// Any column of one row group by name, lists included.
    public func column(_ name: String, rowGroup: Int) throws -> ParquetColumn {
        throw StoreError(.notFound, "not written yet")
    }

    /// The events in these rows, ascending, each row once.
    public func events(rows: [Int]) throws -> [StoredEvent] {
        throw StoreError(.notFound, "not written yet")
    }

    /// The rows whose column holds exactly this text, ascending, by the index file; nil when the index does not cover the column or
    /// cannot be used (then scan).
    public func rows(holding term: String, in column: PivotColumn) throws -> [Int]? {
        throw StoreError(.notFound, "not written yet")
    }
}
