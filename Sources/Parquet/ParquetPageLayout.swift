/// Which rows the data pages of a chunk hold.
public struct ParquetPageLayout: Sendable, Hashable {
    /// The first row of each page, and at the end the number of rows: ascending, the first 0.
    private let starts: [Int]

    init(starts: [Int]) { self.starts = starts }

    /// How many pages there are.
    public var count: Int { starts.count - 1 }

    /// The rows of a page, counted from the row group's start.
    public func rows(ofPage page: Int) -> Range<Int> { starts[page]..<starts[page + 1] }

    /// The page that holds a row.
    ///
    /// - Precondition: The row group has that row.
    public func page(ofRow row: Int) -> Int {
        precondition(row >= 0 && row < starts[starts.count - 1], "There is no such row")
        var low = 0
        var high = starts.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle } else { high = middle }
        }
        return low
    }
}
