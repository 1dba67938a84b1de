extension ReportDefinitionLoader {
    func readCharts() throws(EvidenceError) -> [ChartSpecification] {
        var result: [ChartSpecification] = []
        for map in try top.mappings("charts") {
            try map.allow([
                "id", "of", "when", "kind", "title", "caption", "rows", "columns", "step", "value", "from", "to", "unit", "edges", "limit",
            ])
            let of = try populationNames(map)
            guard let kind = ChartSpecification.Kind(rawValue: try map.text("kind")) else {
                throw map.error("kind", "must be one of \(ChartSpecification.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            var step: ChartSpecification.Step?
            if let text = try map.optionalText("step") {
                step = ChartSpecification.Step(rawValue: text)
                guard step != nil else { throw map.error("step", "must be day, week or month") }
            }
            var edges: [Value] = []
            for text in try map.texts("edges") {
                guard let value = DurationText.parse(text).map({ Value.duration($0, bound: 0) }) ?? Int64(text).map({ .number($0) }) else {
                    throw map.error("edges", "`\(text)` is neither a duration nor a number")
                }
                edges.append(value)
            }
            let chart = ChartSpecification(
                id: try map.text("id"), kind: kind, title: try map.text("title"), caption: try map.text("caption"), of: of,
                when: try expression(map, "when", of: of), rows: try expression(map, "rows", of: of), columns: try expression(map, "columns", of: of), step: step,
                value: try expression(map, "value", of: of), from: try expression(map, "from", of: of), to: try expression(map, "to", of: of),
                unit: try map.optionalText("unit") ?? "items", edges: edges, limit: try expression(map, "limit", of: of))
            try checkParts(of: chart, map)
            result.append(chart)
        }
        return result
    }

    private func checkParts(of chart: ChartSpecification, _ map: StrictYAML) throws(EvidenceError) {
        switch chart.kind {
        case .heatmap where chart.rows == nil || chart.columns == nil: throw map.error("kind", "a heat map needs `rows` and `columns`")
        case .bars where chart.columns == nil: throw map.error("kind", "bars need `columns`")
        case .histogram where chart.value == nil || chart.edges.isEmpty: throw map.error("kind", "a histogram needs `value` and `edges`")
        case .line where chart.columns == nil: throw map.error("kind", "lines need `columns`, and `rows` where there is more than one line")
        case .matrix where chart.rows == nil || chart.columns == nil: throw map.error("kind", "a matrix needs `rows` and `columns`")
        case .timeline where chart.rows == nil || chart.from == nil: throw map.error("kind", "a timeline needs `rows` and `from`")
        case .share where chart.columns == nil: throw map.error("kind", "shares need `columns`")
        default: break
        }
    }
}
