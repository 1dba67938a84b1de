/// What a chart is headed with, whatever its kind.
struct ChartFrame: Sendable {
    let id: String
    let title: String
    /// What the chart shows, for those who do not see it.
    let caption: String
    /// Unit after a number, for people.
    var unit = ""

    /// Most rows that a chart draws; what lies beyond is added up in a last row, and is whole in the CSV.
    static let drawnRows = 40
    /// Most columns that a chart of named columns draws.
    static let drawnColumns = 40
    /// Most rows of the table beside a chart.
    static let listedRows = 400

    init(id: String, title: String, caption: String, unit: String = "") {
        self.id = id
        self.title = title
        self.caption = caption
        self.unit = unit
    }

    init(_ specification: ChartSpecification) {
        self.init(id: specification.id, title: specification.title, caption: specification.caption, unit: specification.unit)
    }

    func builder(width: Double, height: Double) -> SVGBuilder {
        SVGBuilder(width: Int(width), height: Int(height.rounded(.up)), title: title, description: caption, id: "chart-\(id)")
    }

    func chart(_ svg: SVGBuilder, legend: [(ink: SVGBuilder.Ink, text: String)], table: [[String]]) -> Chart {
        var table = table
        if table.count > Self.listedRows + 1 {
            let more = table.count - 1 - Self.listedRows
            table = table.prefix(Self.listedRows + 1) + [["\(ValueText.grouped(Int64(more))) more: see the CSV"]]
        }
        return Chart(id: id, title: title, caption: caption, svg: svg.finished(), legend: legend, table: table)
    }
}
