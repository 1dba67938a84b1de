import AuditModel

/// Formats: how bytes fall into records and what names those have.
extension DefinitionCompiler {
    static let formatKeys =
        [
            "name", "framing", "starts", "records", "element", "delimiter", "columns", "header", "minimum_columns", "syslog", "pattern", "key_value",
            "join",
        ] + bodyKeys

    /// Keys that only some framings have a use for.
    private static let framingsByKey: KeyValuePairs<String, [String]> = [
        "records": ["json"], "element": ["xml"], "columns": ["csv"], "delimiter": ["csv"], "header": ["csv"], "minimum_columns": ["csv"],
        "syslog": ["lines", "multiline"], "pattern": ["lines", "multiline"], "key_value": ["lines", "multiline"],
    ]

    /// Declares the names that formats provide, before anything asks for one.
    mutating func declareFormats(_ node: DefinitionNode) throws(ParsingError) {
        guard node.isSequence, !node.list().isEmpty else { throw node.error(.invalidValue, "'formats' is a list of one format or more") }
        for format in node.list() {
            let members = try format.members(Self.formatKeys, of: "a format")
            let framing = try members.required("framing").text()
            for (key, framings) in Self.framingsByKey where members[key] != nil && !framings.contains(framing) {
                throw members.owner.error(.invalidValue, "'\(key)' has no meaning with framing \(framing)")
            }
            if framing == "json" || framing == "xml" { names.hasJSONFormat = true }
        }
        if names.hasJSONFormat { names.documents.append(PathTrie()) }
        for format in node.list() {
            let members = try format.members(Self.formatKeys, of: "a format")
            switch try members.required("framing").text() {
            case "json", "xml": break
            case "journal_export": declareAnyNames()
            case "csv":
                for column in try members.required("columns").texts() { names.providers[column] = .text }
            case "lines", "multiline": try declareReading(members)
            default:
                throw try members.required("framing").error(.invalidValue, "framing is one of lines, multiline, json, csv, xml, journal_export")
            }
            if let join = members["join"] { try declareParts(join) }
        }
    }

    private mutating func declareReading(_ members: DefinitionMembers) throws(ParsingError) {
        if try members["syslog"]?.bool() == true {
            for name in Self.syslogNames { names.providers[name] = .text }
        } else if members["key_value"] != nil {
            declareAnyNames()
        } else {
            names.providers["line"] = .text
            if let node = members["pattern"] { try declareFields(ofPatterns: node, isFormat: true) }
        }
    }

    /// Makes every name one that a text of pairs may hold.
    private mutating func declareAnyNames() {
        guard names.keyValueFormat == nil else { return }
        names.keyTables.append([])
        names.keyValueFormat = names.keyTables.count - 1
    }

    static let syslogNames = ["priority", "timestamp", "host", "program", "pid", "message_id", "structured_data", "message"]

    /// Compiles all formats; the definition's own body is merged under each.
    mutating func compileFormats(_ node: DefinitionNode, root: DefinitionMembers) throws(ParsingError) {
        for (number, format) in node.list().enumerated() {
            let members = try format.members(Self.formatKeys, of: "a format")
            let name = try members["name"]?.text() ?? "record"
            let framing = try framing(members, isLast: number == node.list().count - 1)
            let reading = try reading(members, framing: framing)
            let join = try members["join"].map { (node) throws(ParsingError) in try self.join(node, framing: framing) }
            var body = try body(root, over: BodyPlan())
            let own = try self.body(members, over: body)
            // A format's `let` is laid over the definition's own of that name.
            let lets = Set(own.steps.compactMap(\.letSlot))
            let steps = own.steps + body.steps.filter { step in step.letSlot.map { !lets.contains($0) } ?? true }
            let requirements = own.requirements + body.requirements
            body = own
            body.steps = steps
            body.requirements = requirements
            if let join { markCuts(join, &body) }
            body.places = [format.place]
            body.rules = try rules(members["rules"], over: body)
            body.rules += try rules(root["rules"], over: body)
            try checkHasAction(body, format)
            plan.bodies.append(body)
            plan.formats.append(FormatPlan(name: name, framing: framing, reading: reading, body: plan.bodies.count - 1, join: join))
        }
    }

    private mutating func framing(_ members: DefinitionMembers, isLast: Bool) throws(ParsingError) -> FormatFraming {
        var starts: [Pattern]?
        if let node = members["starts"] {
            var patterns: [Pattern] = []
            for element in node.list() { patterns.append(try prefixPattern(element)) }
            starts = patterns
        }
        switch try members.required("framing").text() {
        case "json":
            var paths: [[String]] = []
            for element in members["records"]?.list() ?? [] {
                let path = try element.text().split(separator: ".").map(String.init)
                guard let first = path.first, first != "*", !path.dropLast().contains("*") else {
                    throw element.error(.invalidValue, "'records' is a path of keys; a * stands at its end, for the members of an object")
                }
                paths.append(path)
            }
            return FormatFraming(kind: .json(recordPaths: paths), starts: starts)
        case "xml": return FormatFraming(kind: .xml(elements: try members.required("element").texts()), starts: starts)
        case "journal_export": return FormatFraming(kind: .journalExport, starts: starts)
        case "csv":
            let delimiter = Array((try members["delimiter"]?.text() ?? ",").utf8)
            guard delimiter.count == 1 else { throw members.owner.error(.invalidValue, "a delimiter is one character") }
            guard starts != nil || isLast else {
                throw members.owner.error(.missing, "a format before others needs 'starts': it would take every line")
            }
            return FormatFraming(kind: .csv(delimiter: delimiter[0]), starts: starts)
        case "multiline":
            guard starts != nil else {
                throw members.owner.error(.missing, "framing multiline needs 'starts': the pattern of a record's first line")
            }
            return FormatFraming(kind: .multiline, starts: starts)
        default:
            guard starts != nil || isLast else {
                throw members.owner.error(.missing, "a format before others needs 'starts': it would take every line")
            }
            return FormatFraming(kind: .lines, starts: starts)
        }
    }

    /// A pattern for the beginning of a line; its fields are not kept.
    private func prefixPattern(_ node: DefinitionNode) throws(ParsingError) -> Pattern {
        do {
            return try Pattern(try node.text(), isPrefix: true) { _ in -1 }
        } catch let error as Pattern.SyntaxError {
            throw node.error(.invalidValue, error.message)
        } catch let error as ParsingError {
            throw error
        } catch {
            throw node.error(.invalidValue, "\(error)")
        }
    }

    private mutating func reading(_ members: DefinitionMembers, framing: FormatFraming) throws(ParsingError) -> FormatPlan.Reading {
        switch framing.kind {
        case .json: return .json
        case .xml: return .xml
        case .journalExport: return .journalExport(keys: Int32(names.keyValueFormat ?? 0))
        case .csv(let delimiter):
            let columns = try members.required("columns").texts()
            let hasHeader = try members["header"]?.bool() ?? false
            let minimum = try members["minimum_columns"]?.integer() ?? columns.count
            return .csv(
                delimiter: delimiter, columns: columns.map { CSVColumn(name: $0, slot: -1, dropped: 0) }, hasHeader: hasHeader,
                minimum: minimum)
        case .lines, .multiline:
            if try members["syslog"]?.bool() == true { return .syslog(syslogSlots()) }
            if let node = members["key_value"], let table = names.keyValueFormat {
                return .keyValue(try keyValueReader(node), keys: Int32(table))
            }
            let line = names.declare("line")
            guard let node = members["pattern"] else { return .line(slot: line) }
            return .patterns(try patterns(node), slot: line)
        }
    }

    private mutating func syslogSlots() -> SyslogSlots {
        let slots = Self.syslogNames.map { names.declare($0) }
        return SyslogSlots(
            priority: slots[0], timestamp: slots[1], host: slots[2], program: slots[3], processID: slots[4], messageID: slots[5],
            structuredData: slots[6], message: slots[7])
    }

    static let keyValueKeys = ["separator", "assign", "into", "blanks_in_values", "hex"]

    mutating func keyValueReader(_ node: DefinitionNode) throws(ParsingError) -> KeyValueText {
        let members = try node.members(Self.keyValueKeys, of: "key_value")
        func byte(_ key: String, _ usual: String) throws(ParsingError) -> UInt8 {
            let bytes = Array((try members[key]?.text() ?? usual).utf8)
            guard bytes.count == 1 else { throw members.owner.error(.invalidValue, "'\(key)' is one character") }
            return bytes[0]
        }
        let hexKeys = try members["hex"].map { (node) throws(ParsingError) in try set(node, ofKeys: true) } ?? -1
        let mayHoldBlanks = try members["blanks_in_values"]?.bool() ?? false
        let reader = KeyValueText(
            separator: try byte("separator", " "), assign: try byte("assign", "="), hexKeys: hexKeys, valuesMayHoldBlanks: mayHoldBlanks)
        if mayHoldBlanks, reader.separator != UInt8(ascii: " ") {
            throw members.owner.error(.invalidValue, "'blanks_in_values' is for pairs with blanks between them")
        }
        return reader
    }

    /// Gives the columns of CSV formats the slots and counters that the rest of the definition asked for.
    mutating func settleColumns() {
        plan.formats = plan.formats.map { format in
            guard case .csv(let delimiter, let columns, let hasHeader, let minimum) = format.reading else { return format }
            let settled = columns.map { column in
                CSVColumn(
                    name: column.name, slot: names.slots[column.name] ?? -1,
                    dropped: Int32(plan.droppedNames.firstIndex(of: column.name) ?? 0))
            }
            return FormatPlan(
                name: format.name, framing: format.framing,
                reading: .csv(delimiter: delimiter, columns: settled, hasHeader: hasHeader, minimum: minimum), body: format.body,
                join: format.join)
        }
    }

    /// Notes which names each format gives: for parsers that hand names over.
    mutating func settleNames() {
        for number in plan.formats.indices {
            let given: [String]
            switch plan.formats[number].reading {
            case .syslog: given = Self.syslogNames
            case .csv(_, let columns, _, _): given = columns.map(\.name)
            case .patterns(let patterns, _): given = ["line"] + patterns.flatMap { plan.patterns[Int($0)].names }
            case .line: given = ["line"]
            case .json, .xml, .journalExport, .keyValue: given = []
            }
            for name in given { plan.formats[number].names[name] = names.slots[name] ?? -1 }
        }
    }
}
