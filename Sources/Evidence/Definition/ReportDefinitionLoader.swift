import AuditModel
import Foundation
import Timeline

/// Reads and checks one `report.yaml`.
///
/// A definition is refused with file and line for an unknown key, a name that stands for nothing, or an expression that cannot
/// be read; a definition that loads can fail later only on the values it meets.
struct ReportDefinitionLoader {
    private let path: String
    private let top: StrictYAML
    private var parameterNames: [String] = []
    private var setNames: [String] = []
    private var joinNames: [String] = []
    private var computedNames: [String] = []
    private var isCoverage = false

    /// - Throws: ``EvidenceError`` with code `definition`, path and line.
    static func load(bytes: [UInt8], path: String) throws(EvidenceError) -> ReportDefinition {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw EvidenceError(.definition, "the file is not UTF-8", path: path)
        }
        var loader = ReportDefinitionLoader(path: path, top: try StrictYAML(document: text, path: path))
        return try loader.load(bytes)
    }

    private init(path: String, top: StrictYAML) {
        self.path = path
        self.top = top
    }

    private mutating func load(_ bytes: [UInt8]) throws(EvidenceError) -> ReportDefinition {
        try top.allow([
            "version", "id", "revision", "title", "question", "method", "controls", "sources", "parameters", "sets", "population", "joins",
            "compute",
            "exceptions", "undecided", "columns", "charts", "narrative", "limitations",
        ])
        guard try top.integer("version") == ReportDefinition.languageVersion else {
            throw top.error("version", "this build reads version \(ReportDefinition.languageVersion) of the report language")
        }
        let id = try top.text("id")
        guard id.range(of: "^[A-Z0-9][A-Z0-9-]{0,31}$", options: .regularExpression) != nil else {
            throw top.error("id", "an id has capital letters, digits and hyphens, at most 32")
        }
        guard let revision = try top.integer("revision"), revision > 0 else { throw top.error("revision", "must count from 1") }

        let parameters = try readParameters()
        let sources = try readSources()
        let sets = try readSets()
        isCoverage = try top.mapping("population")?.has("coverage") ?? false
        joinNames = try top.namedMappings("joins").map(\.name)
        computedNames = try top.mapping("compute")?.keys.map(\.name) ?? []
        try refuseClashes()
        let population = try readPopulation(roles: sources.map(\.role))
        let joins = try readJoins()
        let computed = try readComputed()
        let rules = try readRules("exceptions", .exception) + readRules("undecided", .undecided)
        guard rules.contains(where: { $0.verdict == .exception }) else {
            throw EvidenceError(.definition, "`exceptions` is missing: a report needs at least one rule", path: path, line: top.line)
        }
        return ReportDefinition(
            id: id, revision: revision, title: try top.text("title"), question: try top.text("question"), method: try top.text("method"),
            controls: try readControls(), sources: sources, parameters: parameters, sets: sets, population: population, joins: joins,
            computed: computed,
            rules: rules, columns: try readColumns(), charts: try readCharts(), narrative: try readNarrative(),
            limitations: try top.texts("limitations"), bytes: bytes, path: path)
    }

    // MARK: Sections

    private mutating func readParameters() throws(EvidenceError) -> [ReportDefinition.Parameter] {
        var result: [ReportDefinition.Parameter] = []
        for (name, map) in try top.namedMappings("parameters") {
            try map.allow(["type", "default", "about"])
            guard let kind = ReportDefinition.Parameter.Kind(rawValue: try map.text("type")) else {
                throw map.error(
                    "type", "must be one of \(ReportDefinition.Parameter.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            let text = kind == .list ? try map.texts("default").joined(separator: ",") : try map.text("default")
            guard let value = Self.value(text, kind: kind) else { throw map.error("default", "`\(text)` is not a \(kind.rawValue)") }
            result.append(.init(name: name, kind: kind, defaultText: text, defaultValue: value, about: try map.text("about")))
        }
        parameterNames = result.map(\.name)
        return result
    }

    /// The value that a text stands for as a parameter, or nil where it is not of that kind.
    static func value(_ text: String, kind: ReportDefinition.Parameter.Kind) -> Value? {
        switch kind {
        case .duration: DurationText.parse(text).map { .duration($0, bound: 0) }
        case .number: Int64(text).map { .number($0) }
        case .text: .text(text)
        case .list: .list(text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty })
        }
    }

    private func readControls() throws(EvidenceError) -> [ReportDefinition.Control] {
        guard let map = try top.mapping("controls") else { return [] }
        try map.allow(ReportDefinition.Control.titles.map(\.id))
        var result: [ReportDefinition.Control] = []
        for key in map.keys { result.append(.init(framework: key.name, ids: try map.texts(key.name))) }
        return result
    }

    private func readSources() throws(EvidenceError) -> [ReportDefinition.SourceNeed] {
        var result: [ReportDefinition.SourceNeed] = []
        for (role, map) in try top.namedMappings("sources") {
            try map.allow(["parsers", "need", "why"])
            guard let need = ReportDefinition.SourceNeed.Need(rawValue: try map.optionalText("need") ?? "all") else {
                throw map.error("need", "must be all, any or optional")
            }
            let parsers = try map.texts("parsers")
            guard !parsers.isEmpty else { throw map.error("parsers", "name at least one parser, or \"*\" for every source") }
            result.append(.init(role: role, parsers: parsers, need: need, why: try map.text("why")))
        }
        guard !result.isEmpty else {
            throw EvidenceError(.definition, "`sources` is missing: say what the report needs", path: path, line: top.line)
        }
        return result
    }

    private mutating func readSets() throws(EvidenceError) -> [ReportDefinition.EventSet] {
        guard let map = try top.mapping("sets") else { return [] }
        var result: [ReportDefinition.EventSet] = []
        for key in map.keys {
            let query = try map.text(key.name)
            let filter: Filter
            do { filter = try QueryParser.parse(query, now: Timestamp(microseconds: 0)) } catch {
                throw EvidenceError(.definition, "set `\(key.name)`: \(error.message)", path: path, line: key.line)
            }
            guard filter.timeBounds == (nil, nil) else {
                throw EvidenceError(
                    .definition, "set `\(key.name)`: leave `since:` and `until:` out, the period is given when the report runs", path: path,
                    line: key.line)
            }
            result.append(.init(name: key.name, query: query, filter: filter, line: key.line))
        }
        setNames = result.map(\.name)
        return result
    }

    private func readPopulation(roles: [String]) throws(EvidenceError) -> ReportDefinition.Population {
        guard let map = try top.mapping("population") else {
            throw EvidenceError(.definition, "`population` is missing: say what is tested", path: path, line: top.line)
        }
        try map.allow(["each", "coverage", "time", "person", "across", "applies", "not_applicable", "label"])
        let kind: ReportDefinition.Population.Kind
        if map.has("coverage") {
            guard try map.text("coverage") == "day", !map.has("each") else {
                throw map.error("coverage", "must be `day`, and stands alone")
            }
            kind = .coverage
        } else {
            let set = try map.text("each")
            guard setNames.contains(set) else {
                throw map.error("each", "there is no set `\(set)`\(NearestName.hint(set, among: setNames))")
            }
            kind = .events(set: set)
        }
        let across = try map.optionalText("across")
        if let across, !roles.contains(across) {
            throw map.error("across", "there is no role `\(across)` in `sources`\(NearestName.hint(across, among: roles))")
        }
        return .init(
            kind: kind, time: try expression(map, "time", scope: .itemOnly), person: try expression(map, "person", scope: .itemOnly),
            across: across,
            applies: try expression(map, "applies"), notApplicable: try map.optionalText("not_applicable") ?? "The test does not apply.",
            label: try template(map, "label") ?? TextTemplate(pieces: [.value(.name(.init(root: "item", field: "id")))]))
    }

    private func readJoins() throws(EvidenceError) -> [ReportDefinition.Join] {
        var result: [ReportDefinition.Join] = []
        for (name, map) in try top.namedMappings("joins") {
            try map.allow(["set", "on", "when", "from", "to", "take"])
            let set = try map.text("set")
            guard setNames.contains(set) else {
                throw map.error("set", "there is no set `\(set)`\(NearestName.hint(set, among: setNames))")
            }
            guard let take = ReportDefinition.Join.Take(rawValue: try map.optionalText("take") ?? "first") else {
                throw map.error("take", "must be first, last or all")
            }
            var pairs: [(Expression, Expression)] = []
            for (text, line) in try map.textsWithLines("on") {
                guard case .compare(.equal, let item, let row) = try parse(text, line: line, what: "\(map.place).on", scope: .itemAndRow)
                else {
                    throw EvidenceError(.definition, "`\(map.place).on`: each line is `item… == row…`", path: path, line: line)
                }
                pairs.append((item, row))
            }
            guard !pairs.isEmpty else { throw map.error("on", "say what item and row have in common") }
            result.append(
                .init(
                    name: name, set: set, on: pairs, when: try expression(map, "when", scope: .itemAndRow),
                    from: try window(map, "from"), to: try window(map, "to"), take: take))
        }
        return result
    }

    private func readComputed() throws(EvidenceError) -> [ReportDefinition.Computed] {
        guard let map = try top.mapping("compute") else { return [] }
        var result: [ReportDefinition.Computed] = []
        for key in map.keys {
            // A computed value may use those above it, never itself.
            let scope = Scope.item(computed: Set(result.map(\.name)))
            guard let value = try expression(map, key.name, scope: scope) else { continue }
            result.append(.init(name: key.name, expression: value))
        }
        return result
    }

    private func readRules(_ key: String, _ verdict: ReportDefinition.Rule.Verdict) throws(EvidenceError) -> [ReportDefinition.Rule] {
        var result: [ReportDefinition.Rule] = []
        for map in try top.mappings(key) {
            try map.allow(["id", "title", "when", "say", "severity"])
            let id = try map.text("id")
            guard !result.contains(where: { $0.id == id }) else { throw map.error("id", "`\(id)` stands twice") }
            guard let severity = ReportDefinition.Severity(rawValue: try map.optionalText("severity") ?? "medium") else {
                throw map.error("severity", "must be high, medium or low")
            }
            guard let when = try expression(map, "when"), let say = try template(map, "say") else {
                throw EvidenceError(.definition, "`\(map.place)` needs `when` and `say`", path: path, line: map.line)
            }
            result.append(.init(id: id, title: try map.text("title"), verdict: verdict, when: when, say: say, severity: severity))
        }
        return result
    }

    private func readColumns() throws(EvidenceError) -> [ReportDefinition.Column] {
        guard let map = try top.mapping("columns") else { return [] }
        var result: [ReportDefinition.Column] = []
        for key in map.keys {
            guard let value = try expression(map, key.name) else { continue }
            result.append(.init(title: key.name, value: value))
        }
        return result
    }

    private func readCharts() throws(EvidenceError) -> [ChartSpecification] {
        var result: [ChartSpecification] = []
        for map in try top.mappings("charts") {
            try map.allow(["id", "kind", "title", "caption", "rows", "columns", "step", "value", "unit", "edges", "limit"])
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
                id: try map.text("id"), kind: kind, title: try map.text("title"), caption: try map.text("caption"),
                rows: try expression(map, "rows"),
                columns: try expression(map, "columns"), step: step, value: try expression(map, "value"),
                unit: try map.optionalText("unit") ?? "items",
                edges: edges, limit: try expression(map, "limit"))
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
        default: break
        }
    }

    private func readNarrative() throws(EvidenceError) -> [TextTemplate] {
        var result: [TextTemplate] = []
        for (text, line) in try top.textsWithLines("narrative") {
            result.append(try template(text, line: line, what: "narrative", scope: .everything))
        }
        return result
    }

    // MARK: Expressions

    /// Which names an expression may use.
    private enum Scope {
        /// The item's event alone.
        case itemOnly
        /// Item and candidate row of a join.
        case itemAndRow
        /// Item, joins, parameters and these computed values.
        case item(computed: Set<String>)
        /// Figures and aggregates over all items.
        case everything
    }

    private func expression(_ map: StrictYAML, _ key: String, scope: Scope? = nil) throws(EvidenceError) -> Expression? {
        guard let text = try map.optionalText(key) else { return nil }
        return try parse(text, line: map.line(of: key), what: "\(map.place).\(key)", scope: scope ?? .item(computed: Set(computedNames)))
    }

    private func template(_ map: StrictYAML, _ key: String) throws(EvidenceError) -> TextTemplate? {
        guard let text = try map.optionalText(key) else { return nil }
        return try template(text, line: map.line(of: key), what: "\(map.place).\(key)", scope: .item(computed: Set(computedNames)))
    }

    private func template(_ text: String, line: Int, what: String, scope: Scope) throws(EvidenceError) -> TextTemplate {
        let template: TextTemplate
        do { template = try TextTemplate.parse(text) } catch {
            throw EvidenceError(.definition, "`\(what)`: \(error.message), at character \(error.column)", path: path, line: line)
        }
        for expression in template.expressions { try check(expression, line: line, what: what, scope: scope) }
        return template
    }

    private func parse(_ text: String, line: Int, what: String, scope: Scope) throws(EvidenceError) -> Expression {
        let expression: Expression
        do { expression = try ExpressionParser.parse(text) } catch {
            throw EvidenceError(
                .definition, "`\(what)`: \(error.message), at character \(error.column) of `\(text)`", path: path, line: line)
        }
        try check(expression, line: line, what: what, scope: scope)
        return expression
    }

    private func check(_ expression: Expression, line: Int, what: String, scope: Scope) throws(EvidenceError) {
        if expression.hasAggregate {
            guard case .everything = scope else {
                throw EvidenceError(
                    .definition, "`\(what)`: median, max, min, sum, tally and share belong into `narrative`", path: path, line: line)
            }
        }
        for name in expression.names {
            if let problem = problem(with: name, scope: scope) {
                throw EvidenceError(.definition, "`\(what)`: \(problem)", path: path, line: line)
            }
        }
    }

    private func problem(with name: Expression.Name, scope: Scope) -> String? {
        var roots = ["item", "period", "asof"] + parameterNames
        switch scope {
        case .itemOnly: break
        case .itemAndRow: roots.append("row")
        case .item(let computed): roots += joinNames + computed.sorted()
        case .everything: roots += joinNames + computedNames + ["figures"]
        }
        guard roots.contains(name.root) else {
            return "nothing is named `\(name.root)` here\(NearestName.hint(name.root, among: roots))"
        }
        let fields: [String]
        switch name.root {
        case "item":
            if isCoverage {
                fields = FieldNames.ofCoverage
            } else {
                if FieldNames.isEventField(name.field) { return nil }
                fields = FieldNames.allOfEvent + FieldNames.ofItem
            }
        case "period": fields = FieldNames.ofPeriod
        case "figures": fields = FieldNames.ofFigures
        case "row": return FieldNames.isEventField(name.field) ? nil : unknownField(name, FieldNames.allOfEvent)
        case _ where joinNames.contains(name.root):
            return name.field.isEmpty || FieldNames.isEventField(name.field) ? nil : unknownField(name, FieldNames.allOfEvent)
        default: return name.field.isEmpty ? nil : "`\(name.root)` has no fields"
        }
        return fields.contains(name.field) ? nil : unknownField(name, fields)
    }

    private func unknownField(_ name: Expression.Name, _ fields: [String]) -> String {
        "`\(name.root)` has no field `\(name.field)`\(NearestName.hint(name.field, among: fields))"
    }

    private func window(_ map: StrictYAML, _ key: String) throws(EvidenceError) -> Int64? {
        guard let text = try map.optionalText(key) else { return nil }
        if text == "0" { return 0 }
        guard let value = DurationText.parse(text) else { throw map.error(key, "`\(text)` is not a duration such as -30d or 24h") }
        return value
    }

    private func refuseClashes() throws(EvidenceError) {
        var seen: Set<String> = ["item", "row", "period", "asof", "figures"]
        for name in parameterNames + joinNames + computedNames {
            guard seen.insert(name).inserted else {
                throw EvidenceError(
                    .definition, "`\(name)` names two things; parameters, joins and computed values share one space", path: path,
                    line: top.line)
            }
        }
    }
}
