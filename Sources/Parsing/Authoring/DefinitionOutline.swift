import AuditModel

/// A definition's file by place: which line says what about a field, for explaining a record.
struct DefinitionOutline {
    /// The parser's id.
    let parser: String
    private let root: DefinitionNode
    private let lines: [Substring]
    private var bodies: [DefinitionPlace: DefinitionNode] = [:]

    /// - Throws: ``ParsingError`` where the bytes are no YAML, which a loaded definition's are.
    init(_ definition: ParserDefinition) throws(ParsingError) {
        parser = definition.id
        let text = String(decoding: definition.definitionBytes, as: UTF8.self)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        root = try DefinitionNode.parse(text, path: "\(definition.folder)/parser.yaml")
        for format in member("formats", of: root)?.list() ?? [] { collect(format) }
        collect(root)
    }

    private mutating func collect(_ node: DefinitionNode) {
        bodies[node.place] = node
        for rule in member("rules", of: node)?.list() ?? [] { collect(rule) }
    }

    private func member(_ key: String, of node: DefinitionNode) -> DefinitionNode? { entry(key, of: node)?.value }

    private func entry(_ key: String, of node: DefinitionNode) -> (key: DefinitionNode, value: DefinitionNode)? {
        guard let found = (try? node.pairs())?.first(where: { $0.key == key }) else { return nil }
        return (found.keyNode, found.value)
    }

    /// A line of the file.
    func origin(_ line: Int) -> DefinitionOrigin? {
        guard line > 0, line <= lines.count else { return nil }
        var text = lines[line - 1].drop { $0 == " " }
        while text.last == " " || text.last == "\r" { text = text.dropLast() }
        return DefinitionOrigin(parser: parser, line: line, text: String(text))
    }

    // MARK: Bodies

    /// The nodes that say something of a body, innermost first; the file's own last.
    func chain(_ places: [DefinitionPlace]) -> [DefinitionNode] { places.reversed().compactMap { bodies[$0] } + [root] }

    /// The format and rules that a record went through, outermost first.
    func path(_ places: [DefinitionPlace]) -> [DefinitionOrigin] { places.compactMap { origin($0.line) } }

    // MARK: Fields

    /// The lines that give an event's field its value, the most telling first.
    ///
    /// - Parameters:
    ///   - name: As in ``FlatFields``.
    ///   - event: The whole event: which element of a list speaks is told by its constants.
    func origins(of name: String, in event: Event, _ chain: [DefinitionNode]) -> [DefinitionOrigin] {
        let head = String(name.prefix { $0 != "[" })
        switch head {
        case "action": return actionOrigins(event, chain)
        case "source_action": return first(chain) { field("source_action", $0) ?? actions("from", $0) }
        case "category": return actionOrigins(event, chain)
        default: break
        }
        if head == "targets" || head == "changes" { return listOrigins(name, head, event, chain) }
        if name.hasPrefix("attributes.") {
            let own = String(name.dropFirst("attributes.".count))
            return first(chain) { member("attributes", of: $0).flatMap { entry(own, of: $0)?.key.place.line } }
        }
        return first(chain) { field(head, $0) }
    }

    private func first(_ chain: [DefinitionNode], _ line: (DefinitionNode) -> Int?) -> [DefinitionOrigin] {
        for node in chain { if let found = line(node) { return origin(found).map { [$0] } ?? [] } }
        return []
    }

    private func field(_ name: String, _ node: DefinitionNode) -> Int? {
        member("fields", of: node).flatMap { entry(name, of: $0)?.key.place.line }
    }

    private func actions(_ key: String, _ node: DefinitionNode) -> Int? {
        member("actions", of: node).flatMap { entry(key, of: $0)?.key.place.line }
    }

    /// The rule's own action, or the entry of the table that the code has, or `other`.
    private func actionOrigins(_ event: Event, _ chain: [DefinitionNode]) -> [DefinitionOrigin] {
        for node in chain {
            if let line = field("action", node) { return origin(line).map { [$0] } ?? [] }
            guard let actions = member("actions", of: node) else { continue }
            var table = member("table", of: actions)
            if let name = table?.scalarText { table = member("tables", of: root).flatMap { member(name, of: $0) } }
            let line = (event[.sourceAction].flatMap { code in table.flatMap { tableLine(code, $0) } }) ?? entry("other", of: actions)?.key.place.line
            return line.flatMap(origin).map { [$0] } ?? []
        }
        return []
    }

    private func tableLine(_ code: String, _ table: DefinitionNode) -> Int? {
        guard let pairs = try? table.pairs() else { return nil }
        if let exact = pairs.first(where: { $0.key == code }) { return exact.keyNode.place.line }
        let prefixes = pairs.filter { $0.key.hasSuffix("*") && code.hasPrefix($0.key.dropLast()) }
        return prefixes.max { $0.key.count < $1.key.count }?.keyNode.place.line
    }

    /// The elements of `targets` or `changes` that may have given this one.
    private func listOrigins(_ name: String, _ head: String, _ event: Event, _ chain: [DefinitionNode]) -> [DefinitionOrigin] {
        guard let list = chain.lazy.compactMap({ member(head, of: $0) }).first else { return [] }
        let elements = list.list()
        let number = Int(name.dropFirst(head.count + 1).prefix { $0 != "]" }) ?? 0
        let (key, word): (String, String?) =
            head == "targets"
            ? ("type", number < event.targets.count ? event.targets[number].type : nil)
            : ("field", number < event.changes.count ? event.changes[number].field : nil)
        let constants = elements.filter { element in
            guard let own = member(key, of: element)?.scalarText else { return false }
            return own == word
        }
        let open = elements.filter { member(key, of: $0)?.scalarText == nil }
        let likely = constants.isEmpty ? (open.isEmpty ? elements : open) : constants
        return likely.compactMap { origin($0.place.line) }
    }

    // MARK: Refusals

    /// The line that refused a record, where one did.
    func origin(ofReason reason: String, _ places: [DefinitionPlace]) -> DefinitionOrigin? {
        let chain = chain(places)
        if reason.hasPrefix("'"), let end = reason.dropFirst().firstIndex(of: "'") {
            let name = reason[reason.index(after: reason.startIndex)..<end]
            for node in chain {
                guard let require = member("require", of: node) else { continue }
                let nodes = require.isMapping ? ((try? require.pairs()) ?? []).map { ($0.key, $0.keyNode) } : require.list().map { ($0.scalarText ?? "", $0) }
                if let found = nodes.first(where: { $0.0 == name }) { return origin(found.1.place.line) }
            }
        }
        if let rule = chain.first, let own = entry("quarantine", of: rule), own.value.scalarText == reason { return origin(own.key.place.line) }
        if reason.hasPrefix("the line does not have the shape of format") {
            let name = String(reason.split(separator: " ").last ?? "")
            let formats = member("formats", of: root)?.list() ?? []
            let format = formats.first { (member("name", of: $0)?.scalarText ?? "record") == name }
            return format.flatMap { entry("pattern", of: $0)?.key.place.line }.flatMap(origin)
        }
        if reason.hasPrefix("a time") { return first(chain) { field("time", $0) ?? field("approval.expires", $0) }.first }
        if reason.hasPrefix("a text") || reason.hasPrefix("CSV inside") {
            let required = chain.lazy.compactMap { member("extract", of: $0) }.flatMap { $0.list() }.filter { member("required", of: $0) != nil }
            return required.first.flatMap { origin($0.place.line) }
        }
        return nil
    }
}

/// A line of a definition file.
public struct DefinitionOrigin: Hashable, Sendable {
    /// The parser whose file it is.
    public let parser: String
    /// Counted from one.
    public let line: Int
    /// What stands there, without indentation.
    public let text: String
}
