import AuditModel

/// Values: where a text comes from and what is done to it.
extension DefinitionCompiler {
    /// A compiled value, what it can become where that is a fixed set, and the data class named with it.
    struct CompiledValue {
        let expression: Expression
        let outputs: Set<String>?
        let dataClass: DataClass?
    }

    static let sourceKeys = ["from", "constant", "template", "join"]
    static let operationKeys = [
        "lower", "upper", "trim", "before", "after", "before_last", "after_last", "strip_prefix", "strip_suffix", "replace", "split", "map",
        "unless",
        "only", "pattern", "hex", "socket_address", "default", "when", "raw",
    ]
    static let valueKeys = sourceKeys + operationKeys + ["class"]

    /// Appends operations to the plan; jumps are relative to their beginning.
    mutating func add(_ operations: [Operation]) -> Expression {
        let start = Int32(plan.operations.count)
        for operation in operations {
            if case .jumpIfPresent(let target) = operation {
                plan.operations.append(.jumpIfPresent(target: target + start))
            } else {
                plan.operations.append(operation)
            }
        }
        return Expression(start: start, end: Int32(plan.operations.count))
    }

    /// Compiles a value. A plain text is a name, or a constant where `plainIsConstant`.
    mutating func expression(
        _ node: DefinitionNode, plainIsConstant: Bool = false, extraKeys: [String] = []
    ) throws(ParsingError) -> CompiledValue {
        var operations: [Operation] = []
        var dataClass: DataClass?
        let outputs = try compile(node, plainIsConstant, extraKeys, &operations, &dataClass)
        return CompiledValue(expression: add(operations), outputs: outputs, dataClass: dataClass)
    }

    private mutating func compile(
        _ node: DefinitionNode, _ plainIsConstant: Bool, _ extraKeys: [String], _ operations: inout [Operation],
        _ dataClass: inout DataClass?
    ) throws(ParsingError) -> Set<String>? {
        if node.isSequence { return try alternatives(node, plainIsConstant, &operations, &dataClass) }
        guard node.isMapping else {
            let text = try node.text()
            if plainIsConstant {
                operations.append(.constant(plan.constants.intern(text)))
                return [text]
            }
            operations.append(.load(slot: try slot(text, node)))
            return nil
        }
        let members = try node.members(Self.valueKeys + extraKeys, of: "a value")
        let sources = Self.sourceKeys.filter { members[$0] != nil }
        guard sources.count == 1 else {
            throw node.error(
                sources.isEmpty ? .missing : .invalidValue, "a value comes from exactly one of \(Self.sourceKeys.joined(separator: ", "))")
        }
        var outputs = try source(sources[0], members, plainIsConstant, &operations, &dataClass)
        for (key, _, value) in try node.pairs() where Self.operationKeys.contains(key) {
            try operation(key, value, members, &operations, &outputs)
        }
        if let classNode = members["class"] {
            let name = try classNode.text()
            guard let known = DataClass(rawValue: name) else {
                throw classNode.error(
                    .invalidValue, "no data class is named '\(name)'\(DefinitionNode.suggestion(name, DataClass.allCases.map(\.rawValue)))")
            }
            dataClass = known
        }
        return outputs
    }

    private mutating func alternatives(
        _ node: DefinitionNode, _ plainIsConstant: Bool, _ operations: inout [Operation], _ dataClass: inout DataClass?
    ) throws(ParsingError) -> Set<String>? {
        let elements = node.list()
        guard !elements.isEmpty else { throw node.error(.invalidValue, "an empty list of alternatives") }
        var outputs: Set<String>? = []
        var jumps: [Int] = []
        for (number, element) in elements.enumerated() {
            let isLast = number == elements.count - 1
            if plainIsConstant, !isLast, !element.isMapping, !element.isSequence {
                throw element.error(
                    .invalidValue,
                    "'\(try element.text())' is a constant here, so that what stands behind it is never used; write {from: \(try element.text())} for the name")
            }
            let found = try compile(element, plainIsConstant, [], &operations, &dataClass)
            outputs = found.flatMap { new in outputs.map { $0.union(new) } }
            if !isLast {
                jumps.append(operations.count)
                operations.append(.jumpIfPresent(target: 0))
            }
        }
        for jump in jumps { operations[jump] = .jumpIfPresent(target: Int32(operations.count)) }
        return outputs
    }

    private mutating func source(
        _ key: String, _ members: DefinitionMembers, _ plainIsConstant: Bool, _ operations: inout [Operation], _ dataClass: inout DataClass?
    ) throws(ParsingError) -> Set<String>? {
        let node = try members.required(key)
        switch key {
        case "constant":
            let text = try node.text()
            operations.append(.constant(plan.constants.intern(text)))
            return [text]
        case "template":
            operations.append(.template(try template(node)))
            return nil
        case "join":
            operations.append(try join(node))
            return nil
        default:
            guard let rawNode = members["raw"] else { return try compile(node, false, [], &operations, &dataClass) }
            guard try rawNode.bool() else { throw rawNode.error(.invalidValue, "'raw' is true or left out") }
            try raw(node, &operations)
            return nil
        }
    }

    /// The first of some names that has a value, objects and arrays as JSON text.
    private mutating func raw(_ node: DefinitionNode, _ operations: inout [Operation]) throws(ParsingError) {
        var jumps: [Int] = []
        for (number, element) in node.list().enumerated() {
            guard !element.isMapping else { throw element.error(.invalidValue, "'raw' goes with a name or a list of names") }
            if number > 0 {
                jumps.append(operations.count)
                operations.append(.jumpIfPresent(target: 0))
            }
            operations.append(.loadRaw(slot: try slot(try element.text(), element)))
        }
        for jump in jumps { operations[jump] = .jumpIfPresent(target: Int32(operations.count)) }
    }

    private mutating func join(_ node: DefinitionNode) throws(ParsingError) -> Operation {
        let join = try node.members(["of", "each", "value", "with"], of: "join")
        let separator = plan.constants.intern(try join.required("with").text())
        guard let eachNode = join["each"] else {
            if let value = join["value"] { throw value.error(.invalidValue, "'value' goes with 'each'") }
            var pieces: [TemplatePiece] = []
            for element in try join.required("of").list() { pieces.append(.value(try expression(element).expression)) }
            plan.templates.append(Template(pieces: pieces, separator: separator))
            return .template(Int32(plan.templates.count - 1))
        }
        if let of = join["of"] { throw of.error(.invalidValue, "join has 'of' or 'each', not both") }
        let scopes = try openEach(eachNode)
        let value =
            try join["value"].map { (node) throws(ParsingError) in try expression(node).expression }
            ?? add([.load(slot: elements[elements.count - 1].itemSlot)])
        plan.joins.append(JoinPlan(each: closeEach(scopes), value: value, separator: separator))
        return .join(Int32(plan.joins.count - 1))
    }

    /// `text {name} text`; `{{` stands for a brace.
    private mutating func template(_ node: DefinitionNode) throws(ParsingError) -> Int32 {
        var pieces: [TemplatePiece] = []
        var literal = ""
        var rest = Substring(try node.text())
        while let character = rest.first {
            rest = rest.dropFirst()
            guard character == "{" else {
                literal.append(character)
                continue
            }
            if rest.first == "{" {
                rest = rest.dropFirst()
                literal.append("{")
                continue
            }
            guard let close = rest.firstIndex(of: "}") else {
                throw node.error(.invalidValue, "a { without its }; write {{ for the character")
            }
            if !literal.isEmpty { pieces.append(.literal(plan.constants.intern(literal))) }
            literal = ""
            pieces.append(.value(add([.load(slot: try slot(String(rest[..<close]), node))])))
            rest = rest[rest.index(after: close)...]
        }
        if !literal.isEmpty { pieces.append(.literal(plan.constants.intern(literal))) }
        plan.templates.append(Template(pieces: pieces, separator: -1))
        return Int32(plan.templates.count - 1)
    }

    private mutating func operation(
        _ key: String, _ node: DefinitionNode, _ members: DefinitionMembers, _ operations: inout [Operation], _ outputs: inout Set<String>?
    ) throws(ParsingError) {
        func constant() throws(ParsingError) -> Int32 { plan.constants.intern(try node.text()) }
        switch key {
        case "default":
            let text = try node.text()
            operations.append(.fallback(try constant()))
            outputs?.insert(text)
            return
        case "map":
            let table = try namedOrInlineTable(node)
            operations.append(.map(table: table.number))
            outputs = table.outputs
            return
        case "unless":
            operations.append(.unless(table: try set(node)))
            return
        case "when":
            plan.conditions.append(try condition(node))
            operations.append(.onlyWhen(Int32(plan.conditions.count - 1)))
            return
        case "only":
            guard let shape = ValueShape(rawValue: try node.text()) else {
                throw node.error(.invalidValue, "only is one of \(ValueShape.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            operations.append(.only(shape))
            return
        case "socket_address":
            guard let part = SocketAddress.Part(rawValue: try node.text()) else {
                throw node.error(
                    .invalidValue, "socket_address is one of \(SocketAddress.Part.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            operations.append(.socketAddress(part))
        case "raw": return
        case "lower": operations.append(.lower)
        case "upper": operations.append(.upper)
        case "hex": operations.append(.hex)
        case "trim": operations.append(try node.text() == "true" ? .trim : .trimBytes(try constant()))
        case "before": operations.append(.before(try constant()))
        case "after": operations.append(.after(try constant()))
        case "before_last": operations.append(.beforeLast(try constant()))
        case "after_last": operations.append(.afterLast(try constant()))
        case "strip_prefix": operations.append(.stripPrefix(try constant()))
        case "strip_suffix": operations.append(.stripSuffix(try constant()))
        case "replace":
            let replace = try node.members(["find", "with"], of: "replace")
            let find = try replace.required("find").text()
            guard !find.isEmpty else { throw node.error(.invalidValue, "'find' must not be empty") }
            operations.append(.replace(find: plan.constants.intern(find), with: plan.constants.intern(try replace.required("with").text())))
        case "split":
            let split = try node.members(["on", "take"], of: "split")
            let number = try split.required("take").integer()
            let separator = try split.required("on").text()
            guard number >= 0, !separator.isEmpty else { throw node.error(.invalidValue, "split needs a separator and a position from 0") }
            operations.append(.part(separator: plan.constants.intern(separator), number: Int32(number)))
        case "pattern":
            operations.append(try valuePattern(node))
        default: throw node.error(.unknownKey, "no operation is named '\(key)'")
        }
        outputs = nil
    }

    /// The field `value` of the first of some patterns that fits.
    private mutating func valuePattern(_ node: DefinitionNode) throws(ParsingError) -> Operation {
        let slot = names.newSlot()
        let first = Int32(plan.patterns.count)
        for element in node.list() {
            var hasValue = false
            let compiled = try pattern(element) { name in
                if name == "value" { hasValue = true }
                return name == "value" ? slot : -1
            }
            guard hasValue else { throw element.error(.missing, "a value's pattern needs a field <value:…>") }
            plan.patterns.append(compiled)
        }
        return .pattern(first: first, count: Int32(plan.patterns.count) - first, slot: slot)
    }

    /// The slot behind a name.
    mutating func slot(_ spelled: String, _ node: DefinitionNode) throws(ParsingError) -> Int32 {
        guard let path = FieldPath(spelled) else { throw node.error(.invalidValue, "'\(spelled)' is not a path") }
        if let slot = try elementSlot(path, node) { return slot }
        guard let slot = names.resolve(path) else {
            let known = names.known + elements.flatMap { [$0.name] + ($0.key.map { [$0.name] } ?? []) }
            throw node.error(.unknownName, "nothing provides '\(spelled)'\(DefinitionNode.suggestion(spelled, known))")
        }
        return slot
    }
}
