import AuditModel

/// A JSON document as names with their texts: `actor.id`, `targets[0].type`. For comparing and explaining events.
enum FlatFields {
    /// The leaves of a document in the order of their names; an empty list or object is a leaf.
    static func of(_ value: JSONValue) -> [(name: String, text: String)] {
        var found: [(String, String)] = []
        add(value, name: "", to: &found)
        return found
    }

    private static func add(_ value: JSONValue, name: String, to found: inout [(String, String)]) {
        switch value {
        case .object(let members) where !members.isEmpty:
            for (key, member) in members.sorted(by: { $0.key < $1.key }) { add(member, name: name.isEmpty ? key : "\(name).\(key)", to: &found) }
        case .array(let values) where !values.isEmpty:
            for (number, element) in values.enumerated() { add(element, name: "\(name)[\(number)]", to: &found) }
        case .string(let text): found.append((name, text))
        default: found.append((name, value.canonicalText))
        }
    }
}
