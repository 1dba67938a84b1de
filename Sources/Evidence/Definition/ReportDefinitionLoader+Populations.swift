import AuditModel

extension ReportDefinitionLoader {
    /// A population of which only name and kind are read.
    struct PopulationHead {
        let name: String
        let kind: Population.Kind
        let map: StrictYAML
    }

    /// A join of which only name and origin are read.
    struct JoinHead {
        let name: String
        let origin: ReportDefinition.Join.Origin
        let map: StrictYAML
    }

    // MARK: Inventories

    func readInventories() throws(EvidenceError) -> [InventoryNeed] {
        var result: [InventoryNeed] = []
        for (name, map) in try top.namedMappings("inventories") {
            try map.allow(["columns", "key", "need", "max_age", "why"])
            guard Self.isName(name) else { throw map.error("columns", "an inventory's name has small letters, digits and underscores") }
            guard let need = InventoryNeed.Need(rawValue: try map.optionalText("need") ?? "required") else {
                throw map.error("need", "must be required or optional")
            }
            let columns = try readColumns(map)
            let key = try map.texts("key")
            for part in key where !columns.contains(where: { $0.name == part }) {
                throw map.error("key", "there is no column `\(part)`\(NearestName.hint(part, among: columns.map(\.name)))")
            }
            guard !key.isEmpty else { throw map.error("key", "say which columns name a row") }
            result.append(
                InventoryNeed(
                    name: name, columns: columns, key: key, need: need, maxAge: try amount(map, "max_age", kind: .duration),
                    why: try map.text("why"), line: map.line))
        }
        return result
    }

    private func readColumns(_ map: StrictYAML) throws(EvidenceError) -> [InventoryNeed.Column] {
        guard let columns = try map.mapping("columns") else { throw map.error("columns", "is missing: say what each row holds") }
        var result: [InventoryNeed.Column] = []
        for key in columns.keys {
            guard Self.isName(key.name), !InventoryNeed.reservedNames.contains(key.name) else {
                throw columns.error(
                    key.name,
                    "a column's name has small letters, digits and underscores, and is none of \(InventoryNeed.reservedNames.joined(separator: ", "))"
                )
            }
            var type = try columns.text(key.name)
            let mayBeEmpty = type.hasSuffix("?")
            if mayBeEmpty { type.removeLast() }
            let types = InventoryNeed.ColumnType.allCases.map(\.rawValue)
            guard let type = InventoryNeed.ColumnType(rawValue: type) else {
                throw columns.error(key.name, "must be one of \(types.joined(separator: ", ")), with ? where it may be empty")
            }
            result.append(.init(name: key.name, type: type, mayBeEmpty: mayBeEmpty))
        }
        guard !result.isEmpty else { throw map.error("columns", "is empty: say what each row holds") }
        return result
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    }

    // MARK: Populations

    func readPopulationKinds(roles: [String]) throws(EvidenceError) -> [PopulationHead] {
        guard top.has("population") else {
            throw EvidenceError(.definition, "`population` is missing: say what is tested", path: path, line: top.line)
        }
        if !top.isList("population"), let map = try top.mapping("population") {
            return [PopulationHead(name: try map.optionalText("name") ?? "", kind: try readKind(map, roles: roles), map: map)]
        }
        var result: [PopulationHead] = []
        for map in try top.mappings("population") {
            let name = try map.text("name")
            guard Self.isName(name) else { throw map.error("name", "a population's name has small letters, digits and underscores") }
            guard !result.contains(where: { $0.name == name }) else { throw map.error("name", "`\(name)` stands twice") }
            result.append(PopulationHead(name: name, kind: try readKind(map, roles: roles), map: map))
        }
        guard !result.isEmpty else { throw top.error("population", "is empty: say what is tested") }
        return result
    }

    private func readKind(_ map: StrictYAML, roles: [String]) throws(EvidenceError) -> Population.Kind {
        try map.allow(
            ["name"] + Population.kindKeys + ["time", "person", "across", "applies", "not_applicable", "label", "same"])
        let present = Population.kindKeys.filter(map.has)
        guard present.count == 1 else {
            throw EvidenceError(
                .definition,
                "`\(map.place)` must have exactly one of \(Population.kindKeys.joined(separator: ", ")), and has \(present.isEmpty ? "none" : present.joined(separator: " and "))",
                path: path, line: map.line)
        }
        switch present[0] {
        case "each":
            let sets = try map.texts("each")
            for set in sets { try checkSet(set, map, "each") }
            guard !sets.isEmpty else { throw map.error("each", "name a set") }
            return .events(sets: sets)
        case "coverage":
            guard try map.text("coverage") == "day" else { throw map.error("coverage", "must be `day`") }
            return .coverage
        case "rows": return .rows(inventory: try inventory(map, "rows").name)
        case "schedule":
            let inventory = try inventory(map, "schedule")
            guard inventory.columns.count(where: { $0.type == .schedule }) == 1 else {
                throw map.error("schedule", "`\(inventory.name)` must have exactly one column of type schedule")
            }
            return .schedule(inventory: inventory.name)
        case "groups": return try readGroups(map)
        case "log":
            let types = try map.texts("log")
            for type in types where !FieldNames.logTypes.contains(type) {
                throw map.error("log", "there is no entry of type `\(type)`\(NearestName.hint(type, among: FieldNames.logTypes)); there are: \(FieldNames.logTypes.joined(separator: ", "))")
            }
            guard !types.isEmpty else { throw map.error("log", "name at least one type of entry") }
            return .log(types: types)
        default:
            let role = try map.text("each_source")
            guard roles.contains(role) else {
                throw map.error("each_source", "there is no role `\(role)` in `sources`\(NearestName.hint(role, among: roles))")
            }
            return .sources(role: role)
        }
    }

    private func readGroups(_ map: StrictYAML) throws(EvidenceError) -> Population.Kind {
        guard let groups = try map.mapping("groups") else { throw map.error("groups", "must be a mapping") }
        try groups.allow(["set", "by", "within", "at_least"])
        let set = try groups.text("set")
        try checkSet(set, groups, "set")
        var by: [Expression] = []
        for (text, line) in try groups.textsWithLines("by") {
            by.append(try parse(text, line: line, what: "\(groups.place).by", scope: .rowOnly(.event(and: []))))
        }
        guard !by.isEmpty else { throw groups.error("by", "say what the events of a run have in common") }
        guard let within = try amount(groups, "within", kind: .duration) else { throw groups.error("within", "is missing: how long may a pause be?") }
        return .groups(
            .init(set: set, by: by, within: within, atLeast: try amount(groups, "at_least", kind: .number) ?? .value(.number(1))))
    }

    private func checkSet(_ set: String, _ map: StrictYAML, _ key: String) throws(EvidenceError) {
        guard setNames.contains(set) else {
            throw map.error(key, "there is no set `\(set)`\(NearestName.hint(set, among: setNames))")
        }
    }

    private func inventory(_ map: StrictYAML, _ key: String) throws(EvidenceError) -> InventoryNeed {
        let name = try map.text(key)
        guard let found = inventories.first(where: { $0.name == name }) else {
            throw map.error(key, "there is no inventory `\(name)` in `inventories`\(NearestName.hint(name, among: inventories.map(\.name)))")
        }
        return found
    }

    /// The fields that an item of a kind has.
    func fields(of kind: Population.Kind) -> NameCheck.Fields {
        switch kind {
        case .events: .event(and: ["recorded"])
        case .groups: .event(and: ["recorded"] + FieldNames.ofRun)
        case .coverage: .only(FieldNames.ofCoverage)
        case .log: .only(FieldNames.ofLogEntry)
        case .sources: .only(FieldNames.ofSource)
        case .rows(let name), .schedule(let name): fields(of: .inventory(name))
        }
    }

    /// The fields that a row of a set or of an inventory has.
    func fields(of origin: ReportDefinition.Join.Origin) -> NameCheck.Fields {
        switch origin {
        case .set: .event(and: [])
        case .inventory(let name): .only(inventories.first { $0.name == name }?.columns.map(\.name) ?? [])
        }
    }

    func readPopulations(_ heads: [PopulationHead], roles: [String]) throws(EvidenceError) -> [Population] {
        var result: [Population] = []
        for head in heads {
            let map = head.map
            let of = [head.name]
            let across = try map.optionalText("across")
            if let across {
                guard case .events = head.kind else { throw map.error("across", "stands beside `each` alone") }
                guard roles.contains(across) else {
                    throw map.error("across", "there is no role `\(across)` in `sources`\(NearestName.hint(across, among: roles))")
                }
            }
            if map.has("time") {
                switch head.kind {
                case .events, .rows: break
                default: throw map.error("time", "stands beside `each` or `rows` alone; the others have a time of their own")
                }
            }
            var same: [Expression] = []
            for (text, line) in try map.textsWithLines("same") {
                same.append(
                    try parse(text, line: line, what: map.name(of: "same"), scope: .item(computed: Set(names.computed)), of: of))
            }
            result.append(
                Population(
                    name: head.name, kind: head.kind, time: try expression(map, "time", scope: .itemOnly, of: of),
                    person: try expression(map, "person", scope: .itemOnly, of: of), across: across,
                    applies: try expression(map, "applies", of: of),
                    notApplicable: try map.optionalText("not_applicable") ?? "The test does not apply.",
                    label: try template(map, "label", of: of) ?? TextTemplate(pieces: [.value(.name(.init(root: "item", field: "id")))]),
                    same: same))
        }
        return result
    }

    // MARK: Joins

    func readJoinOrigins() throws(EvidenceError) -> [JoinHead] {
        var result: [JoinHead] = []
        for (name, map) in try top.namedMappings("joins") {
            try map.allow(["set", "inventory", "of", "on", "when", "from", "to", "take"])
            guard map.has("set") != map.has("inventory") else {
                throw EvidenceError(.definition, "`\(map.place)` must have either `set` or `inventory`", path: path, line: map.line)
            }
            if map.has("inventory") {
                let inventory = try inventory(map, "inventory").name
                for key in ["from", "to"] where map.has(key) {
                    throw map.error(key, "rows of an inventory have no time of their own; compare their columns under `when`")
                }
                result.append(JoinHead(name: name, origin: .inventory(inventory), map: map))
            } else {
                let set = try map.text("set")
                try checkSet(set, map, "set")
                result.append(JoinHead(name: name, origin: .set(set), map: map))
            }
        }
        return result
    }

    func readJoins(_ heads: [JoinHead]) throws(EvidenceError) -> [ReportDefinition.Join] {
        var result: [ReportDefinition.Join] = []
        for head in heads {
            let map = head.map
            let of = try populationNames(map)
            let above = result.map(\.name)
            let scope = NameCheck.Scope.itemAndRow(fields(of: head.origin), above: above)
            guard let take = ReportDefinition.Join.Take(rawValue: try map.optionalText("take") ?? "first") else {
                throw map.error("take", "must be first, last or all")
            }
            var pairs: [(Expression, Expression)] = []
            for (text, line) in try map.textsWithLines("on") {
                guard case .compare(.equal, let item, let row) = try parse(text, line: line, what: map.name(of: "on"), scope: scope, of: of),
                    !item.names.contains(where: { $0.root == "row" }), !row.names.contains(where: { $0.root == "item" || above.contains($0.subject) })
                else {
                    throw EvidenceError(.definition, "`\(map.name(of: "on"))`: each line is `item… == row…`, joins stand on the left", path: path, line: line)
                }
                pairs.append((item, row))
            }
            let when = try expression(map, "when", scope: scope, of: of)
            if pairs.isEmpty {
                guard case .inventory = head.origin else { throw map.error("on", "say what item and row have in common") }
            }
            result.append(
                .init(
                    name: head.name, origin: head.origin, of: of, on: pairs, when: when, from: try window(map, "from"),
                    to: try window(map, "to"), take: take))
        }
        return result
    }
}
