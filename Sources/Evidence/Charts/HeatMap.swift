import AuditModel

/// Rows × columns with a shade per cell; cells with exceptions carry a mark.
struct HeatMap {
    private let specification: ChartSpecification
    private let grid: ChartData.Grid
    private let labelWidth = 168.0
    private let totalWidth = 64.0
    private let width = 960.0
    private let top = 26.0

    init(_ specification: ChartSpecification, _ grid: ChartData.Grid) {
        self.specification = specification
        // Days and weeks of a period are drawn however many they are; named columns only while they have room.
        self.grid = grid.bounded(rows: ChartFrame.drawnRows + 20, columns: grid.step == nil ? ChartFrame.drawnColumns + 20 : 400)
    }

    var chart: Chart {
        let isDense = grid.columns.count > 40
        let cell = min(44, (width - labelWidth - totalWidth) / Double(max(1, grid.columns.count)))
        let rowHeight = isDense ? 20.0 : 24.0
        let height = top + rowHeight * Double(grid.rows.count) + 8
        let widest = grid.rows.flatMap { row in grid.columns.map { grid.cell(row, $0).value } }.max() ?? 0
        var svg = SVGBuilder(
            width: Int(width), height: Int(height.rounded(.up)), title: specification.title, description: specification.caption,
            id: "chart-\(specification.id)")
        // Totals stand right behind the last column, however narrow the map.
        let right = min(width - 2, labelWidth + cell * Double(grid.columns.count) + totalWidth - 8)
        drawColumnLabels(&svg, cell: cell, isDense: isDense, bottom: height - 8, right: right)
        for (number, row) in grid.rows.enumerated() {
            let y = top + Double(number) * rowHeight
            svg.label(Self.shortened(row, 26), labelWidth - 8, y + rowHeight / 2 + 4, anchor: .end)
            drawCells(&svg, row: row, y: y, cell: cell, rowHeight: rowHeight, widest: widest, isDense: isDense)
            let total = grid.columns.reduce(Int64(0)) { Self.sum($0, grid.cell(row, $1).value) }
            svg.label(shown(total), right, y + rowHeight / 2 + 4, ink: .muted, anchor: .end)
        }
        return Chart(
            id: specification.id, title: specification.title, caption: specification.caption, svg: svg.finished(), legend: legend,
            table: table)
    }

    private func drawCells(_ svg: inout SVGBuilder, row: String, y: Double, cell: Double, rowHeight: Double, widest: Int64, isDense: Bool) {
        let space = isDense ? 0.8 : 2.0
        for (number, column) in grid.columns.enumerated() {
            let content = grid.cell(row, column)
            let x = labelWidth + Double(number) * cell
            var hint = "\(row), \(column): \(shown(content.value)) \(specification.unit)"
            if content.exceptions > 0 { hint += ", \(Plural.of(content.exceptions, "exception"))" }
            if content.undecided > 0 { hint += ", \(content.undecided) undecided" }
            let isMarked = content.exceptions > 0 || content.undecided > 0
            let mark: SVGBuilder.Ink = content.exceptions > 0 ? .exception : .undecided
            if isDense, isMarked {
                svg.area(x, y + 1, cell - space, rowHeight - 2, fill: mark, hint: hint)
                continue
            }
            svg.rectangle(
                x, y + 1, cell - space, rowHeight - 2, fill: .shade(Self.shade(content.value, widest)), radius: isDense ? 0 : 2, hint: hint)
            guard !isDense, content.value > 0 || isMarked else { continue }
            let isDark = Self.shade(content.value, widest) >= 4
            svg.label(
                shown(content.value), x + (cell - space) / 2, y + rowHeight / 2 + 4, ink: isDark ? .surface : .ink, size: 10,
                anchor: .middle)
            if isMarked { svg.circle(x + cell - space - 5, y + 6, radius: 3.2, fill: mark) }
        }
    }

    private func drawColumnLabels(_ svg: inout SVGBuilder, cell: Double, isDense: Bool, bottom: Double, right: Double) {
        svg.label("total", right, top - 8, ink: .muted, size: 10, anchor: .end)
        var month = ""
        for (number, column) in grid.columns.enumerated() {
            let x = labelWidth + Double(number) * cell
            guard isDense else {
                svg.label(
                    Axis.columnLabel(column), x + cell / 2 - 1, top - 8, ink: .muted, size: 10,
                    anchor: .middle)
                continue
            }
            let thisMonth = String(column.prefix(7))
            if thisMonth != month {
                month = thisMonth
                svg.label(Self.monthName(thisMonth), x, top - 8, ink: .muted, size: 10)
                if number > 0 { svg.line(x - 0.4, top - 4, x - 0.4, bottom, ink: .faint, width: 0.8) }
            }
        }
    }

    /// Step 0 is nothing; 1 to 5 by the square root, so that busy rows do not wash out quiet ones.
    static func shade(_ value: Int64, _ widest: Int64) -> Int {
        guard value > 0, widest > 0 else { return 0 }
        let part = (Double(value) / Double(widest)).squareRoot()
        return min(5, 1 + Int(part * 4.999))
    }

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? (b < 0 ? .min : .max) : sum
    }

    private func shown(_ value: Int64) -> String {
        grid.isDuration ? (value == 0 ? "0" : DurationText.show(value)) : ValueText.grouped(value)
    }

    private var legend: [(SVGBuilder.Ink, String)] {
        [
            (.shade0, "none"), (.shade1, "few"), (.shade3, "more"), (.shade5, "most \(specification.unit)"), (.exception, "exception"),
            (.undecided, "not decided"),
        ]
    }

    private var table: [[String]] {
        [[""] + grid.columns + ["total"]]
            + grid.rows.map { row in
                let values = grid.columns.map { column -> String in
                    let cell = grid.cell(row, column)
                    return shown(cell.value) + (cell.exceptions > 0 ? " (\(Plural.of(cell.exceptions, "exception")))" : "")
                }
                return [row] + values + [shown(grid.columns.reduce(Int64(0)) { Self.sum($0, grid.cell(row, $1).value) })]
            }
    }

    static func monthName(_ month: String) -> String {
        let names = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
        ]
        guard month.count == 7, let number = Int(month.suffix(2)), (1...12).contains(number) else { return month }
        return "\(names[number - 1]) \(month.prefix(4))"
    }

    static func shortened(_ text: String, _ limit: Int) -> String {
        text.count <= limit ? text : String(text.prefix(limit - 1)) + "…"
    }
}
