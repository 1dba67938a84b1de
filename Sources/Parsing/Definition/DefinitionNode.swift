import AuditModel
import Yams

/// A YAML node of a definition file, read strictly: every complaint names file, line and column.
struct DefinitionNode {
    let node: Node
    let path: String

    /// Parses a file's text.
    static func parse(_ text: String, path: String) throws(ParsingError) -> DefinitionNode {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw ParsingError(code: .invalidYAML, message: "the definition is empty", path: path)
            }
            return DefinitionNode(node: node, path: path)
        } catch let error as ParsingError {
            throw error
        } catch {
            throw yamlError(error, path: path)
        }
    }

    private static func yamlError(_ error: any Error, path: String) -> ParsingError {
        guard let yaml = error as? YamlError else {
            return ParsingError(code: .invalidYAML, message: "not YAML", path: path, cause: "\(error)")
        }
        switch yaml {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return ParsingError(code: .invalidYAML, message: "not YAML: \(problem)", path: path, line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(let duplicates, _):
            let names = duplicates.map { "\($0)" }.joined(separator: ", ")
            return ParsingError(code: .invalidYAML, message: "a key is there twice: \(names)", path: path)
        default: return ParsingError(code: .invalidYAML, message: "not YAML", path: path, cause: "\(yaml)")
        }
    }

    /// An error at this place.
    func error(_ code: ParsingError.Code, _ message: String) -> ParsingError {
        ParsingError(code: code, message: message, path: path, line: node.mark?.line, column: node.mark?.column)
    }

    var isMapping: Bool { node.mapping != nil }
    var isSequence: Bool { node.sequence != nil }

    /// Whether the value is `~`, `null` or nothing.
    var isNull: Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    /// The text of a scalar.
    func text() throws(ParsingError) -> String {
        guard let scalar = node.scalar else { throw error(.invalidValue, "a text is wanted here") }
        return scalar.string
    }

    func bool() throws(ParsingError) -> Bool {
        switch try text() {
        case "true", "yes": return true
        case "false", "no": return false
        default: throw error(.invalidValue, "true or false is wanted here")
        }
    }

    func integer() throws(ParsingError) -> Int {
        guard let value = Int(try text()) else { throw error(.invalidValue, "a whole number is wanted here") }
        return value
    }

    /// The elements of a sequence; a lone scalar or mapping counts as one.
    func list() -> [DefinitionNode] {
        guard let sequence = node.sequence else { return [self] }
        return sequence.map { DefinitionNode(node: $0, path: path) }
    }

    func texts() throws(ParsingError) -> [String] {
        var found: [String] = []
        for element in list() { found.append(try element.text()) }
        return found
    }

    /// The pairs of a mapping in the order of the file.
    func pairs() throws(ParsingError) -> [(key: String, keyNode: DefinitionNode, value: DefinitionNode)] {
        guard let mapping = node.mapping else { throw error(.invalidValue, "a mapping (key: value) is wanted here") }
        var found: [(key: String, keyNode: DefinitionNode, value: DefinitionNode)] = []
        for (key, value) in mapping {
            let keyNode = DefinitionNode(node: key, path: path)
            found.append((try keyNode.text(), keyNode, DefinitionNode(node: value, path: path)))
        }
        return found
    }

    /// The members of a mapping that may hold these keys and no others.
    func members(_ allowed: [String], of what: String) throws(ParsingError) -> DefinitionMembers {
        var values: [String: DefinitionNode] = [:]
        for (key, keyNode, value) in try pairs() {
            guard allowed.contains(key) else {
                throw keyNode.error(.unknownKey, "\(what) has no key '\(key)'\(Self.suggestion(key, allowed))")
            }
            values[key] = value
        }
        return DefinitionMembers(owner: self, what: what, values: values)
    }

    /// The text of a member, nil where this is no mapping or has none.
    func text(of key: String) throws(ParsingError) -> String? {
        guard isMapping else { return nil }
        for pair in try pairs() where pair.key == key { return try pair.value.text() }
        return nil
    }

    /// `; did you mean 'x'?` or the list of what is allowed.
    static func suggestion(_ name: String, _ candidates: [String]) -> String {
        if let nearest = NearestName.of(name, in: candidates) { return "; did you mean '\(nearest)'?" }
        guard candidates.count <= 24 else { return "" }
        return "; known are \(candidates.sorted().joined(separator: ", "))"
    }
}

/// The members of a mapping whose keys were checked.
struct DefinitionMembers {
    let owner: DefinitionNode
    let what: String
    let values: [String: DefinitionNode]

    subscript(key: String) -> DefinitionNode? { values[key] }

    /// A member that must be there.
    func required(_ key: String) throws(ParsingError) -> DefinitionNode {
        guard let value = values[key] else { throw owner.error(.missing, "\(what) needs '\(key)'") }
        return value
    }
}
