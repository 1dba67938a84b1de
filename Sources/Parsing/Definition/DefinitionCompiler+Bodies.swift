import AuditModel

/// Bodies: what the definition, a format or a rule says about events.
extension DefinitionCompiler {
    static let ruleKeys = ["name", "when", "match", "each", "skip", "quarantine", "hand_over"] + bodyKeys

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
        body.requirements = []
        body.rules = []
        body.each = nil
        body.ending = .events
        body.steps = try steps(members)
        if let node = members["require"] { try requirements(node, &body) }
        if let node = members["actions"] { try actions(node, &body) }
        if let node = members["fields"] { try fields(node, &body) }
        if let node = members["targets"] { body.targets = try targets(node) }
        if let node = members["changes"] { try changes(node, &body) }
        if let node = members["attributes"] { try attributes(node, &body) }
        return body
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
        body.places = parent.places + [node.place]
        body.rules = try rules(members["rules"], over: body)
        if let scope { body.each = closeEach(scope) }
        let endings = ["skip", "quarantine", "hand_over"].filter { members[$0] != nil }
        guard endings.count <= 1 else { throw node.error(.invalidValue, "a rule has one ending: \(endings.joined(separator: " or "))") }
        if let skip = members["skip"] { body.ending = .skip(try skip.text()) }
        if let reason = members["quarantine"] { body.ending = .quarantine(try reason.text()) }
        if let node = members["hand_over"] { body.ending = .handOver(try handOver(node)) }
        try checkHasAction(body, node)
        return body
    }

    private mutating func handOver(_ node: DefinitionNode) throws(ParsingError) -> HandOverPlan {
        let hand = try node.members(["parser", "part", "names"], of: "hand_over")
        let parser = try hand.required("parser").text()
        handOvers.insert(parser)
        guard let namesNode = hand["names"] else {
            return HandOverPlan(parser: parser, part: try expression(try hand.required("part")).expression)
        }
        if let part = hand["part"] { throw part.error(.invalidValue, "hand_over has 'part' or 'names', not both") }
        var plan = HandOverPlan(parser: parser, part: nil)
        for (name, keyNode, value) in try namesNode.pairs() {
            plan.names.append(.init(name: name, value: try expression(value).expression, unknown: keyNode.error(.unknownName, "")))
        }
        return plan
    }
}
