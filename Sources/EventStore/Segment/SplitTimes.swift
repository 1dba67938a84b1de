import AuditModel
import Parquet

/// The times of a row group in two columns: whole milliseconds, and the microseconds beyond them where there are any.
///
/// Most logs write milliseconds. As microseconds their differences take ten bits more, which no encoding of the format takes back.
struct SplitTimes {
    private let column: IntegerColumn
    private let rows: Range<Int>

    init(_ column: IntegerColumn, _ rows: Range<Int>) {
        self.column = column
        self.rows = rows
    }

    /// The chunks of `time` and `time.micros`.
    func encode(_ encoder: ParquetChunkEncoder) throws -> [ParquetEncodedChunk] {
        let schema = SegmentSchema.parquet
        let remainder = schema.leafRanges[SegmentSchema.timeMicros].lowerBound
        let leaf = SegmentColumn.leaf(of: .time)
        return try withUnsafeTemporaryAllocation(of: Int64.self, capacity: 2 * rows.count) { room in
            let millis = UnsafeMutableBufferPointer(rebasing: room[..<rows.count])
            let micros = UnsafeMutableBufferPointer(rebasing: room[rows.count...])
            let isWhole = split(into: millis, micros)
            return [
                try encoder.encode(leaf: leaf, .int64(UnsafeBufferPointer(millis), absent: IntegerColumn.absent)),
                try encoder.encode(
                    leaf: remainder,
                    isWhole ? .absent(count: rows.count) : .int64(UnsafeBufferPointer(micros), absent: IntegerColumn.absent)),
            ]
        }
    }

    /// - Returns: Whether no time has anything beyond whole milliseconds.
    private func split(into millis: UnsafeMutableBufferPointer<Int64>, _ micros: UnsafeMutableBufferPointer<Int64>) -> Bool {
        let known = column.values
        var isWhole = true
        var place = 0
        while place < rows.count {
            let row = rows.lowerBound &+ place
            let value = row < known.count ? known[row] : IntegerColumn.absent
            (millis[place], micros[place]) = (IntegerColumn.absent, IntegerColumn.absent)
            if value != IntegerColumn.absent {
                let rest = Self.remainder(value)
                millis[place] = (value &- rest) / 1_000
                if rest != 0 {
                    micros[place] = rest
                    isWhole = false
                }
            }
            place &+= 1
        }
        return isWhole
    }

    /// 0 to 999, of times before 1970 too.
    private static func remainder(_ value: Int64) -> Int64 {
        let rest = value % 1_000
        return rest < 0 ? rest &+ 1_000 : rest
    }

    /// Microseconds of whole milliseconds; nil where they are beyond 64 bits, which no writer makes.
    static func microseconds(_ millis: Int64) -> Int64? {
        let (product, isBeyond) = millis.multipliedReportingOverflow(by: 1_000)
        return isBeyond ? nil : product
    }

    /// The end of the millisecond, where a bound may have lost microseconds.
    static func lastMicrosecond(_ millis: Int64, isWhole: Bool) -> Int64? {
        microseconds(millis).flatMap { isWhole ? $0 : $0 > Int64.max - 999 ? nil : $0 + 999 }
    }
}
