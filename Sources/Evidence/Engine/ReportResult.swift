public import AuditModel
public import Timeline

/// What a report found: the frozen population, the test of every item, and what was missing.
public struct ReportResult {
    public let definition: ReportDefinition
    public let period: Period
    public let outcome: Outcome
    /// Why the outcome is what it is, in sentences, most important first.
    public let reasons: [String]
    /// Parameter names to the texts used.
    public let parameters: [String: String]
    /// Items tested, in time order.
    let items: [TestItem]
    /// Items that the test does not apply to: how many.
    public let notApplicable: Int
    /// The inventories that the definition names, in its order, also those that are missing.
    let inventories: [InventoryTable]
    let sources: SourceCheck
    /// Events that this report rests on, ascending by seq.
    let usedRows: [EventRow]
    /// How far the sources were seen.
    public let asOf: Timestamp
    let evaluator: ExpressionEvaluator

    /// Items tested.
    public var populationCount: Int { items.count }
    /// Items that failed.
    public var exceptionCount: Int { items.count { $0.status == .exception } }
    /// Items that could not be judged.
    public var undecidedCount: Int { items.count { $0.status == .undecided } }

    /// The exceptions in words, ordered by item: id, item, rule, sentence.
    public var exceptions: [(id: String, item: String, rule: String, text: String)] {
        items.flatMap { item in
            item.findings.filter { $0.rule.verdict == .exception }.map { ($0.id, item.id, $0.rule.id, $0.text) }
        }
    }

    /// What was said about exceptions, in words, by exception id.
    public var explanations: [String: String] {
        let pairs = items.flatMap(\.findings).compactMap { finding in finding.explanation.map { (finding.id, $0.sentence(period)) } }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// The events that say it. They are evidence of the pack, and no part of what was tested.
    var explanationRows: [EventRow] { items.flatMap(\.findings).compactMap(\.explanation?.row) }

    /// The items of some populations; no name is all.
    func items(of populations: [String]) -> [TestItem] {
        populations.isEmpty ? items : items.filter { populations.contains($0.population) }
    }

    /// Stretches that were missing.
    public var gaps: [Gap] { sources.gaps }

    /// Figures that narrative texts may name.
    var figures: [String: Int64] {
        [
            "population": Int64(items.count), "exceptions": Int64(exceptionCount), "undecided": Int64(undecidedCount),
            "passed": Int64(items.count { $0.status == .passed }), "not_applicable": Int64(notApplicable),
            "findings": Int64(items.reduce(0) { $0 + $1.findings.count }), "gaps": Int64(sources.gaps.count),
            "sources": Int64(sources.accounts.count), "events": Int64(usedRows.count),
        ]
    }
}
