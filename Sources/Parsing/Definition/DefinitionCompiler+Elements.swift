import AuditModel

/// `each`: what is gone through element by element, and the names inside.
extension DefinitionCompiler {
    private static let eachKeys = ["from", "split", "members", "key", "as", "key_value"]
    /// Arrays inside arrays.
    private static let mostLevels = 4

    /// The names of an element while what is inside `each` is compiled.
    struct ElementScope {
        /// How the element is called.
        let name: String
        /// How the key of a member is called, nil where elements have none.
        let key: (name: String, slot: Int32)?
        let source: EachPlan.Source
        let trie: Int
        let itemSlot: Int32
        /// The array as `dropped` spells it.
        let array: String?
        /// How an element that is a part of a text holds pairs of its own, and the number of their keys; nil where it does not.
        let pairs: (reader: KeyValueText, keys: Int)?
        var slots: [String: Int32] = [:]
    }

    /// Begins the scopes of one `each`; how many to close again.
    mutating func openEach(_ node: DefinitionNode) throws(ParsingError) -> Int {
        let levels = node.list()
        guard !levels.isEmpty, levels.count <= Self.mostLevels else {
            throw node.error(.invalidValue, "'each' goes through one list, or up to \(Self.mostLevels) inside one another")
        }
        for level in levels { try openLevel(level) }
        return levels.count
    }

    private mutating func openLevel(_ node: DefinitionNode) throws(ParsingError) {
        guard node.isMapping else {
            return try openList(node, name: "item")
        }
        let members = try node.members(Self.eachKeys, of: "each")
        let name = try elementName(members["as"]) ?? "item"
        if let objectNode = members["members"] {
            guard members["from"] == nil, members["split"] == nil else {
                throw objectNode.error(.invalidValue, "'each' has 'members' or 'from', not both")
            }
            let key = try elementName(members["key"]) ?? "key"
            guard key != name else { throw node.error(.invalidValue, "a member and its key cannot both be '\(key)'") }
            let keySlot = names.newSlot()
            let source = EachPlan.Source.members(slot: try slot(try objectNode.text(), objectNode), key: keySlot)
            return openScope(source, name: name, key: (key, keySlot), array: try arrayName(objectNode))
        }
        if let keyNode = members["key"] { throw keyNode.error(.invalidValue, "only 'members' have a key") }
        let from = try members.required("from")
        guard let splitNode = members["split"] else {
            if let pairsNode = members["key_value"] { throw pairsNode.error(.missing, "'key_value' goes with 'split'") }
            return try openList(from, name: name)
        }
        let separator = try splitNode.text()
        guard !separator.isEmpty else { throw splitNode.error(.invalidValue, "'split' must not be empty") }
        var pairs: (reader: KeyValueText, keys: Int)?
        if let pairsNode = members["key_value"] {
            names.keyTables.append([])
            pairs = (try keyValueReader(pairsNode), names.keyTables.count - 1)
        }
        let text = try expression(from).expression
        openScope(.text(text, separator: plan.constants.intern(separator)), name: name, key: nil, array: nil, pairs: pairs)
    }

    /// Begins a scope for an array, or for the lines of one kind of a joined record.
    private mutating func openList(_ node: DefinitionNode, name: String) throws(ParsingError) {
        let spelled = try node.text()
        let slot = try slot(spelled, node)
        guard case .lines(let keys) = names.providers[spelled] else {
            return openScope(.array(slot: slot), name: name, key: nil, array: try arrayName(node))
        }
        let source = EachPlan.Source.text(add([.load(slot: slot)]), separator: plan.constants.intern("\n"))
        openScope(
            source, name: name, key: nil, array: spelled,
            pairs: (partReaders[keys] ?? KeyValueText(separator: UInt8(ascii: " "), assign: UInt8(ascii: "=")), keys))
    }

    private func elementName(_ node: DefinitionNode?) throws(ParsingError) -> String? {
        guard let node else { return nil }
        let name = try node.text()
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }) else {
            throw node.error(.invalidValue, "the name of an element holds letters, digits and _ only")
        }
        return name
    }

    /// How `dropped` calls an array: that of an element by the array of the element.
    private func arrayName(_ node: DefinitionNode) throws(ParsingError) -> String? {
        guard let path = FieldPath(try node.text()) else { return nil }
        guard let scope = elements.last(where: { $0.name == path.head }) else { return path.canonical }
        return scope.array.map { path.steps.count == 1 ? "\($0)[]" : "\($0)[].\(path.tail.canonical)" }
    }

    private mutating func openScope(
        _ source: EachPlan.Source, name: String, key: (String, Int32)?, array: String?, pairs: (KeyValueText, Int)? = nil
    ) {
        names.elementTries.append(PathTrie())
        let trie = names.elementTries.count - 1
        if let array { elementsByArray[array, default: []].append(trie) }
        let itemSlot = names.newSlot()
        names.elementTries[trie].setSlot(itemSlot, at: FieldPath(steps: []))
        elements.append(ElementScope(name: name, key: key, source: source, trie: trie, itemSlot: itemSlot, array: array, pairs: pairs))
    }

    /// Ends the innermost scopes.
    mutating func closeEach(_ count: Int) -> EachPlan {
        let scopes = elements.suffix(count)
        elements.removeLast(count)
        return EachPlan(
            levels: scopes.map { scope in
                let key = scope.key.map { [$0.slot] } ?? []
                return EachPlan.Level(
                    source: scope.source, trie: scope.trie, slots: [scope.itemSlot] + key + scope.slots.values.sorted(),
                    itemSlot: scope.itemSlot, pairs: scope.pairs?.reader, keys: Int32(scope.pairs?.keys ?? -1))
            })
    }

    /// The slot of a name of an element that is gone through, the innermost of that name; nil for another name.
    mutating func elementSlot(_ path: FieldPath, _ node: DefinitionNode) throws(ParsingError) -> Int32? {
        var number = elements.count - 1
        while number >= 0 {
            let scope = elements[number]
            if path.head == scope.name { return try elementSlot(path, number, node) }
            if let key = scope.key, path.head == key.name, path.steps.count == 1 { return key.slot }
            number -= 1
        }
        guard path.head != "item" else { throw node.error(.unknownName, "'item' has a meaning only inside 'each'") }
        return nil
    }

    private mutating func elementSlot(_ path: FieldPath, _ number: Int, _ node: DefinitionNode) throws(ParsingError) -> Int32 {
        let scope = elements[number]
        if path.steps.count == 1 { return scope.itemSlot }
        if case .text = scope.source, scope.pairs == nil { throw node.error(.unknownName, "'\(scope.name)' is a part of a text here: it has no names") }
        let spelled = path.tail.canonical
        if let known = scope.slots[spelled] { return known }
        let slot = names.newSlot()
        elements[number].slots[spelled] = slot
        if let pairs = scope.pairs {
            guard let key = path.tail.dottedKey else { throw node.error(.invalidValue, "'\(spelled)' is no key of a pair") }
            names.keyTables[pairs.keys].append((key, slot))
            return slot
        }
        names.elementTries[scope.trie].setSlot(slot, at: path.tail)
        return slot
    }

    // MARK: What a body with `each` fills

    /// The slots that a body's own steps and rules fill: what one element said is not true of the next.
    func filledSlots(of body: BodyPlan) -> Set<Int32> {
        var slots: Set<Int32> = []
        for step in body.steps { slots.formUnion(filledSlots(by: step)) }
        for rule in body.rules {
            if let condition = rule.condition { slots.formUnion(filledSlots(by: condition)) }
            for match in rule.matches { slots.formUnion(fields(of: match.patterns)) }
            slots.formUnion(filledSlots(of: plan.bodies[rule.body]))
        }
        return slots
    }

    private func filledSlots(by step: ExtractionStep) -> Set<Int32> {
        switch step {
        case .pattern(_, let patterns, _): fields(of: patterns)
        case .json(_, let document, _), .xml(_, let document, _): names.documents[document].slots
        case .keyValue(_, _, let keys), .pairs(_, _, _, let keys, _): Set(names.keyTables[Int(keys)].map(\.slot).filter { $0 >= 0 })
        case .csv(_, _, let slots, _): Set(slots)
        case .let_(_, let slot): [slot]
        }
    }

    private func filledSlots(by condition: Condition) -> Set<Int32> {
        switch condition {
        case .matches(_, let pattern): fields(of: [pattern])
        case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion(filledSlots(by: $1)) }
        case .not(let part): filledSlots(by: part)
        default: []
        }
    }

    private func fields(of patterns: [Int32]) -> Set<Int32> {
        var slots: Set<Int32> = []
        for number in patterns {
            for instruction in plan.patterns[Int(number)].instructions {
                switch instruction {
                case .field(_, let slot) where slot >= 0, .oneOf(_, let slot) where slot >= 0: slots.insert(slot)
                default: break
                }
            }
        }
        return slots
    }

    /// Notes for each body that is run element by element what it fills: once all names are known.
    mutating func settleElements() {
        for number in plan.bodies.indices where plan.bodies[number].each != nil {
            let locals = filledSlots(of: plan.bodies[number]).sorted()
            plan.bodies[number].each?.locals = locals
        }
    }
}
