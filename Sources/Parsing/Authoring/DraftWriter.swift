import AuditModel

/// Writes the files of a ``DefinitionDraft`` from what a sample looks like.
struct DraftWriter {
    private let shape: SampleShape
    private let id: String
    private let domain: String
    private(set) var notes: [String] = []
    private var codes: Set<String> = []

    init(_ shape: SampleShape, id: String, domain: String) {
        self.shape = shape
        self.id = id
        self.domain = domain
    }

    // MARK: The definition

    mutating func definition() -> String {
        let time = timeName()
        let code = codeName()
        let event = eventIDName()
        var text = "id: \(id)\nversion: 1\ntitle: \(id)\n# reference: where the vendor documents the format\n\n" + formats()
        switch shape.kind {
        case .syslog:
            text += "\n# One pattern for each message that matters; a rule fits more than one way of saying it.\n"
            text += "require: [program]\n\nfields:\n" + constantAction() + "  time: {from: timestamp, format: [syslog, iso]}\n  source_action: {from: program}\n  origin.host: host\n  message: message\n"
            notes.append("time      timestamp of syslog")
        case .timed(hasPairs: true):
            text += "extract:\n  - from: rest\n    key_value: {into: kv}\n" + named(("when", "iso"), code, event)
        case .timed:
            text += "\nfields:\n" + constantAction() + "  time: when\n  message: rest\n"
            notes.append("time      the beginning of each line")
        case .lines:
            text += "\nfields:\n" + constantAction() + "  # No time was found: events get the time at which they are read, marked.\n  message: line\n"
            notes.append("time      none found: events get the time at which they are read")
        case .json, .csv, .keyValue:
            text += named(time, code, event)
        }
        return text + Self.closing
    }

    private static let closing = """

        # Say what does not apply to these events, so that it does not count as unknown:
        # when who what to_what through approval policy outcome
        # not_applicable: [approval, policy]

        """

    private func formats() -> String {
        switch shape.kind {
        case .json(let records):
            return "formats:\n  - framing: json\n" + (records.map { "    records: \(Self.quoted($0))\n" } ?? "")
        case .csv(let delimiter):
            let columns = SampleShape.columns(shape.lines[0], delimiter).map(Self.quoted).joined(separator: ", ")
            let own = delimiter == "," ? "" : "    delimiter: \"\(delimiter == "\t" ? "\\t" : String(delimiter))\"\n"
            return "formats:\n  - framing: csv\n    header: true\n\(own)    columns: [\(columns)]\n"
        case .syslog: return "formats:\n  - framing: lines\n    syslog: true\n"
        case .keyValue: return "formats:\n  - framing: lines\n    key_value: {separator: \" \", assign: \"=\"}\n"
        case .timed: return "formats:\n  - framing: lines\n    pattern: \"<when:iso> <rest:rest>\"\n"
        case .lines: return "formats:\n  - framing: lines\n"
        }
    }

    /// Names with values: time, id, code, and all others as attributes.
    private mutating func named(_ time: (name: String, format: String)?, _ code: String?, _ event: String?) -> String {
        var text = ""
        let needed = [code, time?.name].compactMap { $0 }.filter { name in name == "when" || shape.records.allSatisfy { $0[name] != nil } }
        text += "\n# Without these it is no record of this product, and is quarantined.\n"
        text += needed.isEmpty ? "# require: [a name that only this product has]\n" : "require: [\(needed.map(Self.quoted).joined(separator: ", "))]\n"
        if let code {
            text += "\n# Every code goes to \(domain).activity.other until you say what it means: parsers/taxonomy.yaml has the actions.\n"
            text += "actions:\n  from: \(Self.quoted(code))\n  other: \(domain)\n  table: {}\n"
            for found in codes.sorted().prefix(40) { text += "  #  \(Self.quoted(found)): \(domain).noun.verb\n" }
        }
        text += time == nil && event == nil && code != nil ? "\n# fields:\n" : "\nfields:\n"
        if code == nil { text += constantAction() }
        if let time {
            text += "  time: {from: \(Self.quoted(time.name)), format: \(time.format)}\n"
            notes.append("time      \(time.name) (\(time.format))")
        } else {
            text += "  # No time was found: events get the time at which they are read, marked.\n"
            notes.append("time      none found: events get the time at which they are read")
        }
        if let event { text += "  event_id: \(Self.quoted(event))\n" }
        text += "  # Say who acted, through what and how it ended, where the record tells:\n"
        text += "  # actor.type: user\n  # actor.id: …\n  # actor.email: …\n  # origin.ip: …\n  # surface: …\n"
        text += "  # outcome: {from: …, map: {ok: success, denied: denied}}\n# targets:\n#   - {type: …, id: …, name: …}\n"
        return text + attributes(without: Set([time?.name, code, event].compactMap { $0 }))
    }

    /// The action of every event, where nothing says what was done.
    private func constantAction() -> String {
        "  # No code was found that says what was done: every event is the same until rules say more.\n  action: \(ActionTaxonomy.other(in: domain))\n"
    }

    private mutating func attributes(without used: Set<String>) -> String {
        let rest = shape.names.filter { !used.contains($0) }
        guard !rest.isEmpty else { return "" }
        var text = "\n# What is not mapped is dropped and counted. Check each class; move what answers a question up to fields and targets.\nattributes:\n"
        var taken: Set<String> = []
        for name in rest.prefix(DefinitionDraft.mostAttributes) {
            var own = Self.attributeName(name)
            while taken.contains(own) { own += "_2" }
            taken.insert(own)
            let (dataClass, hint) = classOf(name)
            text += "  \(own): {from: \(Self.quoted(name)), class: \(dataClass)}\(hint.map { "   # \($0)" } ?? "")\n"
        }
        let left = rest.dropFirst(DefinitionDraft.mostAttributes)
        if !left.isEmpty { text += "# not mapped: \(left.joined(separator: ", "))\n" }
        notes.append("names     \(shape.names.count), \(min(rest.count, DefinitionDraft.mostAttributes)) of them attributes with a class")
        return text
    }

    /// The class of a name by its values, and what it may be.
    private func classOf(_ name: String) -> (String, String?) {
        let values = shape.records.compactMap { $0[name] }
        let texts = values.map(\.text)
        let lower = name.lowercased()
        if SampleValue.isSecretName(lower) { return ("secret", nil) }
        if texts.contains(where: SampleValue.isEmail) { return ("identity", "actor.email, if that is who acted") }
        if texts.contains(where: SampleValue.isAddress) { return ("network_identity", "origin.ip, if it is where they came from") }
        if lower.contains("agent") { return ("quasi", "origin.user_agent?") }
        if ["user", "actor", "name", "login", "account", "owner", "principal", "person", "by"].contains(where: lower.contains) {
            return ("identity", "who acted, or a target?")
        }
        if !values.isEmpty, values.allSatisfy({ $0.isNumber && ["true", "false"].contains($0.text) }) { return ("public", nil) }
        if ["result", "status", "outcome", "success"].contains(where: lower.contains), texts.allSatisfy(SampleValue.isCode), Set(texts).count <= 12 {
            return ("public", "outcome, with a map?")
        }
        return ("free_text", nil)
    }

    // MARK: What names seem to be

    /// The name whose values all are times; one that is called so first.
    private func timeName() -> (name: String, format: String)? {
        var best: (rank: Int, name: String, format: String)?
        for (place, name) in shape.names.enumerated() {
            let values = shape.records.compactMap { $0[name] }
            let formats = Set(values.map { SampleValue.timeFormat($0.text, isNumber: $0.isNumber) })
            guard values.count * 10 >= shape.records.count * 9, formats.count == 1, let format = formats.first ?? nil else { continue }
            let last = (name.split(separator: ".").last.map(String.init) ?? name).lowercased()
            let wanted = ["@timestamp", "timestamp", "eventtime", "event_time", "time", "published", "created_at", "createdat", "ts", "date", "occurred_at"]
            let rank = (wanted.firstIndex(of: last) ?? (last.contains("time") || last.contains("date") ? 20 : 40)) * 1_000 + place
            if best.map({ rank < $0.rank }) ?? true { best = (rank, name, format) }
        }
        return best.map { ($0.name, $0.format) }
    }

    /// The name whose values are codes of what was done.
    private mutating func codeName() -> String? {
        let wanted = [
            "eventtype", "event_type", "eventname", "event_name", "event", "action", "activity", "operation", "operationname", "type", "verb", "method", "name",
        ]
        var best: (rank: Int, name: String, values: Set<String>)?
        for name in shape.names {
            let parts = name.split(separator: ".")
            let last = (parts.last.map(String.init) ?? name).lowercased()
            guard let place = wanted.firstIndex(of: last), last != "name" || parts.count == 1 else { continue }
            let values = shape.records.compactMap { $0[name] }
            let texts = Set(values.map(\.text))
            guard values.count * 10 >= shape.records.count * 9, values.allSatisfy({ !$0.isNumber }), texts.allSatisfy(SampleValue.isCode),
                place < 9 || shape.records.count < 8 || texts.count * 2 <= shape.records.count
            else { continue }
            let rank = place + 20 * (parts.count - 1)
            if best.map({ rank < $0.rank }) ?? true { best = (rank, name, texts) }
        }
        guard let best else {
            notes.append("code      none found: nothing says what was done")
            return nil
        }
        codes = best.values
        notes.append("code      \(best.name), \(best.values.count) different, none mapped yet")
        return best.name
    }

    /// The name whose values identify a record.
    private mutating func eventIDName() -> String? {
        let wanted = ["id", "uuid", "event_id", "eventid", "guid", "insertid", "audit_id"]
        let found = shape.names.first { name in
            guard wanted.contains(name.lowercased()), shape.records.count >= 2 else { return false }
            let texts = shape.records.compactMap { $0[name]?.text }
            return texts.count == shape.records.count && Set(texts).count == texts.count
        }
        if let found { notes.append("event_id  \(found)") }
        return found
    }

    // MARK: The fixture

    /// Up to five records with invented values, and a broken one.
    func fixture() -> String {
        var mask = SampleMask()
        var rows: [String]
        switch shape.kind {
        case .json:
            rows = shape.raw.prefix(5).map { masked($0, "", &mask).canonicalText }
            rows.append(String((rows.last ?? "{").dropLast(2)))
        case .csv(let delimiter):
            rows = [shape.lines[0]]
            let header = SampleShape.columns(shape.lines[0], delimiter)
            for line in shape.lines.dropFirst().prefix(5) {
                let cells = SampleShape.columns(line, delimiter)
                let shown = cells.enumerated().map { number, cell in
                    codes.contains(cell) && number < header.count ? cell : mask.text(cell)
                }
                rows.append(shown.joined(separator: String(delimiter)))
            }
            rows.append("too few columns")
        case .keyValue:
            rows = shape.lines.prefix(5).map { maskedPairs($0, &mask) }
            rows.append("not a record")
        case .syslog: rows = Array(shape.lines.prefix(5)).map { Self.maskedSyslog($0) } + ["not a record"]
        case .timed(let hasPairs):
            rows = shape.lines.prefix(5).map { line in
                let (time, rest) = SampleShape.behindTime(line)
                return time + " " + (hasPairs ? maskedPairs(rest, &mask) : Self.letters(rest))
            }
            rows.append("not a record")
        case .lines: rows = shape.lines.prefix(5).map { Self.letters($0) }
        }
        return rows.map { $0 + "\n" }.joined()
    }

    private func maskedPairs(_ text: String, _ mask: inout SampleMask) -> String {
        SampleShape.pairs(text).map { name, value in
            let shown = codes.contains(value) ? value : mask.text(value)
            return "\(name)=\(shown.contains(" ") ? "\"\(shown)\"" : shown)"
        }.joined(separator: " ")
    }

    private func masked(_ value: JSONValue, _ path: String, _ mask: inout SampleMask) -> JSONValue {
        switch value {
        case .object(let members):
            var shown: [String: JSONValue] = [:]
            for (key, member) in members where SampleShape.isName(key) { shown[key] = masked(member, key, &mask) }
            return .object(shown)
        case .array(let values): return .array(values.prefix(3).map { masked($0, path, &mask) })
        case .string(let text): return .string(codes.contains(text) ? text : mask.text(text))
        case .integer, .number:
            let shown = mask.number(value.canonicalText)
            return Int64(shown).map { .integer($0) } ?? .number(shown)
        case .bool, .null: return value
        }
    }

    /// The header stays but for the host; the message keeps its shape alone.
    private static func maskedSyslog(_ line: String) -> String {
        SampleValue.withSlice(line) { slice in
            guard let header = SyslogHeader(slice) else { return letters(line) }
            let program = header.program?.text ?? "program"
            let stamp = header.timestamp.text
            if header.priority != nil, header.structuredData != nil {
                return "<\(header.priority?.text ?? "13")>1 \(stamp) host1 \(program) - - - \(letters(header.message.text))"
            }
            let priority = header.priority.map { "<\($0.text)>" } ?? ""
            return "\(priority)\(stamp) host1 \(program): \(letters(header.message.text))"
        }
    }

    /// The text with `x` for letters and `0` for digits.
    private static func letters(_ text: String) -> String {
        String(text.map { $0.isNumber ? "0" : $0.isLetter || !$0.isASCII ? "x" : $0 })
    }

    /// `client.userAgent` as `client_user_agent`.
    private static func attributeName(_ name: String) -> String {
        var own = ""
        for character in name {
            guard character.isASCII, character.isLetter || character.isNumber else {
                if !own.isEmpty, own.last != "_" { own += "_" }
                continue
            }
            if character.isUppercase, let last = own.last, last.isLowercase || last.isNumber { own += "_" }
            own += character.lowercased()
        }
        while own.last == "_" { own.removeLast() }
        return own.isEmpty ? "name" : own
    }

    /// A name as YAML writes it.
    private static func quoted(_ name: String) -> String {
        let isPlain =
            !name.isEmpty && name.utf8.allSatisfy { $0.isDigit || ($0 | 32 >= 97 && $0 | 32 <= 122) || $0 == 95 || $0 == 46 } && name != "null"
        return isPlain ? name : "'\(name.replacing("'", with: "''"))'"
    }
}
