/// Per column what part of the items passed, was left open and failed, of 100 %, with the number of items above each bar.
struct ShareBars {
    private let frame: ChartFrame
    private let grid: ChartData.Grid
    private let width = 960.0
    private let left = 52.0
    private let bottom = 186.0
    private let top = 30.0

    /// - Parameter grid: With one row, named "".
    init(_ frame: ChartFrame, _ grid: ChartData.Grid) {
        self.frame = frame
        self.grid = grid.bounded(rows: .max, columns: grid.step == nil ? ChartFrame.drawnColumns : 400)
    }

    var chart: Chart {
        var svg = frame.builder(width: width, height: 216)
        for percent in [0, 25, 50, 75, 100] {
            let y = bottom - (bottom - top) * Double(percent) / 100
            svg.line(left, y, width - 10, y, ink: percent == 0 ? .muted : .line, width: 0.8)
            svg.label("\(percent) %", left - 8, y + 4, ink: .muted, size: 10, anchor: .end)
        }
        let cells = grid.columns.map { grid.cell("", $0) }
        let step = (width - left - 10) / Double(max(1, cells.count))
        for (number, cell) in cells.enumerated() {
            let x = left + Double(number) * step + step * 0.15
            let column = grid.columns[number]
            let parts: [(count: Int, ink: SVGBuilder.Ink)] = [
                (cell.items - cell.undecided - cell.exceptions, .pass), (cell.undecided, .undecided), (cell.exceptions, .exception),
            ]
            if cell.items > 0 {
                let failed = Self.percent(cell.exceptions, of: cell.items)
                Axis.stack(
                    &svg, parts, x: x, width: step * 0.7, tallest: cell.items, top: top, bottom: bottom,
                    hint: "\(column): \(failed) of \(Plural.of(cell.items, "item")) failed")
            }
            if Axis.isLabelled(number, of: cells.count) {
                svg.label(Axis.columnLabel(column), x + step * 0.35, bottom + 16, ink: .muted, size: 10, anchor: .middle)
                svg.label("n = \(ValueText.grouped(Int64(cell.items)))", x + step * 0.35, top - 8, ink: .muted, size: 9, anchor: .middle)
            }
        }
        if cells.isEmpty { svg.label("Nothing to draw.", left + 8, (top + bottom) / 2, ink: .muted) }
        let table =
            [["", "passed", "undecided", "exceptions", "all", "failed"]]
            + zip(grid.columns, cells).map {
                [
                    $0, "\($1.items - $1.undecided - $1.exceptions)", "\($1.undecided)", "\($1.exceptions)", "\($1.items)",
                    Self.percent($1.exceptions, of: $1.items),
                ]
            }
        return frame.chart(svg, legend: Axis.legend, table: table)
    }

    /// One decimal, the same in every locale; a dash for no items.
    static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "–" }
        let tenths = Int((Double(part) / Double(whole) * 1_000).rounded())
        // Neither all nor nothing is said where it is not so.
        if tenths == 0, part > 0 { return "under 0.1 %" }
        if tenths == 1_000, part < whole { return "over 99.9 %" }
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }
}
