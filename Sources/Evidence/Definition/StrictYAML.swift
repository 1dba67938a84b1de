import AuditModel
import Yams

/// A YAML mapping that is read strictly: every key must be known, and errors carry the file, the line and the nearest key.
struct StrictYAML {
    let path: String
    /// Where the mapping stands in the document, for messages: `charts[1]`.
    let place: String
    let line: Int
    private let entries: [(key: String, line: Int, node: Node)]

    /// Reads a document whose top is a mapping.
    init(document text: String, path: String) throws(EvidenceError) {
        let node: Node?
        do { node = try Yams.compose(yaml: text) } catch {
            throw EvidenceError(.definition, "this is not YAML: \(error)", path: path)
        }
        guard let node else { throw EvidenceError(.definition, "the file is empty", path: path) }
        try self.init(node, path: path, place: "")
    }

    init(_ node: Node, path: String, place: String) throws(EvidenceError) {
        self.path = path
        self.place = place
        line = node.mark?.line ?? 1
        guard case .mapping(let mapping) = node else {
            throw EvidenceError(
                .definition, "\(place.isEmpty ? "the document" : "`\(place)`") must be a mapping (name: value)", path: path, line: line)
        }
        var entries: [(String, Int, Node)] = []
        for (key, value) in mapping {
            guard let name = key.string else {
                throw EvidenceError(.definition, "a key must be a plain name", path: path, line: key.mark?.line)
            }
            entries.append((name, key.mark?.line ?? line, value))
        }
        self.entries = entries
    }

    /// The keys with their lines, in the order written.
    var keys: [(name: String, line: Int)] { entries.map { ($0.key, $0.line) } }

    /// Refuses keys other than `known`.
    func allow(_ known: [String]) throws(EvidenceError) {
        for entry in entries where !known.contains(entry.key) {
            let within = place.isEmpty ? "" : " in `\(place)`"
            throw EvidenceError(
                .definition,
                "unknown key `\(entry.key)`\(within)\(NearestName.hint(entry.key, among: known)); known keys: \(known.joined(separator: ", "))",
                path: path, line: entry.line)
        }
    }

    func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// The line of a key, or of the mapping.
    func line(of key: String) -> Int { entries.first { $0.key == key }?.line ?? line }

    /// An error at a key.
    func error(_ key: String, _ message: String) -> EvidenceError {
        EvidenceError(.definition, "`\(name(of: key))`: \(message)", path: path, line: line(of: key))
    }

    func node(_ key: String) -> Node? { entries.first { $0.key == key }?.node }

    /// A text, required.
    func text(_ key: String) throws(EvidenceError) -> String {
        guard let text = try optionalText(key) else {
            throw EvidenceError(.definition, "`\(name(of: key))` is missing", path: path, line: line)
        }
        return text
    }

    /// A text without line breaks at its ends, or nil where the key is absent.
    func optionalText(_ key: String) throws(EvidenceError) -> String? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let scalar) = node else { throw error(key, "must be a text") }
        let text = scalar.string.trimmed
        guard !text.isEmpty else { throw error(key, "is empty") }
        return text
    }

    func integer(_ key: String) throws(EvidenceError) -> Int? {
        guard let text = try optionalText(key) else { return nil }
        guard let number = Int(text) else { throw error(key, "must be a whole number, not `\(text)`") }
        return number
    }

    /// A list of texts; a single text counts as a list of one.
    func texts(_ key: String) throws(EvidenceError) -> [String] {
        guard let node = node(key) else { return [] }
        if case .scalar = node { return [try text(key)] }
        guard case .sequence(let sequence) = node else { throw error(key, "must be a list of texts") }
        var result: [String] = []
        for element in sequence {
            guard case .scalar(let scalar) = element, !scalar.string.trimmed.isEmpty else { throw error(key, "must be a list of texts") }
            result.append(scalar.string.trimmed)
        }
        return result
    }

    /// A list of texts with the line of each.
    func textsWithLines(_ key: String) throws(EvidenceError) -> [(text: String, line: Int)] {
        let texts = try texts(key)
        guard case .sequence(let sequence)? = node(key) else { return texts.map { ($0, line(of: key)) } }
        return zip(texts, sequence).map { ($0, $1.mark?.line ?? line(of: key)) }
    }

    /// A mapping below this one, or nil.
    func mapping(_ key: String) throws(EvidenceError) -> StrictYAML? {
        guard let node = node(key) else { return nil }
        return try StrictYAML(node, path: path, place: name(of: key))
    }

    /// The members of a mapping whose keys are names that the author chooses, each itself a mapping.
    func namedMappings(_ key: String) throws(EvidenceError) -> [(name: String, value: StrictYAML)] {
        guard let outer = try mapping(key) else { return [] }
        var result: [(String, StrictYAML)] = []
        for entry in outer.entries {
            result.append((entry.key, try StrictYAML(entry.node, path: path, place: "\(outer.place).\(entry.key)")))
        }
        return result
    }

    /// A list of mappings.
    func mappings(_ key: String) throws(EvidenceError) -> [StrictYAML] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let sequence) = node else { throw error(key, "must be a list") }
        var result: [StrictYAML] = []
        for (index, element) in sequence.enumerated() {
            result.append(try StrictYAML(element, path: path, place: "\(name(of: key))[\(index)]"))
        }
        return result
    }

    /// Whether a key holds a list.
    func isList(_ key: String) -> Bool {
        if case .sequence? = node(key) { true } else { false }
    }

    /// A key with its place, for messages.
    func name(of key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }
}

extension String {
    /// Without white space and line breaks at both ends.
    var trimmed: String {
        var view = self[...]
        while let first = view.first, first.isWhitespace { view = view.dropFirst() }
        while let last = view.last, last.isWhitespace { view = view.dropLast() }
        return String(view)
    }
}
