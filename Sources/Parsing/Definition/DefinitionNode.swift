import AuditModel

/// A YAML node of a definition file, read strictly: every complaint names file, line and column.
struct DefinitionNode {
    private let tree: YAMLTree
    private let number: Int32

    private init(_ tree: YAMLTree, _ number: Int32) {
        self.tree = tree
        self.number = number
    }

    /// Parses a file's text.
    static func parse(_ text: String, path: String) throws(ParsingError) -> DefinitionNode {
        let tree = try YAMLTree.read(text, path: path)
        return DefinitionNode(tree, Int32(tree.root))
    }

    private var node: YAMLTree.Node { tree.nodes[Int(number)] }

    /// An error at this place.
    func error(_ code: ParsingError.Code, _ message: String) -> ParsingError {
        ParsingError(code: code, message: message, path: tree.path, line: Int(node.line), column: Int(node.column))
    }

    /// Where the node begins.
    var place: DefinitionPlace { DefinitionPlace(line: Int(node.line), column: Int(node.column)) }

    /// The text of a scalar; nil for a mapping or a list.
    var scalarText: String? { node.kind == .scalar ? node.text : nil }

    var isMapping: Bool { node.kind == .mapping }
    var isSequence: Bool { node.kind == .sequence }

    /// Whether the value is `~`, `null` or nothing.
    var isNull: Bool {
        let node = node
        return node.isPlain && (node.text == "" || node.text == "~" || node.text == "null")
    }

    /// The text of a scalar.
    func text() throws(ParsingError) -> String {
        let node = node
        guard node.kind == .scalar else { throw error(.invalidValue, "a text is wanted here") }
        return node.text
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
        guard isSequence else { return [self] }
        return members.map { DefinitionNode(tree, $0) }
    }

    func texts() throws(ParsingError) -> [String] {
        var found: [String] = []
        for element in list() { found.append(try element.text()) }
        return found
    }

    /// The pairs of a mapping in the order of the file.
    func pairs() throws(ParsingError) -> [(key: String, keyNode: DefinitionNode, value: DefinitionNode)] {
        guard isMapping else { throw error(.invalidValue, "a mapping (key: value) is wanted here") }
        let members = members
        var found: [(key: String, keyNode: DefinitionNode, value: DefinitionNode)] = []
        found.reserveCapacity(members.count / 2)
        var place = members.startIndex
        while place < members.endIndex {
            let keyNode = DefinitionNode(tree, members[place])
            found.append((try keyNode.text(), keyNode, DefinitionNode(tree, members[place + 1])))
            place += 2
        }
        return found
    }

    /// The text of a scalar, empty for others.
    var scalar: String { node.text }

    /// The value of a mapping's key; nil where there is none, or this is no mapping.
    subscript(key: String) -> DefinitionNode? { keysAndValues.first { $0.key.scalar == key }?.value }

    /// The members of a mapping, none for others.
    var keysAndValues: [(key: DefinitionNode, value: DefinitionNode)] {
        guard isMapping else { return [] }
        let members = Array(members)
        return stride(from: 0, to: members.count, by: 2).map { (DefinitionNode(tree, members[$0]), DefinitionNode(tree, members[$0 + 1])) }
    }

    /// Numbers of elements, or of keys and values in turn.
    private var members: ArraySlice<Int32> {
        let node = node
        return tree.members[Int(node.first)..<Int(node.first + node.count)]
    }

    /// The members of a mapping that may hold these keys and no others.
    func members(_ allowed: [String], of what: String) throws(ParsingError) -> DefinitionMembers {
        let pairs = try pairs()
        for (key, keyNode, _) in pairs where !allowed.contains(key) {
            throw keyNode.error(.unknownKey, "\(what) has no key '\(key)'\(Self.suggestion(key, allowed))")
        }
        return DefinitionMembers(owner: self, what: what, pairs: pairs)
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

/// Nodes put together of others, with the place and the file of one of them.
extension DefinitionNode {
    static func scalar(_ text: String, like place: DefinitionNode) -> DefinitionNode { made(.scalar, text, of: [], like: place) }

    static func list(_ elements: [DefinitionNode], like place: DefinitionNode) -> DefinitionNode { made(.sequence, "", of: elements, like: place) }

    static func mapping(_ pairs: [(DefinitionNode, DefinitionNode)], like place: DefinitionNode) -> DefinitionNode {
        made(.mapping, "", of: pairs.flatMap { [$0.0, $0.1] }, like: place)
    }

    private static func made(
        _ kind: YAMLTree.Node.Kind, _ text: String, of members: [DefinitionNode], like place: DefinitionNode
    ) -> DefinitionNode {
        var builder = YAMLTree.Builder()
        let inside = members.map { builder.copy($0.number, of: $0.tree) }
        let (line, column) = (place.node.line, place.node.column)
        let root = builder.add(kind, text: text, isPlain: kind == .scalar, line: line, column: column, members: inside)
        return DefinitionNode(YAMLTree(nodes: builder.nodes, members: builder.members, root: Int(root), path: place.tree.path), root)
    }
}

/// The members of a mapping whose keys were checked.
struct DefinitionMembers {
    let owner: DefinitionNode
    let what: String
    /// A few, so that going through them is the fastest way to one.
    fileprivate let pairs: [(key: String, keyNode: DefinitionNode, value: DefinitionNode)]

    subscript(key: String) -> DefinitionNode? {
        for pair in pairs where pair.key == key { return pair.value }
        return nil
    }

    /// A member that must be there.
    func required(_ key: String) throws(ParsingError) -> DefinitionNode {
        guard let value = self[key] else { throw owner.error(.missing, "\(what) needs '\(key)'") }
        return value
    }
}
