public import AuditModel
import DurableIO
public import Parquet
import Synchronization
import TransparencyLog

/// Reads one segment: columns of a row group, rows by index terms, whole events.
///
/// It trusts neither the Parquet file nor the index: damage ends in ``StoreError`` with `damagedSegment`, a damaged index in a scan.
/// A row is counted from the segment's beginning over all row groups. Rows at or beyond ``visibleRowCount`` were committed after
/// the snapshot's checkpoint; nothing here gives them.
public final class SegmentReader: Sendable {
    /// A stretch of rows that is read at once.
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
    /// Rows that belong to the snapshot: the first ones.
    public let visibleRowCount: Int
    /// The file's columns.
    public let schema: ParquetSchema

    let parquet: ParquetReader
    let path: String
    /// Whether rows stand in the order of positions without holes, so that a row is found by arithmetic.
    let isInSeqOrder: Bool
    private let indexPath: String
    private let files: any FileSystem
    private let index = Mutex<IndexState>(.notRead)
    private let cache = Mutex<[CacheKey: ParquetColumn]>([:])
    let dictionaries = Mutex<[DictionaryKey: SegmentDictionary]>([:])

    struct DictionaryKey: Hashable {
        let rowGroup: Int
        let field: Int
        let leaf: Int
    }

    private enum IndexState {
        case notRead
        case missing
        case read(SegmentIndex)
    }

    private struct CacheKey: Hashable {
        let rowGroup: Int
        let field: Int
    }

    init(_ record: SegmentRecord, layout: StoreLayout, options: StoreOptions, seqEnd: Int64) throws {
        path = layout.segment(record.id)
        indexPath = layout.index(record.id)
        files = options.fileSystem
        self.record = record
        if let damage = record.damage {
            throw StoreError(.damagedSegment(record.id), "the segment is quarantined: \(damage)", path: path)
        }
        do {
            let bytes = files is RealFileSystem ? try ParquetBytes(mapping: path) : ParquetBytes(try files.readFile(path))
            parquet = try ParquetReader(bytes)
        } catch {
            throw Self.damaged(record.id, path, error)
        }
        schema = parquet.schema
        guard parquet.rowCount == Int64(record.rowCount), parquet.metadata(SegmentSchema.Footer.version) == "1",
            parquet.metadata(SegmentSchema.Footer.firstSeq) == String(record.seqs.lowerBound)
        else {
            throw StoreError(
                .damagedSegment(record.id), "the segment is not the one that was committed: run `proofline fsck`", path: path)
        }
        isInSeqOrder = parquet.metadata(SegmentSchema.Footer.order) == "seq"
        visibleRowCount = isInSeqOrder
            ? Int(min(Int64(record.rowCount), max(0, seqEnd - record.seqs.lowerBound))) : record.rowCount
        rowGroups = Self.rowGroups(parquet, visible: visibleRowCount)
    }

    private static func rowGroups(_ parquet: ParquetReader, visible: Int) -> [RowGroup] {
        let timeLeaf = parquet.schema.index(of: SegmentSchema.time).map { parquet.schema.leafRanges[$0].lowerBound }
        var groups: [RowGroup] = []
        var start = 0
        for group in parquet.rowGroups {
            let end = start + group.rowCount
            let statistics = timeLeaf.flatMap { $0 < group.chunks.count ? group.chunks[$0].statistics : nil }
            if start < visible {
                groups.append(
                    RowGroup(
                        rows: start..<min(end, visible),
                        minTime: statistics?.minimumInt64.map { Timestamp(microseconds: $0) },
                        maxTime: statistics?.maximumInt64.map { Timestamp(microseconds: $0) },
                        mayLackTimes: statistics?.nullCount.map { $0 > 0 } ?? true))
            }
            start = end
        }
        return groups
    }

    // MARK: Columns

    /// The text column of a field in one row group: codes into a dictionary, one per row of ``rowGroups``.
    public func strings(_ field: EventField, rowGroup: Int) throws -> ByteValues {
        guard let column = try optionalColumn(field.name, rowGroup: rowGroup) else {
            let count = rowGroups[rowGroup].rows.count
            return ByteValues(
                dictionary: ByteArrays(), codes: Array(repeating: ByteValues.absent, count: count), isDictionaryDistinct: true)
        }
        guard let values = column.leaves.first?.byteValues else { throw wrongType(field.name) }
        return values
    }

    /// An integer column of one row group: `seq`, `schema`, `time`, `time_bound`, `observed`, `approval.expires`, `replaces`.
    public func integers(_ name: String, rowGroup: Int) throws -> Int64Values {
        guard let values = try column(name, rowGroup: rowGroup).leaves.first?.int64Values else { throw wrongType(name) }
        return values
    }

    /// Any column of one row group by name, lists included.
    public func column(_ name: String, rowGroup: Int) throws -> ParquetColumn {
        guard let column = try optionalColumn(name, rowGroup: rowGroup) else {
            throw StoreError(.notFound, "the segment has no column \(name)", path: path)
        }
        return column
    }

    private func optionalColumn(_ name: String, rowGroup: Int) throws -> ParquetColumn? {
        guard let field = schema.index(of: name) else { return nil }
        let key = CacheKey(rowGroup: rowGroup, field: field)
        if let known = cache.withLock({ $0[key] }) { return known }
        let column = try read(field, rowGroup: rowGroup, rows: 0..<rowGroups[rowGroup].rows.count)
        cache.withLock { cache in
            if cache.count >= 64 { cache.removeAll(keepingCapacity: true) }
            cache[key] = column
        }
        return column
    }

    private func read(_ field: Int, rowGroup: Int, rows: Range<Int>) throws -> ParquetColumn {
        do {
            let isWhole = rows.count == parquet.rowGroups[rowGroup].rowCount
            return try parquet.readColumn(rowGroup: rowGroup, field: field, rows: isWhole ? nil : rows)
        } catch {
            throw Self.damaged(record.id, path, error)
        }
    }

    // MARK: Events

    /// The events in these rows, in the same order.
    ///
    /// - Parameter rows: ascending, each below ``visibleRowCount``.
    public func events(rows: [Int]) throws -> [StoredEvent] {
        var events: [StoredEvent] = []
        events.reserveCapacity(rows.count)
        var next = 0
        for (number, group) in rowGroups.enumerated() {
            var wanted: [Int] = []
            while next < rows.count, rows[next] < group.rows.upperBound {
                wanted.append(rows[next] - group.rows.lowerBound)
                next += 1
            }
            for stretch in Self.stretches(wanted) { events += try self.events(stretch, rowGroup: number) }
        }
        guard next == rows.count else {
            throw StoreError(.notFound, "the segment has no row \(rows[next]) at this checkpoint", path: path)
        }
        return events
    }

    /// All events of a range of rows.
    public func events(in rows: Range<Int>) throws -> [StoredEvent] {
        try events(rows: Array(rows))
    }

    /// Rows that lie on the same or on neighbouring pages are decoded together: a page is decoded whole in any case.
    private static func stretches(_ rows: [Int]) -> [[Int]] {
        var stretches: [[Int]] = []
        for row in rows {
            if let last = stretches.last?.last, row - last <= 20_000 {
                stretches[stretches.count - 1].append(row)
            } else {
                stretches.append([row])
            }
        }
        return stretches
    }

    private func events(_ rows: [Int], rowGroup: Int) throws -> [StoredEvent] {
        guard let first = rows.first, let last = rows.last else { return [] }
        do {
            let assembler = try EventAssembler(rows: first..<last + 1) { position in
                guard let field = schema.index(of: SegmentSchema.parquet.fields[position].name),
                    !isEmpty(field, rowGroup: rowGroup)
                else { return nil }
                if let known = cache.withLock({ $0[CacheKey(rowGroup: rowGroup, field: field)] }) {
                    return EventAssembler.Part(column: known, firstRow: 0)
                }
                return EventAssembler.Part(column: try read(field, rowGroup: rowGroup, rows: first..<last + 1), firstRow: first)
            }
            return try rows.map { try assembler.event($0) }
        } catch {
            throw Self.damaged(record.id, path, error)
        }
    }

    /// Whether the footer says that no row of the row group has a value in a scalar column.
    func isEmpty(_ field: Int, rowGroup: Int) -> Bool {
        let leaves = schema.leafRanges[field]
        let chunks = parquet.rowGroups[rowGroup].chunks
        guard case .scalar = schema.fields[field].shape, leaves.lowerBound < chunks.count else { return false }
        let chunk = chunks[leaves.lowerBound]
        return chunk.statistics?.nullCount == Int64(chunk.valueCount)
    }

    // MARK: Index

    /// The rows whose column holds exactly this text, ascending, by the index file; nil when the index does not cover the column or
    /// cannot be used (then scan).
    public func rows(holding term: String, in column: PivotColumn) throws -> [Int]? {
        guard let index = usableIndex(), index.covers(column),
            case let (rows, isExact)? = index.rows(term, in: column)
        else { return nil }
        let visible = rows.filter { $0 < visibleRowCount }
        return isExact ? visible : try visible.filter { try self.row($0, holds: term, in: column) }
    }

    /// Whether a row's column holds exactly this text: for candidates that an index gave by their hash.
    private func row(_ row: Int, holds term: String, in column: PivotColumn) throws -> Bool {
        guard let number = rowGroups.firstIndex(where: { $0.rows.contains(row) }) else { return false }
        let place = row - rowGroups[number].rows.lowerBound
        let name = column.field == nil ? SegmentSchema.targets : column.rawValue
        guard let field = schema.index(of: name) else { return false }
        let part: (column: ParquetColumn, row: Int)
        if let known = cache.withLock({ $0[CacheKey(rowGroup: number, field: field)] }) {
            part = (known, place)
        } else {
            part = (try read(field, rowGroup: number, rows: place..<place + 1), 0)
        }
        let leaf = switch column {
        case .targetID: 1
        case .targetName: 2
        default: 0
        }
        guard leaf < part.column.leaves.count, let values = part.column.leaves[leaf].byteValues else { throw wrongType(name) }
        return part.column.elements(of: part.row).contains { values.string($0) == term }
    }

    func usableIndex() -> SegmentIndex? {
        index.withLock { state in
            if case .notRead = state {
                if let bytes = try? files.map(indexPath), let read = SegmentIndex(bytes), read.rowCount == record.rowCount {
                    state = .read(read)
                } else {
                    state = .missing
                }
            }
            if case .read(let index) = state { return index }
            return nil
        }
    }

    // MARK: Errors

    static func damaged(_ id: Int64, _ path: String, _ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        return StoreError(
            .damagedSegment(id), "segment \(id) cannot be read: restore the file from a backup; the rest of the store is whole",
            path: path, cause: error)
    }

    func wrongType(_ name: String) -> StoreError {
        StoreError(.damagedSegment(record.id), "the column \(name) has another type than the schema's", path: path)
    }
}
