import AuditModel
import Timeline

/// Runs report definitions over one scan of a store.
public struct ReportEngine {
    let store: any EvidenceStore
    let scan: PopulationScan
    public let period: Period
    let inventories: Inventories
    private let directory: PersonDirectory

    /// Scans the store once for all `definitions`.
    ///
    /// - Throws: ``EvidenceError``: `integrity` where rows and seals disagree, `noLongerWhole` where rows are gone, `definition` where two
    ///   definitions take a column of an inventory for different things.
    public init(store: any EvidenceStore, definitions: [ReportDefinition], period: Period, inventories: Inventories = .none) throws {
        try Self.checkColumns(definitions)
        self.store = store
        self.period = period
        self.inventories = inventories
        directory = PersonDirectory(store)
        scan = try PopulationScan(store, definitions: definitions, period: period)
    }

    /// A column that names people for one report names people for all: else a name could leave as a text.
    private static func checkColumns(_ definitions: [ReportDefinition]) throws(EvidenceError) {
        var readers: [String: (id: String, type: InventoryNeed.ColumnType)] = [:]
        for definition in definitions {
            for need in definition.inventories {
                for column in need.columns {
                    let name = "\(need.name).\(column.name)"
                    if let other = readers[name], other.type != column.type, other.type == .person || column.type == .person {
                        throw EvidenceError(
                            .definition,
                            "`\(name)` is a \(column.type.rawValue) here and a \(other.type.rawValue) in \(other.id); people must be people in both",
                            path: definition.path, line: need.line)
                    }
                    readers[name] = (definition.id, column.type)
                }
            }
        }
    }

    /// Runs one report.
    ///
    /// - Parameter parameters: Texts for the definition's parameters; the rest take their defaults.
    /// - Throws: ``EvidenceError``: `usage` for an unknown parameter, `evaluation` where an expression meets values it cannot work with.
    public func run(_ definition: ReportDefinition, parameters: [String: String] = [:]) throws(EvidenceError) -> ReportResult {
        let (values, texts) = try Self.bind(parameters, of: definition)
        let check = SourceCheck(definition, accounts: scan.accounts, gaps: store.gaps, period: period)
        var tables: [InventoryTable] = []
        for need in definition.inventories {
            tables.append(
                try InventoryTable(need, file: inventories.files[need.name], period: period, parameters: values, directory: directory))
        }
        let evaluator = ExpressionEvaluator(
            people: directory, parameters: values, period: period, asOf: check.asOf(period), seenUntil: check.seenUntil,
            inventories: Dictionary(tables.map { ($0.need.name, $0) }, uniquingKeysWith: { first, _ in first }))
        let untold = definition.names(restingOn: Set(tables.filter { $0.isMissing && $0.need.need == .required }.map(\.need.name)))
        var all: [TestItem]
        do {
            all = try ItemBuilder(definition: definition, scan: scan, check: check, evaluator: evaluator, period: period).items()
            try join(&all, definition, evaluator)
            try compute(&all, definition, evaluator)
        } catch let error {
            throw error.within(definition)
        }
        var tested: [TestItem] = []
        var notApplicable = 0
        for item in all {
            do {
                if let applies = definition.population(item.population)?.applies, try evaluator.truth(applies, in: .item(item)) == .no {
                    notApplicable += 1
                    continue
                }
                tested.append(try test(item, definition, evaluator, untold: untold))
            } catch let error {
                throw error.within(definition)
            }
        }
        let (outcome, reasons) = Self.judge(tested, check, tables)
        explain(&tested)
        return ReportResult(
            definition: definition, period: period, outcome: outcome, reasons: reasons, parameters: texts, items: tested,
            notApplicable: notApplicable, inventories: tables,
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

    private func join(_ items: inout [TestItem], _ definition: ReportDefinition, _ evaluator: ExpressionEvaluator) throws(EvidenceError) {
        for join in definition.joins {
            let rows: [FactRow] =
                switch join.origin {
                case .set(let set): scan.rows(report: definition.id, set: set).map(FactRow.event)
                case .inventory(let name): evaluator.inventories[name]?.rows.map(FactRow.inventory) ?? []
                }
            let index = try JoinIndex(join, rows: rows, evaluator: evaluator)
            for position in items.indices where join.of.isEmpty || join.of.contains(items[position].population) {
                items[position].joined[join.name] = try index.rows(for: items[position])
            }
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

    /// - Parameter untold: Joins and computed values that rest on an inventory that is not there.
    private func test(
        _ item: TestItem, _ definition: ReportDefinition, _ evaluator: ExpressionEvaluator, untold: Set<String>
    ) throws(EvidenceError) -> TestItem {
        var item = item
        let scope = ExpressionEvaluator.Scope.item(item)
        let population = definition.population(item.population) ?? definition.population
        item.label = try population.label.filled(evaluator, scope)
        var same: [String] = []
        for expression in population.same {
            let value = try evaluator.value(expression, in: scope)
            if case .people(let people) = value { same.append(people.sorted().joined(separator: " ")) } else { same.append(ValueText.plain(value)) }
        }
        if same.isEmpty { same = [item.label] }
        for rule in definition.rules where rule.holds(for: item.population) {
            let truth = try evaluator.truth(rule.when, in: scope)
            guard truth != .no else { continue }
            let id = TestItem.exceptionID(report: definition.id, rule: rule.id, item: item.id)
            let key = TestItem.findingKey(report: definition.id, rule: rule.id, same: same)
            let text = try rule.say.filled(evaluator, scope)
            if rule.verdict == .exception, rule.when.names.contains(where: { untold.contains($0.subject) }) {
                let open = rule.opened(title: "Not known: \(rule.title)")
                item.findings.append(.init(rule: open, text: "An inventory that would tell is missing. \(text)", id: id, key: key))
            } else if truth == .yes {
                item.findings.append(.init(rule: rule, text: text, id: id, key: key))
            } else {
                let open = rule.opened(title: "Undecidable: \(rule.title)")
                item.findings.append(.init(rule: open, text: "The clocks of the sources do not decide this. \(text)", id: id, key: key))
            }
        }
        for column in definition.columns { item.cells.append(try evaluator.value(column.value, in: scope)) }
        return item
    }

    /// Puts what was said about exceptions beside them, after they were judged.
    private func explain(_ items: inout [TestItem]) {
        let explanations = scan.explanations
        for item in items.indices {
            for finding in items[item].findings.indices where items[item].findings[finding].rule.verdict == .exception {
                let known = items[item].findings[finding]
                items[item].findings[finding].explanation = explanations.of(id: known.id, key: known.key)
            }
        }
    }

    private static func judge(_ items: [TestItem], _ check: SourceCheck, _ inventories: [InventoryTable]) -> (Outcome, [String]) {
        let exceptions = items.count { $0.status == .exception }
        let undecided = items.count { $0.status == .undecided }
        var open = check.missing + inventories.compactMap(\.problem)
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

    /// A row alone.
    static func row(_ row: FactRow) -> Self {
        var scope = Self()
        scope.row = row
        return scope
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
