import AuditModel

/// Schema fields, lists and attributes.
extension DefinitionCompiler {
    /// The fields that take one of a few words, and those words.
    static let vocabularies: [EventField: [String]] = [
        .actorType: ["user", "service", "job", "system", "support"],
        .surface: ["ui", "api", "cli", "console", "sso", "job", "database", "system"],
        .outcome: ["success", "failure", "denied", "unknown"],
        .approvalState: ["not_required", "pending", "approved", "denied", "break_glass"],
    ]

    /// Fields that parsing sets by itself.
    private static let ownFields: Set<EventField> = [.source, .instance, .parser, .parserVersion, .category, .originNet]

    /// Names that are typed columns rather than texts.
    private static let typedNames = ["time", "approval.expires", "actor.roles"]

    private static let timeKeys = ["format", "zone", "nanos"]

    mutating func fields(_ node: DefinitionNode, _ body: inout BodyPlan) throws(ParsingError) {
        for (name, keyNode, value) in try node.pairs() {
            switch name {
            case "time": try time(value, .time, &body)
            case "approval.expires": try time(value, .approvalExpires, &body)
            case "actor.roles": body.roles = value.isNull ? nil : try list(value)
            default:
                guard let field = EventField(name: name), !Self.ownFields.contains(field) else {
                    let candidates = EventField.allCases.filter { !Self.ownFields.contains($0) }.map(\.name) + Self.typedNames
                    throw keyNode.error(.unknownName, "the schema has no field '\(name)'\(DefinitionNode.suggestion(name, candidates))")
                }
                try self.field(field, value, &body)
            }
        }
    }

    private mutating func field(_ field: EventField, _ node: DefinitionNode, _ body: inout BodyPlan) throws(ParsingError) {
        body.fields.removeAll { $0.field == field }
        guard !node.isNull else { return }
        let vocabulary = field == .action ? nil : Self.vocabularies[field]
        let isFixed = vocabulary != nil || field == .action
        // The vendor's word is a constant wherever a rule recognises a text.
        let value = try expression(node, plainIsConstant: isFixed || field == .sourceAction)
        if isFixed {
            guard let outputs = value.outputs else {
                throw node.error(.invalidValue, "\(field.name) takes fixed words: end its value with 'map' or give a constant")
            }
            for output in outputs.sorted() {
                if field == .action {
                    try checkAction(output, node)
                } else if let vocabulary, !vocabulary.contains(output) {
                    throw node.error(.invalidValue, "\(field.name) is one of \(vocabulary.joined(separator: ", ")), not '\(output)'")
                }
            }
        }
        if field == .action { body.action = nil }
        body.fields.append((field, value.expression))
        if let dataClass = value.dataClass {
            var overrides = body.classes.overrides
            overrides[field] = dataClass
            body.classes = ClassAssignment(attributes: body.classes.attributes, overrides: overrides, changes: body.classes.changes)
        }
    }

    private mutating func time(_ node: DefinitionNode, _ column: TimePlan.Column, _ body: inout BodyPlan) throws(ParsingError) {
        body.times.removeAll { $0.column == column }
        guard !node.isNull else { return }
        let value = try expression(node, extraKeys: Self.timeKeys)
        var formats: [TimeFormat] = [.iso]
        var zone: Expression?
        var nanoseconds: Expression?
        if node.isMapping {
            let members = try node.members(Self.valueKeys + Self.timeKeys, of: "a time")
            if let formatNode = members["format"] {
                formats = []
                for element in formatNode.list() {
                    let spelled = try element.text()
                    guard let format = TimeFormat(spelled) else {
                        throw element.error(
                            .invalidValue,
                            "no time format is '\(spelled)'\(DefinitionNode.suggestion(spelled, TimeFormat.named.keys.sorted()))")
                    }
                    formats.append(format)
                }
            }
            if let zoneNode = members["zone"] { zone = try expression(zoneNode).expression }
            if let nanosNode = members["nanos"] {
                guard formats.count == 1, case .epoch(perSecond: 1) = formats[0] else {
                    throw nanosNode.error(.invalidValue, "'nanos' goes with 'format: epoch_seconds'")
                }
                nanoseconds = try expression(nanosNode).expression
            }
        }
        body.times.append(
            TimePlan(column: column, value: value.expression, formats: formats, zone: zone, nanoseconds: nanoseconds))
    }

    private mutating func list(_ node: DefinitionNode) throws(ParsingError) -> ListPlan {
        guard node.isMapping, let members = try? node.members(["each", "value"], of: "a list"), let each = members["each"] else {
            var values: [Expression] = []
            for element in node.list() { values.append(try expression(element).expression) }
            return ListPlan(each: nil, values: values)
        }
        let scope = try openEach(each)
        var values: [Expression] = []
        if let value = members["value"] {
            for element in value.list() { values.append(try expression(element).expression) }
        } else {
            values.append(add([.load(slot: elements[elements.count - 1].itemSlot)]))
        }
        return ListPlan(each: closeEach(scope), values: values)
    }

    mutating func targets(_ node: DefinitionNode) throws(ParsingError) -> [TargetPlan] {
        var plans: [TargetPlan] = []
        guard !node.isNull else { return [] }
        for element in node.list() {
            let members = try element.members(["each", "when", "type", "id", "name"], of: "a target")
            let scope = try members["each"].map { (node) throws(ParsingError) in try openEach(node) }
            let when = try members["when"].map { (node) throws(ParsingError) in try condition(node) }
            let typeNode = try members.required("type")
            let type = try expression(typeNode, plainIsConstant: true).expression
            let id = try members["id"].map { (node) throws(ParsingError) in try expression(node).expression }
            let name = try members["name"].map { (node) throws(ParsingError) in try expression(node).expression }
            guard id != nil || name != nil else { throw element.error(.missing, "a target needs 'id' or 'name'") }
            plans.append(TargetPlan(each: scope.map { closeEach($0) }, condition: when, type: type, id: id, name: name))
        }
        return plans
    }

    mutating func changes(_ node: DefinitionNode, _ body: inout BodyPlan) throws(ParsingError) {
        var classes = body.classes.changes
        var plans: [ChangePlan] = []
        for element in node.isNull ? [] : node.list() {
            let members = try element.members(["each", "when", "field", "before", "after", "class"], of: "a change")
            let scope = try members["each"].map { (node) throws(ParsingError) in try openEach(node) }
            let when = try members["when"].map { (node) throws(ParsingError) in try condition(node) }
            let field = try expression(try members.required("field"), plainIsConstant: true)
            let before = try members["before"].map { (node) throws(ParsingError) in try expression(node).expression }
            let after = try members["after"].map { (node) throws(ParsingError) in try expression(node).expression }
            if let classNode = members["class"] {
                guard let dataClass = DataClass(rawValue: try classNode.text()), let outputs = field.outputs else {
                    throw classNode.error(
                        .invalidValue,
                        "a class needs a constant 'field' and one of \(DataClass.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                for output in outputs { classes[output] = dataClass }
            }
            plans.append(
                ChangePlan(each: scope.map { closeEach($0) }, condition: when, field: field.expression, before: before, after: after))
        }
        body.changes = plans
        body.classes = ClassAssignment(attributes: body.classes.attributes, overrides: body.classes.overrides, changes: classes)
    }

    mutating func attributes(_ node: DefinitionNode, _ body: inout BodyPlan) throws(ParsingError) {
        var classes = body.classes.attributes
        for (name, keyNode, value) in try node.pairs() {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0.isDigit || ($0 >= 97 && $0 <= 122) || $0 == UInt8(ascii: "_") }) else {
                throw keyNode.error(.invalidValue, "an attribute's name holds lower-case letters, digits and _ only")
            }
            body.attributes.removeAll { $0.name == name }
            guard !value.isNull else { continue }
            let compiled = try expression(value)
            guard let dataClass = compiled.dataClass else {
                throw keyNode.error(
                    .missing,
                    "attribute '\(name)' has no data class: add 'class', one of \(DataClass.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
            classes[name] = dataClass
            body.attributes.append((name, compiled.expression))
        }
        // In the order in which an event keeps them: names are ASCII.
        body.attributes.sort { $0.name < $1.name }
        body.classes = ClassAssignment(attributes: classes, overrides: body.classes.overrides, changes: body.classes.changes)
    }
}
