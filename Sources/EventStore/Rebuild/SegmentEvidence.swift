import AuditModel
import Cryptography
import DurableIO
import Parquet

/// What a segment's file says of itself, for a catalogue that is made again: its footer's seals, lengths and checksums.
///
/// It believes the footer's seals no further than the log confirms them, and bytes only where the index file's checksums of blocks do; rows are
/// led to their roots by fsck afterwards.
struct SegmentEvidence {
    /// A batch with rows in it.
    struct Batch {
        var logIndex: UInt64
        /// The seal's bytes as they stand in the footer.
        var entry: [UInt8]
    }

    let id: Int64
    let rowCount: Int
    /// In log order.
    let batches: [Batch]
    /// Earliest and latest time in the rows; nil where no row has one.
    let times: ClosedRange<Int64>?
    private let sizeBytes: Int64
    private let sha256: SHA256Digest
    private let indexSizeBytes: Int64
    private let indexSHA256: SHA256Digest
    private let checks: SegmentRecord.Checks
    /// Whether an index file lies beside it that is whole and belongs to these bytes.
    let hasIndex: Bool
    /// Whether an index file is whole and says that these bytes are not those it was made for.
    let isContradicted: Bool

    /// What stands for a checksum that nobody knows.
    static let unknown = SHA256Digest([UInt8](repeating: 0, count: SHA256Digest.sizeBytes)) ?? SHA256.hash([])

    /// Reads a segment and its index.
    ///
    /// - Returns: nil where the file is no segment.
    init?(_ id: Int64, layout: StoreLayout, files: any FileSystem) throws {
        let bytes = try files.readFile(layout.segment(id))
        guard let reader = try? ParquetReader(ParquetBytes(bytes)),
            reader.metadata(SegmentSchema.Footer.version) == String(SegmentSchema.version),
            let seals = reader.metadata(SegmentSchema.Footer.seals).flatMap({ try? JSONValue(parsing: $0) })?.array
        else { return nil }
        let batches = seals.compactMap { item -> Batch? in
            guard let index = item["logIndex"]?.integer, index >= 0, let entry = item["entry"] else { return nil }
            return Batch(logIndex: UInt64(index), entry: entry.canonicalBytes)
        }
        guard batches.count == seals.count, let times = try? Self.times(reader) else { return nil }
        self.id = id
        self.batches = batches
        self.times = times.first
        rowCount = Int(clamping: reader.rowCount)
        sizeBytes = Int64(bytes.count)
        sha256 = SHA256.hash(bytes)
        let tail = bytes[min(reader.tailOffset, bytes.count)...]
        var checks = SegmentRecord.Checks(tailBytes: tail.count, tail: tail.withUnsafeBytes { XXH64.hash($0) })
        let path = layout.index(id)
        if try files.exists(path), let index = SegmentIndex(try files.map(path), check: nil), let indexBytes = try? files.readFile(path) {
            checks.index = index.check
            hasIndex = true
            isContradicted = bytes.withUnsafeBytes { segment in !(index.segmentChecks(segment)?.areRight(0..<segment.count) ?? false) }
            (indexSizeBytes, indexSHA256) = (Int64(indexBytes.count), SHA256.hash(indexBytes))
        } else {
            (hasIndex, isContradicted, indexSizeBytes, indexSHA256) = (false, false, 0, Self.unknown)
        }
        self.checks = checks
    }

    /// The span of times, in an array of one; empty where no row has one.
    private static func times(_ reader: ParquetReader) throws -> [ClosedRange<Int64>] {
        var span: ClosedRange<Int64>?
        for group in reader.rowGroups.indices {
            func values(_ name: String) throws -> Int64Values? {
                guard let field = reader.schema.fields.firstIndex(where: { $0.name == name }) else { return nil }
                return try reader.readColumn(rowGroup: group, field: field).leaves.first?.int64Values
            }
            guard let millis = try values("time") else { continue }
            let micros = try values("time.micros")
            for row in 0..<reader.rowGroups[group].rowCount {
                guard let whole = millis[row] else { continue }
                guard let start = SplitTimes.microseconds(whole), start <= Int64.max - 999 else {
                    throw ParquetError(.corrupt, "A time is beyond 64 bits")
                }
                let time = start + min(max(micros?[row] ?? 0, 0), 999)
                span = min(span?.lowerBound ?? time, time)...max(span?.upperBound ?? time, time)
            }
        }
        return span.map { [$0] } ?? []
    }

    /// The catalogue's record of it.
    ///
    /// - Parameter seqs: From the first position of its batches to the end of the last.
    func record(seqs: Range<Int64>) -> CatalogueChange.Segment {
        let record = SegmentRecord(
            id: id, seqs: seqs, rowCount: rowCount, minTime: times.map { Timestamp(microseconds: $0.lowerBound) },
            maxTime: times.map { Timestamp(microseconds: $0.upperBound) }, sizeBytes: sizeBytes, damage: nil, checks: checks)
        return CatalogueChange.Segment(
            record: record, sha256: isContradicted ? Self.unknown : sha256, indexSizeBytes: indexSizeBytes, indexSHA256: indexSHA256,
            firstLogIndex: batches.map(\.logIndex).min() ?? 0)
    }
}
