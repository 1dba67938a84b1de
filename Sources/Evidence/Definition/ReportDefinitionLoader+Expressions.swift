import AuditModel

extension ReportDefinitionLoader {
    /// The expression at a key, or nil where the key is absent.
    ///
    /// - Parameter of: The populations for which it is worked out; empty is all.
    func expression(_ map: StrictYAML, _ key: String, scope: NameCheck.Scope? = nil, of: [String] = []) throws(EvidenceError) -> Expression? {
        guard let text = try map.optionalText(key) else { return nil }
        return try parse(
            text, line: map.line(of: key), what: map.name(of: key), scope: scope ?? .item(computed: Set(names.computed)), of: of)
    }

    func template(_ map: StrictYAML, _ key: String, of: [String] = []) throws(EvidenceError) -> TextTemplate? {
        guard let text = try map.optionalText(key) else { return nil }
        return try template(
            text, line: map.line(of: key), what: map.name(of: key), scope: .item(computed: Set(names.computed)), of: of)
    }

    func template(_ text: String, line: Int, what: String, scope: NameCheck.Scope, of: [String] = []) throws(EvidenceError) -> TextTemplate {
        let template: TextTemplate
        do { template = try TextTemplate.parse(text) } catch {
            throw EvidenceError(.definition, "`\(what)`: \(error.message), at character \(error.column)", path: path, line: line)
        }
        for expression in template.expressions { try check(expression, line: line, what: what, scope: scope, of: of) }
        return template
    }

    func parse(_ text: String, line: Int, what: String, scope: NameCheck.Scope, of: [String] = []) throws(EvidenceError) -> Expression {
        let expression: Expression
        do { expression = try ExpressionParser.parse(text) } catch {
            throw EvidenceError(
                .definition, "`\(what)`: \(error.message), at character \(error.column) of `\(text)`", path: path, line: line)
        }
        try check(expression, line: line, what: what, scope: scope, of: of)
        return expression
    }

    private func check(_ expression: Expression, line: Int, what: String, scope: NameCheck.Scope, of: [String]) throws(EvidenceError) {
        guard let problem = names.problem(expression, scope: scope, of: of) else { return }
        throw EvidenceError(.definition, "`\(what)`: \(problem)", path: path, line: line)
    }

    /// The populations that a rule, join or chart names under `of`; empty is all.
    func populationNames(_ map: StrictYAML) throws(EvidenceError) -> [String] {
        let known = names.populations.map(\.name)
        let wanted = try map.texts("of")
        for name in wanted where !known.contains(name) || name.isEmpty {
            throw map.error(
                "of",
                known == [""] ? "there is only one population, without a name; write `population` as a list to name several" : "there is no population `\(name)`\(NearestName.hint(name, among: known))")
        }
        return wanted
    }

    /// An amount of time or a number: a value or the name of a parameter.
    func amount(_ map: StrictYAML, _ key: String, kind: ReportDefinition.Parameter.Kind) throws(EvidenceError) -> Population.Amount? {
        guard let text = try map.optionalText(key) else { return nil }
        if names.parameters.contains(text) {
            guard try top.mapping("parameters")?.mapping(text)?.optionalText("type") == kind.rawValue else {
                throw map.error(key, "the parameter `\(text)` is not a \(kind.rawValue)")
            }
            return .parameter(text)
        }
        guard let value = Self.value(text, kind: kind) else {
            throw map.error(key, "`\(text)` is neither a \(kind.rawValue) nor a parameter\(NearestName.hint(text, among: names.parameters))")
        }
        return .value(value)
    }

    /// A duration before or after an item's time; nil where the key is absent.
    func window(_ map: StrictYAML, _ key: String) throws(EvidenceError) -> Int64? {
        guard let text = try map.optionalText(key) else { return nil }
        if text == "0" { return 0 }
        guard let value = DurationText.parse(text) else { throw map.error(key, "`\(text)` is not a duration such as -30d or 24h") }
        return value
    }

    func refuseClashes() throws(EvidenceError) {
        var seen: Set<String> = ["item", "row", "period", "asof", "figures", "inventory", "last", "true", "false", "nothing"]
        for name in names.parameters + names.joins.map(\.name) + names.computed {
            guard seen.insert(name).inserted else {
                throw EvidenceError(
                    .definition, "`\(name)` names two things; parameters, joins and computed values share one space", path: path,
                    line: top.line)
            }
        }
    }
}
