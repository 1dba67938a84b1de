import AuditModel

/// `join`: lines of one deed that are one record (docs/parsers.md).
extension DefinitionCompiler {
    private static let joinKeys = ["line", "key", "kind", "first", "last", "main", "parts", "seconds", "lines", "bytes", "wait"]
    private static let partKeys = ["name", "several", "key_value", "json"]

    /// Declares the names of the parts.
    mutating func declareParts(_ node: DefinitionNode) throws(ParsingError) {
        for (_, _, value) in try node.members(Self.joinKeys, of: "'join'")["parts"]?.pairs() ?? [] {
            guard value.isMapping else {
                names.providers[try value.text()] = .text
                continue
            }
            let part = try value.members(Self.partKeys, of: "a part")
            let name = try part.required("name").text()
            if let reader = part["key_value"] {
                names.keyTables.append([])
                let keys = names.keyTables.count - 1
                partReaders[keys] = try keyValueReader(reader)
                names.providers[name] = try part["several"]?.text() == "each" ? .lines(keys: keys) : .keyValue(keys)
            } else if try part["json"]?.bool() ?? false {
                names.documents.append(PathTrie())
                if names.documents.count == 1 { names.documents.append(PathTrie()) }
                names.providers[name] = .document(names.documents.count - 1)
            } else {
                names.providers[name] = .text
            }
            names.parts.insert(name)
        }
    }

    /// Compiles how the lines of a format are put together.
    mutating func join(_ node: DefinitionNode, framing: FormatFraming) throws(ParsingError) -> LineJoin {
        let members = try node.members(Self.joinKeys, of: "'join'")
        let finding = try finding(members, framing: framing)
        var kinds: [String] = []
        func add(_ names: [String]) { for name in names where !kinds.contains(name) { kinds.append(name) } }
        let first = try members.required("first").texts()
        let last = try members["last"]?.texts() ?? []
        let main = try members["main"]?.texts() ?? first
        let parts = try members["parts"]?.pairs() ?? []
        add(first + last + parts.map(\.key))
        for name in main where !kinds.contains(name) {
            throw (members["main"] ?? node).error(.unknownName, "no line of kind '\(name)' joins\(DefinitionNode.suggestion(name, kinds))")
        }
        for name in kinds where name.isEmpty || name.contains("*") {
            throw node.error(.invalidValue, "a kind of line is spelled out: '\(name)'")
        }
        var plans: [LineJoin.Part] = []
        for (_, _, value) in parts { plans.append(try part(value)) }
        let seconds = try members["seconds"].map { (node) throws(ParsingError) in try limit(node, 1...3_600) }
        return LineJoin(
            finding: finding,
            kinds: kinds.map { kind in
                LineJoin.Kind(
                    name: kind, opens: first.contains(kind), ends: last.contains(kind), part: parts.firstIndex { $0.key == kind } ?? -1,
                    rank: main.firstIndex(of: kind) ?? .max)
            },
            parts: plans, mostLines: try members["lines"].map { (node) throws(ParsingError) in try limit(node, 2...10_000) } ?? LineJoin.usualLines,
            mostBytes: try members["bytes"].map { (node) throws(ParsingError) in try limit(node, 1_024...(8 << 20)) } ?? LineJoin.usualBytes,
            mostMicroseconds: seconds.map { Int64($0) * 1_000_000 },
            waitMilliseconds: UInt64(try members["wait"].map { (node) throws(ParsingError) in try limit(node, 1...30) * 1_000 } ?? LineJoin.usualWaitMilliseconds),
            cutSlot: names.newSlot(), cutText: plan.constants.intern("limit"))
    }

    private func limit(_ node: DefinitionNode, _ range: ClosedRange<Int>) throws(ParsingError) -> Int {
        let value = try node.integer()
        guard range.contains(value) else {
            throw node.error(.invalidValue, "a whole number from \(range.lowerBound) to \(range.upperBound) is wanted here")
        }
        return value
    }

    /// Where a line tells what it belongs to.
    private mutating func finding(_ members: DefinitionMembers, framing: FormatFraming) throws(ParsingError) -> LineJoin.Finding {
        switch framing.kind {
        case .json(let paths):
            guard paths.isEmpty else { throw members.owner.error(.invalidValue, "lines are joined, not the elements of 'records'") }
            if let line = members["line"] { throw line.error(.unknownKey, "JSON lines are joined by 'key' and 'kind', not by a pattern") }
            return .members(key: try keys(try members.required("key")), kind: try keys(try members.required("kind")))
        case .lines:
            if let key = members["key"] ?? members["kind"] {
                throw key.error(.unknownKey, "text lines are joined by the fields of the pattern 'line'")
            }
            var patterns: [Pattern] = []
            var keySlots: [[Int32]] = []
            for element in try members.required("line").list() {
                var next = LineJoin.firstKeySlot
                var slots: [Int32] = []
                var hasKind = false
                let compiled = try pattern(element) { name in
                    switch name {
                    case "kind":
                        hasKind = true
                        return LineJoin.kindSlot
                    case "text": return LineJoin.textSlot
                    case "stamp":
                        slots.append(LineJoin.stampSlot)
                        return LineJoin.stampSlot
                    default:
                        slots.append(next)
                        next += 1
                        return next - 1
                    }
                }
                guard hasKind, !slots.isEmpty else {
                    throw element.error(.missing, "a line's pattern needs a field <kind:…> and one that is the same in all lines of a record")
                }
                patterns.append(compiled)
                keySlots.append(slots)
            }
            return .patterns(patterns, keySlots: keySlots)
        case .multiline, .csv, .xml, .journalExport: throw members.owner.error(.invalidValue, "records of framing lines and json can be joined")
        }
    }

    private func keys(_ node: DefinitionNode) throws(ParsingError) -> [String] {
        var keys: [String] = []
        for step in FieldPath(try node.text())?.steps ?? [] {
            guard case .key(let key) = step else { throw node.error(.invalidValue, "a path of keys is wanted here") }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw node.error(.invalidValue, "a path of keys is wanted here") }
        return keys
    }

    private mutating func part(_ node: DefinitionNode) throws(ParsingError) -> LineJoin.Part {
        guard node.isMapping else {
            return LineJoin.Part(reading: .text, slot: names.declare(try node.text()), isSeveral: true)
        }
        let members = try node.members(Self.partKeys, of: "a part")
        let name = try members.required("name").text()
        let several = try members["several"]?.text()
        if let node = members["several"], !["true", "false", "each"].contains(several ?? "") {
            throw node.error(.invalidValue, "'several' is true, false or each")
        }
        let slot = try self.slot(name, node)
        switch names.providers[name] {
        case .keyValue(let keys):
            let reader = partReaders[keys] ?? KeyValueText(separator: 32, assign: 61)
            return LineJoin.Part(reading: .pairs(reader, keys: Int32(keys)), slot: slot, isSeveral: several == "true")
        case .document(let number):
            guard several == nil || several == "false" else { throw node.error(.invalidValue, "a part that is JSON is one line") }
            return LineJoin.Part(reading: .document(number), slot: slot, isSeveral: false)
        default: return LineJoin.Part(reading: .text, slot: slot, isSeveral: several != "false")
        }
    }

    /// Tells in an event, whatever else it says, that its record was closed by a limit.
    mutating func markCuts(_ join: LineJoin, _ body: inout BodyPlan) {
        let name = "join_cut"
        body.attributes.removeAll { $0.name == name }
        body.attributes.append((name, add([.load(slot: join.cutSlot)])))
        body.attributes.sort { $0.name < $1.name }
        body.classes = ClassAssignment(
            attributes: body.classes.attributes.merging([name: .public]) { $1 }, overrides: body.classes.overrides,
            changes: body.classes.changes)
    }
}
