import AuditModel
import Foundation
import Timeline

/// Reads and checks one `report.yaml`.
///
/// A definition is refused with file and line for an unknown key, a name that stands for nothing, or an expression that cannot
/// be read; a definition that loads can fail later only on the values it meets.
struct ReportDefinitionLoader {
    let path: String
    let top: StrictYAML
    /// The names read so far, for checking expressions.
    var names = NameCheck()
    var setNames: [String] = []
    var inventories: [InventoryNeed] = []

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
            "version", "id", "revision", "title", "question", "method", "controls", "sources", "parameters", "inventories", "sets",
            "population", "joins", "compute", "exceptions", "undecided", "columns", "charts", "narrative", "limitations",
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
        inventories = try readInventories()
        names.inventories = inventories.map(\.name)
        let sources = try readSources()
        let sets = try readSets()
        let kinds = try readPopulationKinds(roles: sources.map(\.role))
        names.populations = kinds.map { ($0.name, fields(of: $0.kind)) }
        let origins = try readJoinOrigins()
        names.joins = origins.map { ($0.name, fields(of: $0.origin)) }
        names.computed = try top.mapping("compute")?.keys.map(\.name) ?? []
        try refuseClashes()
        let populations = try readPopulations(kinds, roles: sources.map(\.role))
        let joins = try readJoins(origins)
        let computed = try readComputed()
        let rules = try readRules("exceptions", .exception) + readRules("undecided", .undecided)
        guard rules.contains(where: { $0.verdict == .exception }) else {
            throw EvidenceError(.definition, "`exceptions` is missing: a report needs at least one rule", path: path, line: top.line)
        }
        return ReportDefinition(
            id: id, revision: revision, title: try top.text("title"), question: try top.text("question"), method: try top.text("method"),
            controls: try readControls(), sources: sources, parameters: parameters, inventories: inventories, sets: sets, populations: populations,
            joins: joins, computed: computed, rules: rules, columns: try readColumns(), charts: try readCharts(), narrative: try readNarrative(),
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
        names.parameters = result.map(\.name)
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

    private func readComputed() throws(EvidenceError) -> [ReportDefinition.Computed] {
        guard let map = try top.mapping("compute") else { return [] }
        var result: [ReportDefinition.Computed] = []
        for key in map.keys {
            // A computed value may use those above it, never itself.
            let scope = NameCheck.Scope.item(computed: Set(result.map(\.name)))
            guard let value = try expression(map, key.name, scope: scope) else { continue }
            result.append(.init(name: key.name, expression: value))
        }
        return result
    }

    private func readRules(_ key: String, _ verdict: ReportDefinition.Rule.Verdict) throws(EvidenceError) -> [ReportDefinition.Rule] {
        var result: [ReportDefinition.Rule] = []
        for map in try top.mappings(key) {
            try map.allow(["id", "of", "title", "when", "say", "severity"])
            let of = try populationNames(map)
            let id = try map.text("id")
            guard !result.contains(where: { $0.id == id }) else { throw map.error("id", "`\(id)` stands twice") }
            guard let severity = ReportDefinition.Severity(rawValue: try map.optionalText("severity") ?? "medium") else {
                throw map.error("severity", "must be high, medium or low")
            }
            guard let when = try expression(map, "when", of: of), let say = try template(map, "say", of: of) else {
                throw EvidenceError(.definition, "`\(map.place)` needs `when` and `say`", path: path, line: map.line)
            }
            result.append(.init(id: id, title: try map.text("title"), verdict: verdict, when: when, say: say, severity: severity, of: of))
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

    private func readNarrative() throws(EvidenceError) -> [TextTemplate] {
        var result: [TextTemplate] = []
        for (text, line) in try top.textsWithLines("narrative") {
            result.append(try template(text, line: line, what: "narrative", scope: .everything))
        }
        return result
    }
}
