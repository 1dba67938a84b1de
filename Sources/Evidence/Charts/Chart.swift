/// A drawn chart with the figures that it shows.
struct Chart: Sendable {
    let id: String
    let title: String
    let caption: String
    /// A complete `<svg>` element.
    let svg: String
    /// What the colours mean.
    let legend: [(ink: SVGBuilder.Ink, text: String)]
    /// The same figures as a table: first row is the heading.
    let table: [[String]]

    /// Draws a chart of a definition over tested items.
    ///
    /// - Throws: ``EvidenceError`` with code `evaluation`.
    static func draw(_ specification: ChartSpecification, _ result: ReportResult) throws(EvidenceError) -> Chart {
        let data = ChartData(specification, result)
        do {
            switch specification.kind {
            case .heatmap: return HeatMap(specification, try data.grid()).chart
            case .histogram: return Histogram(specification, try data.bins(), limit: try data.limit()).chart
            case .bars: return StackedBars(specification, try data.grid(rowsByStatus: true)).chart
            case .line: return LineChart(ChartFrame(specification), try data.grid(), hasHoles: specification.value != nil).chart
            case .matrix: return MatrixChart(ChartFrame(specification), try data.grid()).chart
            case .share: return ShareBars(ChartFrame(specification), try data.grid(rowsByStatus: true)).chart
            case .timeline:
                let spans = try data.spans(from: specification.from, until: specification.to)
                return TimelineChart(ChartFrame(specification), spans, period: result.period).chart
            }
        } catch let error {
            throw error.within(result.definition)
        }
    }
}
