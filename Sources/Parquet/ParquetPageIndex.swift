/// The pages of a chunk and what is known of each, so that a scan can skip pages.
public struct ParquetPageIndex: Sendable {
    /// One data page.
    public struct Page: Hashable, Sendable {
        /// The rows in it, counted from the row group's start.
        public let rows: Range<Int>
        /// Bounds and number of absent values.
        public let statistics: ParquetStatistics
        /// Whether every value in it is known to be absent.
        public let isAllNull: Bool
    }

    /// The data pages in order of rows; together they hold every row once.
    public let pages: [Page]

    /// Puts both indexes of a chunk together; `bounds`, where there, has as many pages, and rows ascend below `rowCount`.
    init(offsets: OffsetIndex, bounds: ColumnIndex?, rowCount: Int) {
        let starts = offsets.locations.map { Int($0.firstRow) } + [rowCount]
        pages = offsets.locations.indices.map { page in
            let isAllNull = bounds?.nullPages[page] ?? false
            let nullCounts = bounds?.nullCounts ?? []
            return Page(
                rows: starts[page]..<starts[page + 1],
                statistics: ParquetStatistics(
                    minimum: isAllNull ? nil : bounds?.minimums[page], maximum: isAllNull ? nil : bounds?.maximums[page],
                    nullCount: nullCounts.isEmpty ? nil : nullCounts[page]),
                isAllNull: isAllNull)
        }
    }
}
