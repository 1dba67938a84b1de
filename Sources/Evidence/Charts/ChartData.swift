import AuditModel

/// Turns tested items into the figures of a chart.
struct ChartData {
    private let specification: ChartSpecification
    private let result: ReportResult

    init(_ specification: ChartSpecification, _ result: ReportResult) {
        self.specification = specification
        self.result = result
    }

    /// Rows × columns of cells.
    struct Grid {
        struct Cell {
            var value: Int64 = 0
            var items = 0
            var exceptions = 0
            var undecided = 0
        }

        var rows: [String] = []
        var columns: [String] = []
        var step: ChartSpecification.Step?
        var cells: [String: [String: Cell]] = [:]
        /// Whether the cells hold lengths of time, for showing.
        var isDuration = false

        func cell(_ row: String, _ column: String) -> Cell { cells[row]?[column] ?? Cell() }
    }

    /// One bin of a histogram.
    struct Bin {
        let title: String
        var passed = 0
        var exceptions = 0
        var undecided = 0
        var count: Int { passed + exceptions + undecided }
    }

    /// The items that the chart shows.
    private func items() throws(EvidenceError) -> [TestItem] {
        let items = result.items(of: specification.of)
        guard let condition = specification.when else { return items }
        var shown: [TestItem] = []
        for item in items where try result.evaluator.truth(condition, in: .item(item)) == .yes { shown.append(item) }
        return shown
    }

    func grid(rowsByStatus: Bool = false) throws(EvidenceError) -> Grid {
        var grid = Grid()
        grid.step = specification.step
        grid.columns = steps()
        var seenRows: Set<String> = [], seenColumns = Set(grid.columns)
        for item in try items() {
            let scope = ExpressionEvaluator.Scope.item(item)
            let row = rowsByStatus ? "" : try text(specification.rows, scope)
            let column = try text(specification.columns, scope)
            if seenRows.insert(row).inserted { grid.rows.append(row) }
            if seenColumns.insert(column).inserted { grid.columns.append(column) }
            var cell = grid.cell(row, column)
            cell.items += 1
            if item.status == .exception { cell.exceptions += 1 }
            if item.status == .undecided { cell.undecided += 1 }
            if let expression = specification.value {
                let value = try result.evaluator.value(expression, in: scope)
                if case .duration = value { grid.isDuration = true }
                cell.add(value: ExpressionEvaluator.magnitude(value) ?? 0)
            } else {
                cell.add(value: 1)
            }
            grid.cells[row, default: [:]][column] = cell
        }
        grid.rows.sort()
        if specification.step == nil { grid.columns.sort() }
        return grid
    }

    /// One span per item that has a beginning.
    ///
    /// - Parameters:
    ///   - from: Gives its beginning; the item's time where it is not given.
    ///   - until: Gives its end; nothing where it is open.
    func spans(from: Expression?, until: Expression?) throws(EvidenceError) -> [TimelineChart.Span] {
        func time(_ expression: Expression?, _ scope: ExpressionEvaluator.Scope) throws(EvidenceError) -> Timestamp? {
            guard let expression, case .time(let time, _) = try result.evaluator.value(expression, in: scope) else { return nil }
            return time
        }
        var spans: [TimelineChart.Span] = []
        for item in try items() {
            let scope = ExpressionEvaluator.Scope.item(item)
            guard let start = from == nil ? item.time : try time(from, scope) else { continue }
            let end = try time(until, scope)
            spans.append(
                .init(row: try text(specification.rows, scope), from: start, until: end, status: item.status, label: item.label))
        }
        return spans
    }

    /// Bins by the chart's edges, and one for items without the value.
    func bins() throws(EvidenceError) -> [Bin] {
        let edges = specification.edges
        let limits = edges.compactMap(ExpressionEvaluator.magnitude)
        var bins = [Bin(title: "up to \(ValueText.shown(edges[0]))")]
        for (low, high) in zip(edges, edges.dropFirst()) { bins.append(Bin(title: "\(ValueText.shown(low)) – \(ValueText.shown(high))")) }
        bins.append(Bin(title: "over \(ValueText.shown(edges[edges.count - 1]))"))
        var never = Bin(title: "never")
        guard let expression = specification.value else { return bins }
        for item in try items() {
            let value = try result.evaluator.value(expression, in: .item(item))
            if let magnitude = ExpressionEvaluator.magnitude(value) {
                Self.count(item, in: &bins[limits.firstIndex { magnitude <= $0 } ?? limits.count])
            } else {
                Self.count(item, in: &never)
            }
        }
        return never.count > 0 ? bins + [never] : bins
    }

    /// The bin edge after which the limit's line stands, and its text.
    func limit() throws(EvidenceError) -> (afterBin: Int, text: String)? {
        guard let expression = specification.limit else { return nil }
        let value = try result.evaluator.value(expression, in: .init())
        guard let magnitude = ExpressionEvaluator.magnitude(value),
            let edge = specification.edges.compactMap(ExpressionEvaluator.magnitude).firstIndex(of: magnitude)
        else { return nil }
        return (edge, ValueText.shown(value))
    }

    private static func count(_ item: TestItem, in bin: inout Bin) {
        switch item.status {
        case .passed: bin.passed += 1
        case .exception: bin.exceptions += 1
        case .undecided: bin.undecided += 1
        }
    }

    private func text(_ expression: Expression?, _ scope: ExpressionEvaluator.Scope) throws(EvidenceError) -> String {
        guard let expression else { return "" }
        return ValueText.shown(try result.evaluator.value(expression, in: scope))
    }

    /// All columns of the period, where the definition says how long one is.
    private func steps() -> [String] {
        guard let step = specification.step else { return [] }
        var columns: [String] = []
        for day in result.period.days {
            let column =
                switch step {
                case .day: CalendarText.day(day)
                case .week: CalendarText.day(CalendarText.weekStart(day))
                case .month: CalendarText.month(day)
                }
            if columns.last != column { columns.append(column) }
        }
        return columns
    }
}
