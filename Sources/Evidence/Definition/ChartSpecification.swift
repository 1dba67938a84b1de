/// A chart that a definition asks for.
struct ChartSpecification: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// Rows × columns, a shade per cell, exceptions marked.
        case heatmap
        /// How often a value falls into each bin.
        case histogram
        /// Items per column, stacked by how they ended.
        case bars
        /// A line per row over the columns.
        case line
        /// Rows × columns with the number in each cell.
        case matrix
        /// Stretches of time, one lane per row.
        case timeline
        /// Bars of equal length, parted by how the items ended.
        case share
    }

    let id: String
    let kind: Kind
    let title: String
    /// What the chart shows, for those who do not see it.
    let caption: String
    /// The populations whose items it shows; empty is all.
    let of: [String]
    /// The items that it shows; absent is all of those populations.
    let when: Expression?
    /// Text for the row of an item (heat map, line, matrix, timeline).
    let rows: Expression?
    /// Text for the column of an item (heat map, bars, line, matrix, share).
    let columns: Expression?
    /// Every column of the period is shown, also empty ones.
    let step: Step?
    /// Number that a cell adds up, or value of an item (histogram); absent counts items.
    let value: Expression?
    /// Beginning of an item's span (timeline).
    let from: Expression?
    /// End of an item's span (timeline); nothing is still open.
    let to: Expression?
    /// Unit after a number, for people.
    let unit: String
    /// Upper edges of the histogram's bins.
    let edges: [Value]
    /// A value to draw as a line: a parameter.
    let limit: Expression?

    enum Step: String, Sendable, CaseIterable { case day, week, month }
}
