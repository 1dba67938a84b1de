import AuditModel

/// Conditions: what `when` asks.
extension DefinitionCompiler {
    private static let testKeys = ["is", "prefix", "suffix", "contains", "matches", "shape", "present", "not", "same_as", "differs_from"]

    /// Compiles a condition: all pairs of the mapping must hold.
    mutating func condition(_ node: DefinitionNode) throws(ParsingError) -> Condition {
        guard node.isMapping else {
            throw node.error(.invalidValue, "a condition is a mapping of names to what they must be, or all, any, not")
        }
        var parts: [Condition] = []
        for (key, keyNode, value) in try node.pairs() {
            switch key {
            case "all", "any":
                var inner: [Condition] = []
                for element in value.list() { inner.append(try condition(element)) }
                parts.append(key == "all" ? .all(inner) : .any(inner))
            case "not": parts.append(.not(try condition(value)))
            default: parts.append(try test(key, keyNode, value))
            }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func test(_ name: String, _ keyNode: DefinitionNode, _ node: DefinitionNode) throws(ParsingError) -> Condition {
        let slot = try slot(name, keyNode)
        let subject = add([.load(slot: slot)])
        guard node.isMapping else { return try equality(subject, node) }
        var parts: [Condition] = []
        let members = try node.members(Self.testKeys, of: "a test")
        for (key, _, value) in try members.owner.pairs() {
            switch key {
            case "is": parts.append(try equality(subject, value))
            case "not": parts.append(.not(value.isMapping ? try test(name, keyNode, value) : try equality(subject, value)))
            case "same_as": parts.append(.sameAs(subject, slot: try self.slot(try value.text(), value)))
            case "differs_from": parts.append(.differsFrom(subject, slot: try self.slot(try value.text(), value)))
            case "present":
                parts.append(try value.bool() ? .present(slot: slot) : .not(.present(slot: slot)))
            case "shape":
                guard let shape = ValueShape(rawValue: try value.text()) else {
                    throw value.error(.invalidValue, "shape is one of \(ValueShape.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                parts.append(.shape(subject, shape))
            case "matches":
                var alternatives: [Condition] = []
                for number in try patterns(value) { alternatives.append(.matches(subject, pattern: number)) }
                parts.append(.any(alternatives))
            default:
                var alternatives: [Condition] = []
                for text in try value.texts() {
                    let constant = plan.constants.intern(text)
                    switch key {
                    case "prefix": alternatives.append(.prefix(subject, constant))
                    case "suffix": alternatives.append(.suffix(subject, constant))
                    default: alternatives.append(.contains(subject, constant))
                    }
                }
                parts.append(.any(alternatives))
            }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func equality(_ subject: Expression, _ node: DefinitionNode) throws(ParsingError) -> Condition {
        if node.isSequence, node.list().count != 1 { return .isIn(subject, table: try set(node)) }
        return .equals(subject, plan.constants.intern(try node.list()[0].text()))
    }
}
