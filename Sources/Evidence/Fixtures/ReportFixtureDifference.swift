import AuditModel

/// One thing in which a report's result differs from what its fixture expects.
public struct ReportFixtureDifference: Hashable, Sendable, CustomStringConvertible {
    /// What it is about: `outcome`, `population`, `exception late: alice@example.org in okta`.
    public let name: String
    /// What is expected, nil where nothing is.
    public let expected: String?
    /// What came out, nil where nothing did.
    public let found: String?

    /// Whether there is no expected.json to compare with.
    public var isMissingFile: Bool { name.hasPrefix("there is no expected.json") }

    /// Up to three lines: what it is about, then what was expected and what came.
    public var description: String {
        var lines = ["  \(name)"]
        switch (expected, found) {
        case (let expected?, let found?): lines += ["    expected  \(expected)", "    came      \(found)"]
        case (let expected?, nil): lines[0] += ": expected, and did not come" + (expected.isEmpty ? "" : "\n    expected  \(expected)")
        case (nil, let found?): lines[0] += (name.contains("could not") ? "" : ": came, and is not expected") + "\n    came      \(found)"
        case (nil, nil): break
        }
        return lines.joined(separator: "\n")
    }

    /// Compares two documents as expected.json holds them. Findings are held against one another by rule and label, so that one too
    /// many is one difference.
    static func between(expected: JSONValue, found: JSONValue) -> [ReportFixtureDifference] {
        var result: [ReportFixtureDifference] = []
        let lists = ["exceptions": "exception", "undecided": "not decided", "reasons": "reason"]
        let names = Set((expected.object ?? [:]).keys).union((found.object ?? [:]).keys).subtracting(lists.keys)
        for name in names.sorted() where expected[name] != found[name] {
            result.append(.init(name: name, expected: expected[name].map(shown), found: found[name].map(shown)))
        }
        result += between(keyedTexts(expected["reasons"]), keyedTexts(found["reasons"]), "reason")
        for (member, noun) in [("exceptions", "exception"), ("undecided", "not decided")] {
            result += between(keyedFindings(expected[member]), keyedFindings(found[member]), noun)
        }
        return result
    }

    private typealias Keyed = [(key: String, text: String)]

    private static func between(_ expected: Keyed, _ found: Keyed, _ noun: String) -> [ReportFixtureDifference] {
        let old = Dictionary(expected.map { ($0.key, $0.text) }, uniquingKeysWith: { first, _ in first })
        let new = Dictionary(found.map { ($0.key, $0.text) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        return (expected + found).compactMap { key, _ in
            guard seen.insert(key).inserted, old[key] != new[key] else { return nil }
            return .init(name: "\(noun) \(key)", expected: old[key], found: new[key])
        }
    }

    /// Reasons are told apart by their place.
    private static func keyedTexts(_ value: JSONValue?) -> Keyed {
        (value?.array ?? []).enumerated().map { ("\($0 + 1)", shown($1)) }
    }

    private static func keyedFindings(_ value: JSONValue?) -> Keyed {
        var times: [String: Int] = [:]
        return (value?.array ?? []).map { finding in
            let key = "\(finding["rule"]?.string ?? "?"): \(finding["label"]?.string ?? "?")"
            times[key, default: 0] += 1
            let count = times[key] ?? 1
            return (count > 1 ? "\(key) (\(count))" : key, finding["text"]?.string ?? "")
        }
    }

    private static func shown(_ value: JSONValue) -> String { value.string ?? value.canonicalText }
}
