import AuditModel

/// A value over the columns, one line per row; each line has its own dash and its name at its end.
struct LineChart {
    private let frame: ChartFrame
    private let grid: ChartData.Grid
    /// Whether a column without items has no value, instead of zero.
    private let hasHoles: Bool
    private let lines: [(name: String, values: [Int64?])]
    private let width = 960.0
    private let height = 270.0
    private let left = 64.0
    private let right = 780.0
    private let top = 18.0
    private let bottom = 226.0
    private static let dashes = ["", "7 3", "2 3", "9 3 2 3", "4 2", "1 4"]

    /// - Parameter hasHoles: Whether the grid adds up a value, so that a cell without items says nothing.
    init(_ frame: ChartFrame, _ grid: ChartData.Grid, hasHoles: Bool) {
        let grid = grid.bounded(rows: 6, columns: .max)
        self.frame = frame
        self.grid = grid
        self.hasHoles = hasHoles
        lines = grid.rows.map { row in
            (row, grid.columns.map { column in
                let cell = grid.cell(row, column)
                return hasHoles && cell.items == 0 ? nil : cell.value
            })
        }
    }

    var chart: Chart {
        var svg = frame.builder(width: width, height: height)
        let values = lines.flatMap(\.values).compactMap { $0 }
        let scale = ValueScale(lowest: values.min() ?? 0, highest: values.max() ?? 0, top: top, bottom: bottom)
        for mark in scale.marks {
            svg.line(left, scale.y(mark), right, scale.y(mark), ink: mark == 0 ? .muted : .line, width: 0.8)
            svg.label(shown(mark), left - 8, scale.y(mark) + 4, ink: .muted, size: 10, anchor: .end)
        }
        drawColumns(&svg)
        for (number, line) in lines.enumerated() { draw(&svg, line.values, number, scale) }
        drawNames(&svg, scale)
        if values.isEmpty { svg.label("Nothing to draw.", left + 8, (top + bottom) / 2, ink: .muted) }
        svg.label(frame.unit, left, bottom + 36, ink: .muted, size: 10)
        let table = [[""] + grid.rows] + grid.columns.enumerated().map { number, column in
            [column] + lines.map { $0.values[number].map(shown) ?? "–" }
        }
        return frame.chart(svg, legend: [], table: table)
    }

    private func x(_ column: Int) -> Double {
        grid.columns.count < 2 ? (left + right) / 2 : left + 10 + (right - left - 20) * Double(column) / Double(grid.columns.count - 1)
    }

    private func drawColumns(_ svg: inout SVGBuilder) {
        for (number, column) in grid.columns.enumerated() where Axis.isLabelled(number, of: grid.columns.count, limit: 14) {
            svg.label(Axis.columnLabel(column), x(number), bottom + 18, ink: .muted, size: 10, anchor: .middle)
        }
    }

    private func draw(_ svg: inout SVGBuilder, _ values: [Int64?], _ number: Int, _ scale: ValueScale) {
        let ink = SVGBuilder.series(number)
        var run: [(x: Double, y: Double)] = []
        func finish(_ svg: inout SVGBuilder) {
            if run.count > 1 { svg.path(run, ink: ink, dash: Self.dashes[number % Self.dashes.count]) }
            if run.count == 1 || values.count <= 40 { for point in run { svg.circle(point.x, point.y, radius: 2.4, fill: ink) } }
            run = []
        }
        for (column, value) in values.enumerated() {
            if let value { run.append((x(column), scale.y(value))) } else { finish(&svg) }
        }
        finish(&svg)
    }

    /// Names stand at the ends of their lines, pushed apart where lines end close together.
    private func drawNames(_ svg: inout SVGBuilder, _ scale: ValueScale) {
        var ends = lines.enumerated().compactMap { number, line in
            line.values.last { $0 != nil }.flatMap { $0 }.map { (number: number, y: scale.y($0), name: line.name, last: $0) }
        }
        ends.sort { ($0.y, $0.number) < ($1.y, $1.number) }
        var free = top
        for end in ends {
            let y = max(end.y, free)
            free = y + 14
            svg.path([(right + 6, y), (right + 26, y)], ink: SVGBuilder.series(end.number), width: 2, dash: Self.dashes[end.number % Self.dashes.count])
            svg.label("\(HeatMap.shortened(end.name.isEmpty ? "all" : end.name, 15)) \(shown(end.last))", right + 31, y + 4, size: 10)
        }
    }

    private func shown(_ value: Int64) -> String {
        grid.isDuration ? (value == 0 ? "0" : DurationText.show(value)) : ValueText.grouped(value)
    }
}

/// Where values stand between two heights, with round marks; takes any 64-bit values.
struct ValueScale {
    let lowest: Double
    let highest: Double
    let marks: [Int64]
    private let top: Double
    private let bottom: Double

    init(lowest: Int64, highest: Int64, top: Double, bottom: Double) {
        let low = min(0, Double(lowest)), high = max(0, Double(highest))
        self.top = top
        self.bottom = bottom
        self.lowest = low
        self.highest = high == low ? low + 1 : high
        let span = Int(exactly: (self.highest - low).rounded(.up)) ?? .max
        let step = Int64(Axis.roundStep(max(1, span)))
        var marks: [Int64] = [0]
        for sign: Int64 in [1, -1] {
            var mark: Int64 = 0
            while marks.count < 14 {
                let (next, overflow) = mark.addingReportingOverflow(sign * step)
                guard !overflow, Double(next) <= self.highest, Double(next) >= low else { break }
                marks.append(next)
                mark = next
            }
        }
        self.marks = marks.sorted()
    }

    func y(_ value: Int64) -> Double { bottom - (bottom - top) * (Double(value) - lowest) / (highest - lowest) }
}
