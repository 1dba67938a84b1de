/// What a report looked for, as a person reads it and could run it: populations that are no events of a set, then the queries of the sets.
struct QueryText {
    let definition: ReportDefinition

    var text: String {
        let kinds = definition.populations.compactMap { population in
            Self.sentence(population.kind).map { population.name.isEmpty ? $0 : "\(population.name) = \($0)" }
        }
        return (kinds + definition.sets.map { "\($0.name): \($0.query)" }).joined(separator: "\n")
    }

    /// Nothing where the sets' queries say it already.
    private static func sentence(_ kind: Population.Kind) -> String? {
        switch kind {
        case .events: nil
        case .coverage: "every source × every day of the period"
        case .rows(let inventory): "every row of the inventory \(inventory)"
        case .schedule(let inventory): "every moment of the period that the inventory \(inventory) names"
        case .groups(let rule): "runs of events of the set \(rule.set)"
        case .log(let types): "every entry of the transparency log of these types: \(types.joined(separator: ", "))"
        case .sources(let role): "every source of the role \(role)"
        }
    }
}
