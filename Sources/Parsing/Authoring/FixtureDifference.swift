import AuditModel

/// What came out of a line of a fixture and what is expected of it, where the two differ, field by field.
public struct FixtureDifference: Hashable, Sendable, CustomStringConvertible {
    /// One field.
    public struct Field: Hashable, Sendable {
        /// Its name as in queries: `actor.id`, `targets[0].type`; `quarantined` and `skipped` for what is no event.
        public let name: String
        /// What is expected, nil where nothing is.
        public let expected: String?
        /// What came out, nil where nothing did.
        public let found: String?
    }

    /// The line of the fixture on which the record begins; nil where the expected file does not tell.
    public let line: Int?
    /// Which of the events of that line, from one.
    public let event: Int
    /// What differs, by name. All fields where one side has no such event.
    public let fields: [Field]
    /// Whether such an event is expected at all, and whether one came out.
    public let isExpected: Bool
    public let isFound: Bool

    /// Several lines: the place, then a field a line, `old -> new`.
    public var description: String {
        var text = line.map { "  line \($0)" } ?? "  no line"
        if event > 1 { text += ", event \(event)" }
        if !isFound { text += ": expected, and did not come out" }
        if !isExpected { text += ": came out, and is not expected" }
        let width = fields.map(\.name.count).max() ?? 0
        for field in fields {
            let name = field.name + String(repeating: " ", count: width - field.name.count)
            text += "\n    \(name)  "
            switch (field.expected, field.found) {
            case (let expected?, let found?): text += "\(Self.shown(expected)) -> \(Self.shown(found))"
            case (let expected?, nil): text += isFound ? "\(Self.shown(expected)) -> (nothing)" : Self.shown(expected)
            case (nil, let found?): text += isExpected ? "(nothing) -> \(Self.shown(found))" : Self.shown(found)
            case (nil, nil): break
            }
        }
        return text
    }

    /// A text whose ends, line ends and other invisible parts can be seen.
    private static func shown(_ text: String) -> String { JSONValue.string(text).canonicalText }

    /// Compares two lists of canonical lines. Events are held against one another by their `line` and their order in it, so that one event
    /// too many is one difference.
    static func between(expected: [String], found: [String]) -> [FixtureDifference] {
        let old = keyed(expected)
        let new = keyed(found)
        let keys = Set(old.map(\.key)).union(new.map(\.key)).sorted()
        let oldByKey = Dictionary(old.map { ($0.key, $0.fields) }, uniquingKeysWith: { first, _ in first })
        let newByKey = Dictionary(new.map { ($0.key, $0.fields) }, uniquingKeysWith: { first, _ in first })
        return keys.compactMap { key in
            let (wanted, got) = (oldByKey[key], newByKey[key])
            let names = Set((wanted ?? [:]).keys).union((got ?? [:]).keys).sorted()
            let fields = names.compactMap { name -> Field? in
                let field = Field(name: name, expected: wanted?[name], found: got?[name])
                return field.expected == field.found ? nil : field
            }
            guard !fields.isEmpty else { return nil }
            return FixtureDifference(
                line: key.line == Int.max ? nil : key.line, event: key.event, fields: fields, isExpected: wanted != nil, isFound: got != nil)
        }
    }

    private struct Key: Hashable, Comparable {
        let line: Int
        let event: Int

        static func < (a: Key, b: Key) -> Bool { (a.line, a.event) < (b.line, b.event) }
    }

    private static func keyed(_ lines: [String]) -> [(key: Key, fields: [String: String])] {
        var events: [Int: Int] = [:]
        return lines.map { text in
            let value = try? JSONValue(parsing: text)
            let line = value?["line"]?.integer.flatMap(Int.init(exactly:)) ?? Int.max
            events[line, default: 0] += 1
            var fields: [String: String] = [:]
            if let value {
                for (name, text) in FlatFields.of(value) where name != "line" { fields[name] = text }
            } else {
                fields["not JSON"] = text
            }
            return (Key(line: line, event: events[line] ?? 1), fields)
        }
    }
}
