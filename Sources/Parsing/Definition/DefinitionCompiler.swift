import AuditModel

/// Compiles one `parser.yaml` into a ``ParsePlan``. Stops at the first thing that is wrong.
///
/// Names are collected first, so that a rule's pattern fields can be used by the fields above it; then formats, bodies and
/// rules are compiled from the outside in, each body merged over its parent.
struct DefinitionCompiler {
    let taxonomy: ActionTaxonomy
    var plan = PlanBuilder()
    var names = NameSpace()
    /// Named value tables: number and the values they lead to.
    var tables: [String: (number: Int32, outputs: Set<String>)] = [:]
    /// Elements of the arrays being compiled, innermost last.
    var elements: [ElementScope] = []
    /// Tries of elements by array name, for dropped paths below them.
    var elementsByArray: [String: [Int]] = [:]
    var handOvers: Set<String> = []
    /// How pairs of the parts of joined records are read, by the number of their keys.
    var partReaders: [Int: KeyValueText] = [:]

    init(taxonomy: ActionTaxonomy) { self.taxonomy = taxonomy }

    static let rootKeys = ["id", "version", "title", "reference", "tables", "formats", "not_applicable", "dropped", "mapping"] + bodyKeys
    static let bodyKeys = ["extract", "let", "require", "actions", "fields", "targets", "changes", "attributes", "rules"]

    /// What a definition file says about itself.
    struct Header {
        let id: String
        let version: String
        let title: String
        let notApplicable: Set<Question>
        /// Keys of a format that a source's mapping gives, for a generic parser.
        let mappingKeys: [String]?
    }

    mutating func compile(_ root: DefinitionNode) throws(ParsingError) -> Header {
        let members = try root.members(Self.rootKeys, of: "a parser definition")
        let header = try header(members)
        if let node = members["tables"] { try compileTables(node) }
        let formats = try members.required("formats")
        try declareFormats(formats)
        try declareNames(in: root)
        for format in formats.list() { try declareNames(in: format) }
        try compileFormats(formats, root: members)
        if let node = members["dropped"] { try compileDropped(node) }
        settleColumns()
        settleNames()
        settleElements()
        return header
    }

    private func header(_ members: DefinitionMembers) throws(ParsingError) -> Header {
        let idNode = try members.required("id")
        let id = try idNode.text()
        guard !id.isEmpty, id.utf8.allSatisfy({ $0.isDigit || ($0 >= 97 && $0 <= 122) || $0 == UInt8(ascii: "_") }) else {
            throw idNode.error(.invalidValue, "an id holds lower-case letters, digits and _ only")
        }
        let version = try members.required("version")
        guard try version.integer() >= 1 else { throw version.error(.invalidValue, "a version is a whole number from 1") }
        _ = try members["reference"]?.text()
        var questions: Set<Question> = []
        if let node = members["not_applicable"] {
            for element in node.list() {
                let name = try element.text()
                guard let question = Question(rawValue: name) else {
                    throw element.error(
                        .invalidValue, "no question is named '\(name)'\(DefinitionNode.suggestion(name, Question.allCases.map(\.rawValue)))"
                    )
                }
                questions.insert(question)
            }
        }
        let mappingKeys = try members["mapping"]?.texts()
        for key in mappingKeys ?? [] where !Self.formatKeys.contains(key) || Self.bodyKeys.contains(key) {
            throw (members["mapping"] ?? members.owner).error(
                .invalidValue, "a mapping cannot give '\(key)' of a format\(DefinitionNode.suggestion(key, Self.formatKeys))")
        }
        return Header(
            id: id, version: try version.text(), title: try members.required("title").text(), notApplicable: questions,
            mappingKeys: mappingKeys)
    }

    private mutating func compileTables(_ node: DefinitionNode) throws(ParsingError) {
        for (name, _, value) in try node.pairs() { tables[name] = try table(value) }
    }

    /// Adds a value table; its outputs are what a value can become.
    mutating func table(_ node: DefinitionNode) throws(ParsingError) -> (number: Int32, outputs: Set<String>) {
        var entries: [(key: String, result: Int32)] = []
        var outputs: Set<String> = []
        var known: Set<String> = []
        for (key, keyNode, value) in try node.pairs() {
            guard known.insert(key).inserted else { throw keyNode.error(.invalidValue, "'\(key)' is in the table twice") }
            guard key.utf8.count(where: { $0 == UInt8(ascii: "*") }) <= 2, key == "*" || !key.contains("**") else {
                throw keyNode.error(.invalidValue, "'\(key)' has more than two *, or two in a row; each stands for any text")
            }
            let text = try value.text()
            outputs.insert(text)
            entries.append((key, plan.constants.intern(text)))
        }
        plan.tables.append(LookupTable(entries, keys: plan.constants, memory: plan.memory))
        return (Int32(plan.tables.count - 1), outputs)
    }

    /// Adds a set of whole texts, in which a star is a star.
    ///
    /// - Parameter ofKeys: Whether they are keys, in which a star stands for any text.
    mutating func set(_ node: DefinitionNode, ofKeys: Bool = false) throws(ParsingError) -> Int32 {
        var texts: [String] = []
        for element in node.list() {
            let text = try element.text()
            guard ofKeys || !text.contains("*") || text.hasPrefix("*") && text.hasSuffix("*") else {
                throw element.error(
                    .invalidValue,
                    "'\(text)': whole texts are compared here; 'prefix' and 'suffix' are conditions, and only keys of a table take a *")
            }
            texts.append(text)
        }
        let yes = plan.constants.intern("")
        let entries = Array(Set(texts)).sorted().map { ($0, yes) }
        plan.tables.append(LookupTable(entries, hasStars: ofKeys, keys: plan.constants, memory: plan.memory))
        return Int32(plan.tables.count - 1)
    }

    private mutating func compileDropped(_ node: DefinitionNode) throws(ParsingError) {
        for element in node.list() {
            let spelled = try element.text()
            plan.droppedNames.append(spelled)
            let counter = Int32(plan.droppedNames.count - 1)
            guard plan.droppedNames.count <= 4096 else { throw element.error(.invalidValue, "at most 4095 dropped paths") }
            if let brackets = spelled.ranges(of: "[].").last {
                let array = String(spelled[..<brackets.lowerBound])
                guard let tries = elementsByArray[array], let path = FieldPath(String(spelled[brackets.upperBound...])) else {
                    throw element.error(.unknownName, "'\(array)' is not an array that anything goes through with 'each'")
                }
                for trie in tries { names.elementTries[trie].setDropped(counter, at: path) }
                continue
            }
            guard let path = FieldPath(spelled) else { throw element.error(.invalidValue, "'\(spelled)' is not a path") }
            try drop(path, spelled, counter, element)
        }
    }

    private mutating func drop(_ path: FieldPath, _ spelled: String, _ counter: Int32, _ node: DefinitionNode) throws(ParsingError) {
        if case .document(let number) = names.providers[path.head], path.steps.count > 1 {
            names.documents[number].setDropped(counter, at: path.tail)
        } else if case .keyValue(let table) = names.providers[path.head], path.steps.count > 1 {
            names.keyTables[table].append((path.tail.dottedKey ?? spelled, -1 - counter))
        } else if case .pairs(let table) = names.providers[path.head], path.steps.count > 1 {
            names.keyTables[table].append((path.tail.dottedKey ?? spelled, -1 - counter))
        } else if names.hasJSONFormat {
            names.documents[0].setDropped(counter, at: path)
            if let table = names.keyValueFormat, let key = path.dottedKey { names.keyTables[table].append((key, -1 - counter)) }
        } else if let table = names.keyValueFormat {
            names.keyTables[table].append((path.dottedKey ?? spelled, -1 - counter))
        } else if !plan.formats.contains(where: { if case .csv = $0.reading { true } else { false } }) {
            throw node.error(.unknownName, "'\(spelled)' is no path that this parser meets")
        }
    }

    /// Lays everything out for running.
    func finish() -> ParsePlan {
        ParsePlan(
            plan, documents: names.documents.map(CompiledTrie.init), elements: names.elementTries.map(CompiledTrie.init),
            keyTables: names.keyTables.map { KeyTable($0, keys: plan.constants, memory: plan.memory) }, slotCount: names.slotCount,
            taxonomy: taxonomy)
    }
}
