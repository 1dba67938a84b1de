import AuditModel
import Foundation
import Testing

@testable import Evidence

/// The chart kinds over plain data: nothing, one, very many, and the largest numbers there are.
@Suite struct ChartKindTests {
    private static let frame = ChartFrame(id: "c", title: "<b>Title</b>", caption: "What & why", unit: "items")
    private static let period = QuarterStory.period

    private static func grid(rows: Int, columns: Int, value: (Int, Int) -> Int64 = { Int64($0 * 7 + $1) }) -> ChartData.Grid {
        var grid = ChartData.Grid()
        grid.rows = (0..<rows).map { "row \($0) <i>" }
        grid.columns = (0..<columns).map { "col \($0) \"&" }
        for (r, row) in grid.rows.enumerated() {
            for (c, column) in grid.columns.enumerated() {
                grid.cells[row, default: [:]][column] = .init(value: value(r, c), items: 3, exceptions: (r + c) % 5 == 0 ? 1 : 0, undecided: (r + c) % 7 == 0 ? 1 : 0)
            }
        }
        return grid
    }

    private static func bars(_ columns: Int, items: Int = 9) -> ChartData.Grid {
        var grid = ChartData.Grid()
        grid.columns = (0..<columns).map { "\($0)" }
        for column in grid.columns { grid.cells["", default: [:]][column] = .init(value: 1, items: items, exceptions: items / 3, undecided: items / 9) }
        return grid
    }

    private static func spans(_ count: Int) -> [TimelineChart.Span] {
        (0..<count).map { number in
            let start = Timestamp(microseconds: period.start.microseconds + Int64(number % 2_000) * 3_600_000_000)
            let end = number % 11 == 0 ? nil : Timestamp(microseconds: start.microseconds + 7_200_000_000)
            return .init(row: "grant \(number % 60) <x>", from: start, until: end, status: TestItem.Status.allCases[number % 3], label: "n\(number)")
        }
    }

    private static func all(_ size: Int) -> [Chart] {
        let side = max(size == 0 ? 0 : 1, Int(Double(size).squareRoot()))
        return [
            LineChart(frame, grid(rows: side, columns: side), hasHoles: true).chart, MatrixChart(frame, grid(rows: side, columns: side)).chart,
            ShareBars(frame, bars(size)).chart, TimelineChart(frame, spans(size), period: period).chart,
        ]
    }

    @Test(arguments: [0, 1, 12, 10_000]) func `any number of items makes a well-formed picture of bounded size with its table`(size: Int) {
        for chart in Self.all(size) {
            #expect(XMLCheck().isWellFormed(chart.svg), "\(chart.svg.prefix(400))")
            #expect(chart.svg.utf8.count < 700_000)
            #expect(chart.table.count <= ChartFrame.listedRows + 2)
            #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf"))
            #expect(!chart.svg.contains("<script") && !chart.svg.contains("<i>"))
            #expect(chart.svg.contains("<title id=\"chart-c-t\">&lt;b&gt;Title"))
        }
    }

    @Test(arguments: [[Int64.max, .max], [.min, .max], [.min, .min], [0, 0], [-1, 0], [1, .max]]) func `values at extremes stay inside the picture`(pair: [Int64]) throws {
        let grid = Self.grid(rows: 2, columns: 2) { row, _ in pair[row] }
        for chart in [LineChart(Self.frame, grid, hasHoles: false).chart, MatrixChart(Self.frame, grid).chart] {
            #expect(XMLCheck().isWellFormed(chart.svg))
            #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf"))
        }
        let scale = ValueScale(lowest: min(pair[0], pair[1]), highest: max(pair[0], pair[1]), top: 10, bottom: 110)
        for value in pair + scale.marks { #expect((9.9...110.1).contains(scale.y(value))) }
        #expect((1...14).contains(scale.marks.count))
    }

    @Test func `times outside the period are drawn at its edges`() {
        let span = TimelineChart.Span(row: "r", from: .earliest, until: .latest, status: .exception, label: "")
        let svg = TimelineChart(Self.frame, [span], period: Self.period).chart.svg
        #expect(svg.contains("x=\"190\"") && XMLCheck().isWellFormed(svg))
    }

    @Test func `what failed is told apart without its colour`() {
        let svg = ShareBars(Self.frame, Self.bars(3)).chart.svg
        #expect(svg.contains("url(#chart-c-hatched)") && svg.contains("url(#chart-c-dotted)"))
        #expect(svg.contains("<pattern id=\"chart-c-hatched\"") && svg.contains("<pattern id=\"chart-c-dotted\""))
    }

    @Test func `rows that are not drawn are added up in one`() {
        let whole = Self.grid(rows: 100, columns: 3), bounded = whole.bounded(rows: 10, columns: 10)
        func sum(_ grid: ChartData.Grid) -> Int64 { grid.rows.flatMap { row in grid.columns.map { grid.cell(row, $0).value } }.reduce(0, +) }
        #expect(bounded.rows.count == 10 && bounded.rows.last == "91 others")
        #expect(sum(bounded) == sum(whole))
    }

    @Test func `spans that failed are drawn first and the others are counted`() {
        var spans = Self.spans(9_000)
        spans.append(.init(row: "grant 1 <x>", from: Self.period.start, until: nil, status: .exception, label: "the one"))
        let svg = TimelineChart(Self.frame, spans, period: Self.period).chart.svg
        #expect(svg.contains("the one"))
        #expect(svg.contains("more are not drawn; all are in the CSV."))
    }

    @Test func `shares are never rounded to all or nothing`() {
        #expect(ShareBars.percent(1, of: 10_000) == "under 0.1 %")
        #expect(ShareBars.percent(9_999, of: 10_000) == "over 99.9 %")
        #expect(ShareBars.percent(1, of: 3) == "33.3 %")
        #expect(ShareBars.percent(0, of: 0) == "–")
    }
}
