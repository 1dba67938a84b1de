import AuditModel

/// `extract` and `let`: names taken out of texts and lists.
extension DefinitionCompiler {
    private static let extractionKeys = ["from", "pattern", "json", "key_value", "csv", "pairs", "xml", "required"]
    private static let kinds = ["pattern", "json", "key_value", "csv", "pairs", "xml"]
    private static let pairsKeys = ["key", "value", "into"]
    private static let xmlKeys = ["into", "root"]

    /// Declares the names that extractions and rules below `node` provide.
    mutating func declareNames(in node: DefinitionNode) throws(ParsingError) {
        guard node.isMapping else { return }
        for (key, _, value) in try node.pairs() {
            switch key {
            case "let":
                for (name, _, _) in try value.pairs() { names.providers[name] = .text }
            case "extract":
                for step in value.list() { try declareNames(ofStep: step) }
            case "match":
                for (_, _, patterns) in try value.pairs() { try declareFields(ofPatterns: patterns, isFormat: false) }
            case "rules":
                for rule in value.list() { try declareNames(in: rule) }
            default: break
            }
        }
    }

    private mutating func declareNames(ofStep node: DefinitionNode) throws(ParsingError) {
        let members = try node.members(Self.extractionKeys, of: "an extraction")
        if let patterns = members["pattern"] { try declareFields(ofPatterns: patterns, isFormat: false) }
        if let json = members["json"] { declareDocument(try json.text()) }
        if let xml = members["xml"] { declareDocument(try xml.members(Self.xmlKeys, of: "xml").required("into").text()) }
        if let node = members["key_value"] {
            let into = try node.members(Self.keyValueKeys, of: "key_value").required("into").text()
            names.keyTables.append([])
            names.providers[into] = .keyValue(names.keyTables.count - 1)
        }
        if let node = members["pairs"] {
            let into = try node.members(Self.pairsKeys, of: "pairs").required("into").text()
            names.keyTables.append([])
            names.providers[into] = .pairs(names.keyTables.count - 1)
        }
        if let node = members["csv"] {
            let csv = try node.members(["columns", "delimiter", "into"], of: "csv")
            names.providers[try csv.required("into").text()] = .columns(Set(try csv.required("columns").texts()))
        }
    }

    private mutating func declareDocument(_ into: String) {
        // Document 0 is the record itself, also where the record is neither JSON nor XML.
        if names.documents.isEmpty { names.documents.append(PathTrie()) }
        names.documents.append(PathTrie())
        names.providers[into] = .document(names.documents.count - 1)
    }

    mutating func declareFields(ofPatterns node: DefinitionNode, isFormat: Bool) throws(ParsingError) {
        for element in node.list() {
            var declared: [String] = []
            _ = try pattern(element) { name in
                declared.append(name)
                return 0
            }
            for name in declared {
                if isFormat { names.providers[name] = .text } else { names.declareField(name) }
            }
        }
    }

    /// Compiles the steps of a body: extractions first, then `let`.
    mutating func steps(_ members: DefinitionMembers) throws(ParsingError) -> [ExtractionStep] {
        var steps: [ExtractionStep] = []
        for step in members["extract"]?.list() ?? [] { steps.append(try extraction(step)) }
        for (name, _, value) in try members["let"]?.pairs() ?? [] {
            let expression = try expression(value).expression
            steps.append(.let_(expression, slot: names.declare(name)))
        }
        return steps
    }

    private mutating func extraction(_ node: DefinitionNode) throws(ParsingError) -> ExtractionStep {
        let members = try node.members(Self.extractionKeys, of: "an extraction")
        guard let kind = Self.kinds.first(where: { members[$0] != nil }), let how = members[kind] else {
            throw node.error(.missing, "an extraction needs one of \(Self.kinds.map { "'\($0)'" }.joined(separator: ", "))")
        }
        if let other = Self.kinds.first(where: { $0 != kind && members[$0] != nil }) {
            throw node.error(.invalidValue, "an extraction has one way to read its text: '\(kind)' or '\(other)'")
        }
        let fromNode = try members.required("from")
        let isRequired = try members["required"]?.bool() ?? false
        if kind == "pairs" { return try pairs(fromNode, how, isRequired) }
        let into = kind == "json" ? try how.text() : try how.text(of: "into")
        if let into, !fromNode.isMapping, !fromNode.isSequence, try fromNode.text() == into {
            throw fromNode.error(.invalidValue, "'\(into)' is what this extraction gives: give it another name than its text has")
        }
        let from = try expression(fromNode).expression
        switch kind {
        case "pattern": return .pattern(from, patterns: try patterns(how), isRequired: isRequired)
        case "json": return .json(from, document: document(try how.text()), isRequired: isRequired)
        case "xml":
            let xml = try how.members(Self.xmlKeys, of: "xml")
            if let root = xml["root"] { plan.xmlRoots[document(try xml.required("into").text())] = Set(try root.texts()) }
            return .xml(from, document: document(try xml.required("into").text()), isRequired: isRequired)
        case "key_value":
            if isRequired { throw members.owner.error(.invalidValue, "'required' has no meaning for key_value: require its names") }
            let into = try how.members(Self.keyValueKeys, of: "key_value").required("into").text()
            guard case .keyValue(let table) = names.providers[into] else { throw how.error(.invalidValue, "'\(into)' is something else too") }
            return .keyValue(from, try keyValueReader(how), keys: Int32(table))
        default: return try csv(from, how, isRequired)
        }
    }

    private func document(_ into: String) -> Int {
        if case .document(let number) = names.providers[into] { return number }
        return 0
    }

    private mutating func csv(_ from: Expression, _ node: DefinitionNode, _ isRequired: Bool) throws(ParsingError) -> ExtractionStep {
        let csv = try node.members(["columns", "delimiter", "into"], of: "csv")
        let into = try csv.required("into").text()
        let delimiter = Array((try csv["delimiter"]?.text() ?? ",").utf8)
        guard delimiter.count == 1 else { throw node.error(.invalidValue, "a delimiter is one character") }
        var slots: [Int32] = []
        for column in try csv.required("columns").texts() { slots.append(try slot("\(into).\(column)", node)) }
        return .csv(from, delimiter: delimiter[0], slots: slots, isRequired: isRequired)
    }

    /// Elements {name, value} of a list as names.
    private mutating func pairs(_ from: DefinitionNode, _ node: DefinitionNode, _ isRequired: Bool) throws(ParsingError) -> ExtractionStep {
        let pairs = try node.members(Self.pairsKeys, of: "pairs")
        let into = try pairs.required("into").text()
        guard case .pairs(let table) = names.providers[into] else { throw node.error(.invalidValue, "'\(into)' is something else too") }
        var sources: [Int32] = []
        names.elementTries.append(PathTrie())
        let trie = names.elementTries.count - 1
        for source in from.list() {
            guard !source.isMapping else { throw source.error(.invalidValue, "pairs come from a list in the record: give its name") }
            sources.append(try slot(try source.text(), source))
            if let path = FieldPath(try source.text()) { elementsByArray[path.canonical, default: []].append(trie) }
        }
        var slots: [Int32] = []
        var paths: Set<FieldPath> = []
        for element in [try pairs.required("key")] + (try pairs.required("value").list()) {
            guard let path = FieldPath(try element.text()) else { throw element.error(.invalidValue, "'\(try element.text())' is not a path") }
            guard paths.insert(path).inserted else { throw element.error(.invalidValue, "'\(path.canonical)' is there twice") }
            let slot = names.newSlot()
            names.elementTries[trie].setSlot(slot, at: path)
            slots.append(slot)
        }
        guard slots.count > 1 else { throw node.error(.missing, "pairs need a key and a value") }
        return .pairs(sources, trie: trie, slots: slots, keys: Int32(table), isRequired: isRequired)
    }
}
