/// How often a value falls into each bin, stacked by how the items ended.
struct Histogram {
    private let specification: ChartSpecification
    private let bins: [ChartData.Bin]
    private let limit: (afterBin: Int, text: String)?
    private let width = 960.0
    private let height = 250.0
    private let left = 44.0
    private let bottom = 206.0
    private let top = 24.0

    init(_ specification: ChartSpecification, _ bins: [ChartData.Bin], limit: (afterBin: Int, text: String)?) {
        self.specification = specification
        self.bins = bins
        self.limit = limit
    }

    var chart: Chart {
        let tallest = max(1, bins.map(\.count).max() ?? 1)
        let step = (width - left - 10) / Double(max(1, bins.count))
        var svg = SVGBuilder(
            width: Int(width), height: Int(height), title: specification.title, description: specification.caption,
            id: "chart-\(specification.id)")
        Axis.draw(&svg, tallest: tallest, left: left, right: width - 10, top: top, bottom: bottom)
        for (number, bin) in bins.enumerated() {
            let x = left + Double(number) * step + step * 0.12
            let parts = [(bin.passed, SVGBuilder.Ink.pass), (bin.undecided, .undecided), (bin.exceptions, .exception)]
            Axis.stack(
                &svg, parts, x: x, width: step * 0.76, tallest: tallest, top: top, bottom: bottom,
                hint: "\(bin.title): \(Plural.of(bin.count, "item"))")
            if bin.count > 0 {
                let y = bottom - (bottom - top) * Double(bin.count) / Double(tallest)
                svg.label("\(bin.count)", x + step * 0.38, y - 5, size: 11, anchor: .middle, isBold: true)
            }
            svg.label(bin.title, x + step * 0.38, bottom + 17, ink: .muted, size: 10, anchor: .middle)
        }
        if let limit {
            let x = left + Double(limit.afterBin + 1) * step
            svg.line(x, top - 14, x, bottom, ink: .exception, width: 1.2, isDashed: true)
            svg.label("limit \(limit.text)", x + 5, top - 6, ink: .exception, size: 10)
        }
        svg.label(specification.unit, left, bottom + 36, ink: .muted, size: 10)
        let table =
            [["", "passed", "undecided", "exceptions", "all"]]
            + bins.map { [$0.title, "\($0.passed)", "\($0.undecided)", "\($0.exceptions)", "\($0.count)"] }
        return Chart(
            id: specification.id, title: specification.title, caption: specification.caption, svg: svg.finished(), legend: Axis.legend,
            table: table)
    }
}

/// Items per column, stacked by how they ended.
struct StackedBars {
    private let specification: ChartSpecification
    private let grid: ChartData.Grid
    private let width = 960.0
    private let left = 44.0
    private let bottom = 176.0
    private let top = 20.0

    init(_ specification: ChartSpecification, _ grid: ChartData.Grid) {
        self.specification = specification
        self.grid = grid
    }

    var chart: Chart {
        let cells = grid.columns.map { grid.cell("", $0) }
        let tallest = max(1, cells.map(\.items).max() ?? 1)
        let step = (width - left - 10) / Double(max(1, cells.count))
        var svg = SVGBuilder(
            width: Int(width), height: 206, title: specification.title, description: specification.caption, id: "chart-\(specification.id)")
        Axis.draw(&svg, tallest: tallest, left: left, right: width - 10, top: top, bottom: bottom)
        for (number, cell) in cells.enumerated() {
            let x = left + Double(number) * step + step * 0.15
            let column = grid.columns[number]
            let parts = [
                (cell.items - cell.undecided - cell.exceptions, SVGBuilder.Ink.pass), (cell.undecided, .undecided),
                (cell.exceptions, .exception),
            ]
            Axis.stack(
                &svg, parts, x: x, width: step * 0.7, tallest: tallest, top: top, bottom: bottom,
                hint: "\(column): \(Plural.of(cell.items, "item")), \(Plural.of(cell.exceptions, "exception"))")
            if Axis.isLabelled(number, of: cells.count) {
                svg.label(Axis.columnLabel(column), x + step * 0.35, bottom + 16, ink: .muted, size: 10, anchor: .middle)
            }
        }
        let table =
            [["", "passed", "undecided", "exceptions", "all"]]
            + zip(grid.columns, cells).map {
                [$0, "\($1.items - $1.undecided - $1.exceptions)", "\($1.undecided)", "\($1.exceptions)", "\($1.items)"]
            }
        return Chart(
            id: specification.id, title: specification.title, caption: specification.caption, svg: svg.finished(), legend: Axis.legend,
            table: table)
    }
}

/// What histogram and bars share.
enum Axis {
    static var legend: [(ink: SVGBuilder.Ink, text: String)] {
        [(.pass, "passed"), (.exception, "exception"), (.undecided, "not decided")]
    }

    /// Grid lines with round numbers, and the ground line.
    static func draw(_ svg: inout SVGBuilder, tallest: Int, left: Double, right: Double, top: Double, bottom: Double) {
        let step = roundStep(tallest)
        for value in stride(from: step, through: tallest, by: step) {
            let y = bottom - (bottom - top) * Double(value) / Double(tallest)
            svg.line(left, y, right, y, ink: .line, width: 0.8)
            svg.label(ValueText.grouped(Int64(value)), left - 8, y + 4, ink: .muted, size: 10, anchor: .end)
        }
        svg.line(left, bottom, right, bottom, ink: .muted)
    }

    static func stack(
        _ svg: inout SVGBuilder, _ parts: [(count: Int, ink: SVGBuilder.Ink)], x: Double, width: Double, tallest: Int, top: Double,
        bottom: Double, hint: String
    ) {
        var y = bottom
        for part in parts where part.count > 0 {
            let height = (bottom - top) * Double(part.count) / Double(tallest)
            y -= height
            svg.area(x, y, width, height, fill: part.ink, hint: hint)
        }
    }

    /// 1, 2 or 5 times a power of ten that gives at most five lines.
    static func roundStep(_ tallest: Int) -> Int {
        var power = 1
        while true {
            for factor in [1, 2, 5] where tallest / 5 < factor * power || tallest == factor * power * 5 { return factor * power }
            guard power < 1_000_000_000_000_000_000 / 10 else { return tallest }
            power *= 10
        }
    }

    /// Which of `count` columns get a label, so that at most `limit` do.
    static func isLabelled(_ number: Int, of count: Int, limit: Int = 20) -> Bool {
        count <= limit || number % ((count + limit - 1) / limit) == 0
    }

    /// A column's label: dates without their year.
    static func columnLabel(_ column: String) -> String {
        column.count == 10 && column.dropFirst(4).first == "-" ? String(column.dropFirst(5)) : HeatMap.shortened(column, 14)
    }
}
