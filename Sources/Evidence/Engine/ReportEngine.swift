import AuditModel
import Timeline

/// Runs report definitions over one scan of a store.
public struct ReportEngine {
    let store: any EvidenceStore
    let scan: PopulationScan
    public let period: Period
    private let directory: PersonDirectory

    /// Scans the store once for all `definitions`.
    ///
    /// - Throws: ``EvidenceError``: `integrity` where rows and seals disagree, `noLongerWhole` where rows are gone.
    public init(store: any EvidenceStore, definitions: [ReportDefinition], period: Period) throws {
        self.store = store
        self.period = period
        directory = PersonDirectory(store)
        scan = try PopulationScan(store, definitions: definitions)
    }

    /// Runs one report.
    ///
    /// - Parameter parameters: Texts for the definition's parameters; the rest take their defaults.
    /// - Throws: ``EvidenceError``: `usage` for an unknown parameter, `evaluation` where an expression meets values it cannot work with.
    public func run(_ definition: ReportDefinition, parameters: [String: String] = [:]) throws(EvidenceError) -> ReportResult {
        let (values, texts) = try Self.bind(parameters, of: definition)
        let check = SourceCheck(definition, accounts: scan.accounts, gaps: store.gaps, period: period)
        let evaluator = ExpressionEvaluator(
            people: directory, parameters: values, period: period, asOf: check.asOf(period), seenUntil: check.seenUntil)
        var all: [TestItem]
        do {
            all = try items(definition, check, evaluator)
            try join(&all, definition, evaluator)
            try compute(&all, definition, evaluator)
        } catch let error {
            throw error.within(definition)
        }
        var tested: [TestItem] = []
        var notApplicable = 0
        for item in all {
            do {
                if let applies = definition.population.applies, try evaluator.truth(applies, in: .item(item)) == .no {
                    notApplicable += 1
                    continue
                }
                tested.append(try test(item, definition, evaluator))
            } catch let error {
                throw error.within(definition)
            }
        }
        let (outcome, reasons) = Self.judge(tested, check)
        return ReportResult(
            definition: definition, period: period, outcome: outcome, reasons: reasons, parameters: texts, items: tested,
            notApplicable: notApplicable,
            sources: check, usedRows: Set(tested.flatMap(\.rows)).sorted { $0.seq < $1.seq }, asOf: check.asOf(period), evaluator: evaluator
        )
    }

    // MARK: Steps

    private static func bind(
        _ given: [String: String], of definition: ReportDefinition
    ) throws(EvidenceError) -> (values: [String: Value], texts: [String: String]) {
        let names = definition.parameters.map(\.name)
        for name in given.keys.sorted() where !names.contains(name) {
            throw EvidenceError(
                .usage,
                "\(definition.id) has no parameter `\(name)`\(NearestName.hint(name, among: names)); it has: \(names.joined(separator: ", "))"
            )
        }
        var values: [String: Value] = [:]
        var texts: [String: String] = [:]
        for parameter in definition.parameters {
            let text = given[parameter.name] ?? parameter.defaultText
            guard let value = ReportDefinitionLoader.value(text, kind: parameter.kind) else {
                throw EvidenceError(
                    .usage, "the parameter `\(parameter.name)` of \(definition.id) is a \(parameter.kind.rawValue), not `\(text)`")
            }
            values[parameter.name] = value
            texts[parameter.name] = text
        }
        return (values, texts)
    }

    private func items(_ definition: ReportDefinition, _ check: SourceCheck, _ evaluator: ExpressionEvaluator) throws(EvidenceError)
        -> [TestItem]
    {
        let population = definition.population
        guard case .events(let set) = population.kind else {
            return CoverageItems(period: period, gaps: check.gaps).items(check.accounts)
        }
        let systems: [String?] = population.across.map { check.accounts($0).map(\.source.id) } ?? [nil]
        var items: [TestItem] = []
        for row in scan.rows(report: definition.id, set: set) {
            let (time, bound) = try itemTime(row, population, evaluator)
            guard period.contains(time) else { continue }
            let people = try itemPeople(row, population, evaluator)
            for system in systems {
                let id = "seq:\(row.seq)" + (system.map { "/\($0)" } ?? "")
                items.append(TestItem(id: id, row: row, time: time, timeBound: bound, people: people, system: system, coverage: nil))
            }
        }
        return items.sorted { ($0.time, $0.row?.seq ?? 0, $0.system ?? "") < ($1.time, $1.row?.seq ?? 0, $1.system ?? "") }
    }

    private func itemTime(
        _ row: EventRow, _ population: ReportDefinition.Population, _ evaluator: ExpressionEvaluator
    ) throws(EvidenceError) -> (Timestamp, Int64) {
        if let expression = population.time {
            switch try evaluator.value(expression, in: .bare(row)) {
            case .time(let time, let bound): return (time, bound)
            case .text(let text):
                if let time = Timestamp(dateOrTime: text) { return (time, 0) }
            default: break
            }
        }
        return (row.time, row.event.timeBoundMicroseconds ?? 0)
    }

    private func itemPeople(
        _ row: EventRow, _ population: ReportDefinition.Population, _ evaluator: ExpressionEvaluator
    ) throws(EvidenceError) -> Set<String> {
        guard let expression = population.person, case .people(let people) = try evaluator.value(expression, in: .bare(row)) else {
            return []
        }
        return people
    }

    private func join(_ items: inout [TestItem], _ definition: ReportDefinition, _ evaluator: ExpressionEvaluator) throws(EvidenceError) {
        for join in definition.joins {
            let index = try JoinIndex(join, rows: scan.rows(report: definition.id, set: join.set), evaluator: evaluator)
            for position in items.indices { items[position].joined[join.name] = try index.rows(for: items[position]) }
        }
    }

    private func compute(_ items: inout [TestItem], _ definition: ReportDefinition, _ evaluator: ExpressionEvaluator) throws(EvidenceError)
    {
        for computed in definition.computed {
            for position in items.indices {
                items[position].computed[computed.name] = try evaluator.value(computed.expression, in: .item(items[position]))
            }
        }
    }

    private func test(_ item: TestItem, _ definition: ReportDefinition, _ evaluator: ExpressionEvaluator) throws(EvidenceError) -> TestItem
    {
        var item = item
        let scope = ExpressionEvaluator.Scope.item(item)
        item.label = try definition.population.label.filled(evaluator, scope)
        for rule in definition.rules {
            let truth = try evaluator.truth(rule.when, in: scope)
            guard truth != .no else { continue }
            let id = TestItem.exceptionID(report: definition.id, rule: rule.id, item: item.id)
            let text = try rule.say.filled(evaluator, scope)
            if truth == .yes {
                item.findings.append(.init(rule: rule, text: text, id: id))
            } else {
                let open = ReportDefinition.Rule(
                    id: rule.id, title: "Undecidable: \(rule.title)", verdict: .undecided, when: rule.when, say: rule.say,
                    severity: rule.severity)
                item.findings.append(.init(rule: open, text: "The clocks of the sources do not decide this. \(text)", id: id))
            }
        }
        for column in definition.columns { item.cells.append(try evaluator.value(column.value, in: scope)) }
        return item
    }

    private static func judge(_ items: [TestItem], _ check: SourceCheck) -> (Outcome, [String]) {
        let exceptions = items.count { $0.status == .exception }
        let undecided = items.count { $0.status == .undecided }
        var open = check.missing
        if !check.gaps.isEmpty {
            let total = check.gaps.reduce(Int64(0)) { $0 + $1.microseconds }
            let names = Set(check.gaps.map(\.source)).sorted().joined(separator: ", ")
            open.append(
                "\(Plural.of(check.gaps.count, "gap")) in sources that the report needs (\(names)), \(DurationText.show(total)) in all.")
        }
        if undecided > 0 { open.append("\(Plural.of(undecided, "item")) cannot be judged.") }
        var found: [String] = []
        if exceptions > 0 { found.append("\(Plural.of(exceptions, "item")) of \(ValueText.grouped(Int64(items.count))) failed the test.") }
        if items.isEmpty {
            return open.isEmpty
                ? (.notTested, ["Nothing that the report tests happened in the period."])
                : (.notTested, ["There was nothing to test."] + open)
        }
        if !open.isEmpty { return (.incomplete, open + found) }
        if exceptions > 0 { return (.exceptions, found) }
        return (.pass, ["All \(Plural.of(items.count, "item")) passed, and no source that the report needs has a gap."])
    }
}

extension ExpressionEvaluator.Scope {
    static func item(_ item: TestItem) -> Self {
        var scope = Self()
        scope.item = item
        return scope
    }

    /// An item of which only the event is known yet.
    static func bare(_ row: EventRow) -> Self {
        .item(
            TestItem(
                id: "", row: row, time: row.time, timeBound: row.event.timeBoundMicroseconds ?? 0, people: [], system: nil, coverage: nil))
    }
}

extension TextTemplate {
    func filled(_ evaluator: ExpressionEvaluator, _ scope: ExpressionEvaluator.Scope) throws(EvidenceError) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .value(let expression): text += ValueText.shown(try evaluator.value(expression, in: scope))
            }
        }
        return text
    }
}

extension EvidenceError {
    /// The same error, naming the definition whose expression failed.
    func within(_ definition: ReportDefinition) -> EvidenceError {
        path == nil ? EvidenceError(code, "\(definition.id): \(message)", path: definition.path, cause: cause) : self
    }
}

/// Counted nouns.
enum Plural {
    static func of(_ count: Int, _ noun: String) -> String { "\(ValueText.grouped(Int64(count))) \(noun)\(count == 1 ? "" : "s")" }
}
