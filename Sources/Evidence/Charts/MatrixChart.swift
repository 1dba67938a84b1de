import AuditModel

/// Rows × named columns with the count in each cell; cells with exceptions carry a mark and a frame.
struct MatrixChart {
    private let frame: ChartFrame
    private let grid: ChartData.Grid
    private let labelWidth = 190.0
    private let width = 960.0
    private let rowHeight = 24.0

    init(_ frame: ChartFrame, _ grid: ChartData.Grid) {
        self.frame = frame
        self.grid = grid.bounded(rows: ChartFrame.drawnRows, columns: ChartFrame.drawnColumns)
    }

    var chart: Chart {
        let cell = min(92, (width - labelWidth - 70) / Double(max(1, grid.columns.count)))
        // Names stand slanted where they would not fit beside each other.
        let isSlanted = grid.columns.contains { Double($0.count) * 6.4 > cell - 4 }
        let longest = min(22, grid.columns.map(\.count).max() ?? 0)
        let top = isSlanted ? 18 + Double(longest) * 4.6 : 26
        let height = top + rowHeight * Double(max(1, grid.rows.count)) + 8
        let widest = grid.rows.flatMap { row in grid.columns.map { grid.cell(row, $0).value } }.max() ?? 0
        var svg = frame.builder(width: width, height: height)
        for (number, column) in grid.columns.enumerated() {
            let x = labelWidth + (Double(number) + 0.5) * cell
            if isSlanted {
                svg.label(HeatMap.shortened(column, 22), x, top - 8, ink: .muted, size: 10, degrees: -42)
            } else {
                svg.label(column, x, top - 8, ink: .muted, size: 10, anchor: .middle)
            }
        }
        for (number, row) in grid.rows.enumerated() {
            let y = top + Double(number) * rowHeight
            svg.label(HeatMap.shortened(row, 28), labelWidth - 8, y + rowHeight / 2 + 4, anchor: .end)
            for (place, column) in grid.columns.enumerated() {
                draw(&svg, row, column, x: labelWidth + Double(place) * cell, y: y, cell: cell, widest: widest)
            }
        }
        if grid.rows.isEmpty { svg.label("Nothing to draw.", labelWidth, top + 16, ink: .muted) }
        return frame.chart(svg, legend: [(.shade1, "few"), (.shade3, "more"), (.shade5, "most \(frame.unit)"), (.exception, "exception"), (.undecided, "not decided")], table: table)
    }

    private func draw(_ svg: inout SVGBuilder, _ row: String, _ column: String, x: Double, y: Double, cell: Double, widest: Int64) {
        let content = grid.cell(row, column)
        var hint = "\(row), \(column): \(shown(content.value)) \(frame.unit)"
        if content.exceptions > 0 { hint += ", \(Plural.of(content.exceptions, "exception"))" }
        if content.undecided > 0 { hint += ", \(content.undecided) undecided" }
        let shade = HeatMap.shade(content.value, widest)
        let mark: SVGBuilder.Ink? = content.exceptions > 0 ? .exception : content.undecided > 0 ? .undecided : nil
        svg.rectangle(x + 1, y + 1, cell - 2, rowHeight - 2, fill: .shade(shade), stroke: mark, radius: 2, hint: hint)
        guard content.items > 0 else { return }
        svg.label(shown(content.value), x + cell / 2, y + rowHeight / 2 + 4, ink: shade >= 4 ? .surface : .ink, size: 10, anchor: .middle)
        if let mark { svg.circle(x + cell - 6, y + 6, radius: 3.2, fill: mark) }
    }

    private func shown(_ value: Int64) -> String {
        grid.isDuration ? (value == 0 ? "0" : DurationText.show(value)) : ValueText.grouped(value)
    }

    private var table: [[String]] {
        [[""] + grid.columns]
            + grid.rows.map { row in
                [row] + grid.columns.map { column in
                    let cell = grid.cell(row, column)
                    guard cell.items > 0 else { return "–" }
                    return shown(cell.value) + (cell.exceptions > 0 ? " (\(Plural.of(cell.exceptions, "exception")))" : "")
                }
            }
    }
}
