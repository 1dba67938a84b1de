import AuditModel

/// Bodies: what the definition, a format or a rule says about events.
extension DefinitionCompiler {
    static let ruleKeys = ["name", "when", "match", "each", "skip", "quarantine", "hand_over"] + bodyKeys

    /// Declares the names that extractions and rules below `node` provide.
    mutating func declareNames(in node: DefinitionNode) throws(ParsingError) {
        guard node.isMapping else { return }
        for (key, _, value) in try node.pairs() {
            switch key {
            case "let":
                for (name, _, _) in try value.pairs() { names.providers[name] = .text }
            case "extract":
                for step in value.list() { try declareNames(ofStep: step) }
            case "match":
                for (_, _, patterns) in try value.pairs() { try declareFields(ofPatterns: patterns) }
            case "rules":
                for rule in value.list() { try declareNames(in: rule) }
            default: break
            }
        }
    }

    private mutating func declareNames(ofStep node: DefinitionNode) throws(ParsingError) {
        let members = try node.members(["from", "pattern", "json", "key_value", "csv", "required"], of: "an extraction")
        if let patterns = members["pattern"] { try declareFields(ofPatterns: patterns) }
        if let json = members["json"] {
            names.documents.append(PathTrie())
            // Document 0 is the record itself, also where the record is not JSON.
            if names.documents.count == 1 { names.documents.append(PathTrie()) }
            names.providers[try json.text()] = .document(names.documents.count - 1)
        }
        if let node = members["key_value"] {
            let into = try node.members(["separator", "assign", "into", "hex"], of: "key_value").required("into").text()
            names.keyTables.append([])
            names.providers[into] = .keyValue(names.keyTables.count - 1)
        }
        if let node = members["csv"] {
            let csv = try node.members(["columns", "delimiter", "into"], of: "csv")
            names.providers[try csv.required("into").text()] = .columns(Set(try csv.required("columns").texts()))
        }
    }

    mutating func declareFields(ofPatterns node: DefinitionNode) throws(ParsingError) {
        for element in node.list() {
            var declared: [String] = []
            _ = try pattern(element) { name in
                declared.append(name)
                return 0
            }
            for name in declared { names.providers[name] = .text }
        }
    }

    /// Compiles a pattern, telling where it stands when it is not one.
    func pattern(_ node: DefinitionNode, slot: (String) -> Int32) throws(ParsingError) -> Pattern {
        let text = try node.text()
        do {
            return try Pattern(text, isPrefix: false, slot: slot)
        } catch {
            throw node.error(.invalidValue, error.message)
        }
    }

    /// Compiles patterns whose fields become names; their numbers.
    mutating func patterns(_ node: DefinitionNode) throws(ParsingError) -> [Int32] {
        var numbers: [Int32] = []
        for element in node.list() {
            var names = self.names
            let compiled = try pattern(element) { name in names.declare(name) }
            self.names = names
            plan.patterns.append(compiled)
            numbers.append(Int32(plan.patterns.count - 1))
        }
        return numbers
    }

    /// Compiles a body over what its parent says. Steps, requirements and rules are the body's own.
    mutating func body(_ members: DefinitionMembers, over parent: BodyPlan) throws(ParsingError) -> BodyPlan {
        var body = parent
        body.steps = []
        body.requirements = []
        body.rules = []
        body.each = nil
        body.ending = .events
        for step in members["extract"]?.list() ?? [] { body.steps.append(try extraction(step)) }
        for (name, _, value) in try members["let"]?.pairs() ?? [] {
            let expression = try expression(value).expression
            body.steps.append(.let_(expression, slot: names.declare(name)))
        }
        if let node = members["require"] { try requirements(node, &body) }
        if let node = members["actions"] { try actions(node, &body) }
        if let node = members["fields"] { try fields(node, &body) }
        if let node = members["targets"] { body.targets = try targets(node) }
        if let node = members["changes"] { try changes(node, &body) }
        if let node = members["attributes"] { try attributes(node, &body) }
        return body
    }

    private mutating func extraction(_ node: DefinitionNode) throws(ParsingError) -> ExtractionStep {
        let members = try node.members(["from", "pattern", "json", "key_value", "csv", "required"], of: "an extraction")
        let from = try expression(try members.required("from")).expression
        let isRequired = try members["required"]?.bool() ?? false
        if let node = members["pattern"] { return .pattern(from, patterns: try patterns(node), isRequired: isRequired) }
        if let node = members["json"], case .document(let number) = names.providers[try node.text()] {
            return .json(from, document: number, isRequired: isRequired)
        }
        if let node = members["key_value"] {
            let into = try node.members(["separator", "assign", "into", "hex"], of: "key_value").required("into").text()
            if case .keyValue(let table) = names.providers[into] { return .keyValue(from, try keyValueReader(node), keys: Int32(table)) }
        }
        if let node = members["csv"] {
            let csv = try node.members(["columns", "delimiter", "into"], of: "csv")
            let into = try csv.required("into").text()
            let delimiter = Array((try csv["delimiter"]?.text() ?? ",").utf8)
            guard delimiter.count == 1 else { throw node.error(.invalidValue, "a delimiter is one character") }
            var slots: [Int32] = []
            for column in try csv.required("columns").texts() { slots.append(try slot("\(into).\(column)", node)) }
            return .csv(from, delimiter: delimiter[0], slots: slots, isRequired: isRequired)
        }
        throw node.error(.missing, "an extraction needs one of 'pattern', 'json', 'key_value', 'csv'")
    }

    private mutating func requirements(_ node: DefinitionNode, _ body: inout BodyPlan) throws(ParsingError) {
        if !node.isMapping {
            for element in node.list() {
                let name = try element.text()
                body.requirements.append(Requirement(slot: try slot(name, element), kind: .any, reason: "'\(name)' is not there"))
            }
            return
        }
        for (name, keyNode, value) in try node.pairs() {
            guard let kind = Requirement.Kind(rawValue: try value.text()) else {
                throw value.error(
                    .invalidValue, "a required name is one of \(Requirement.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            let reason = kind == .any ? "'\(name)' is not there" : "'\(name)' is not there as \(kind.rawValue)"
            body.requirements.append(Requirement(slot: try slot(name, keyNode), kind: kind, reason: reason))
        }
    }

    private mutating func actions(_ node: DefinitionNode, _ body: inout BodyPlan) throws(ParsingError) {
        let members = try node.members(["from", "table", "other"], of: "actions")
        let code = try expression(try members.required("from")).expression
        let tableNode = try members.required("table")
        let table = try namedOrInlineTable(tableNode)
        for (_, _, value) in tableNode.isMapping ? try tableNode.pairs() : [] { try checkAction(try value.text(), value) }
        if !tableNode.isMapping { for output in table.outputs.sorted() { try checkAction(output, tableNode) } }
        let otherNode = try members.required("other")
        let domain = try otherNode.text()
        guard taxonomy.domains.contains(domain) else {
            throw otherNode.error(
                .invalidValue, "no domain is named '\(domain)'\(DefinitionNode.suggestion(domain, taxonomy.domains))")
        }
        let other = plan.constants.intern(ActionTaxonomy.other(in: domain))
        body.action = ActionPlan(code: code, table: table.number, other: other)
        body.fields.removeAll { $0.field == .action }
    }

    func checkAction(_ action: String, _ node: DefinitionNode) throws(ParsingError) {
        guard taxonomy.entry(for: action) != nil else {
            throw node.error(
                .invalidValue,
                "the taxonomy has no action '\(action)'\(DefinitionNode.suggestion(action, taxonomy.entries.map(\.action)))")
        }
    }

    mutating func namedOrInlineTable(_ node: DefinitionNode) throws(ParsingError) -> (number: Int32, outputs: Set<String>) {
        if node.isMapping { return try table(node) }
        let name = try node.text()
        guard let table = tables[name] else {
            throw node.error(.unknownName, "no table is named '\(name)'\(DefinitionNode.suggestion(name, Array(tables.keys)))")
        }
        return table
    }

    func checkHasAction(_ body: BodyPlan, _ node: DefinitionNode) throws(ParsingError) {
        guard case .events = body.ending, body.action == nil, !body.fields.contains(where: { $0.field == .action }) else { return }
        throw node.error(.missing, "events from here have no action: give 'actions' or the field 'action'")
    }

    /// Compiles rules over the body that they belong to.
    mutating func rules(_ node: DefinitionNode?, over parent: BodyPlan) throws(ParsingError) -> [RulePlan] {
        var rules: [RulePlan] = []
        for element in node?.list() ?? [] {
            let members = try element.members(Self.ruleKeys, of: "a rule")
            var matches: [(value: Expression, patterns: [Int32])] = []
            for (name, keyNode, value) in try members["match"]?.pairs() ?? [] {
                let subject = add([.load(slot: try slot(name, keyNode))])
                matches.append((subject, try patterns(value)))
            }
            let condition = try members["when"].map { (node) throws(ParsingError) in try self.condition(node) }
            let body = try ruleBody(members, element, over: parent)
            plan.bodies.append(body)
            rules.append(RulePlan(condition: condition, matches: matches, body: plan.bodies.count - 1))
        }
        return rules
    }

    private mutating func ruleBody(_ members: DefinitionMembers, _ node: DefinitionNode, over parent: BodyPlan) throws(ParsingError)
        -> BodyPlan
    {
        let scope = try members["each"].map { (node) throws(ParsingError) in try openEach(node) }
        var body = try body(members, over: parent)
        body.rules = try rules(members["rules"], over: body)
        if let scope { body.each = closeEach(scope) }
        let endings = ["skip", "quarantine", "hand_over"].filter { members[$0] != nil }
        guard endings.count <= 1 else { throw node.error(.invalidValue, "a rule has one ending: \(endings.joined(separator: " or "))") }
        if let skip = members["skip"] { body.ending = .skip(try skip.text()) }
        if let reason = members["quarantine"] { body.ending = .quarantine(try reason.text()) }
        if let node = members["hand_over"] {
            let hand = try node.members(["parser", "part"], of: "hand_over")
            let parser = try hand.required("parser").text()
            handOvers.insert(parser)
            body.ending = .handOver(parser: parser, part: try expression(try hand.required("part")).expression)
        }
        try checkHasAction(body, node)
        return body
    }
}
