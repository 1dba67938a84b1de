import AuditModel

/// A filter ready to be put to columns: selectors are spelled out as columns, patterns are compiled, and every term has a number under
/// which ``QueryEffort`` tells what it took.
struct QueryPlan: Sendable {
    indirect enum Node: Sendable {
        case all
        case and([Node])
        case or([Node])
        case not(Node)
        /// The event's time is in `from ..< until`, in microseconds.
        case time(from: Int64, until: Int64)
        case term(Term)
    }

    /// A term: true where one of its tests is.
    struct Term: Sendable {
        let number: Int
        /// As it is written in a query, tokens in place of names.
        let label: String
        let tests: [ColumnTest]
    }

    /// A test of one column.
    enum ColumnTest: Sendable {
        case field(EventField, TextTest)
        /// Some element has a member that matches.
        case list(ListName, members: [Int], TextTest)
        /// The attribute of this name has a value that matches.
        case attribute(name: TextTest, value: TextTest)
    }

    let root: Node
    let terms: [Term]
    /// The exact values that terms ask of a column, each once: looked up in a dictionary together.
    let exactTerms: [TextLeaf: [[UInt8]]]
    /// Outside of this no event matches, in microseconds; nil is open.
    let from: Int64?
    let until: Int64?

    init(_ filter: Filter) {
        var terms: [Term] = []
        root = Self.node(filter, &terms)
        self.terms = terms
        exactTerms = Self.exactTerms(terms)
        let bounds = filter.timeBounds
        from = bounds.from?.microseconds
        until = bounds.until?.microseconds
    }

    private static func exactTerms(_ terms: [Term]) -> [TextLeaf: [[UInt8]]] {
        var found: [TextLeaf: [[UInt8]]] = [:]
        func add(_ test: TextTest, _ leaf: TextLeaf) {
            guard let text = test.exactTerm, !found[leaf, default: []].contains(text) else { return }
            found[leaf, default: []].append(text)
        }
        for test in terms.flatMap(\.tests) {
            switch test {
            case .field(let field, let test): add(test, .field(field))
            case .list(let list, let members, let test): for member in members { add(test, .member(list, member)) }
            case .attribute(_, let value): add(value, .member(.attributes, 1))
            }
        }
        return found
    }

    /// Whether any event may match, by what an index says of exact values.
    ///
    /// - Parameter mayHold: Whether a column may hold a value; true where no index says.
    func mayMatch(_ mayHold: ([UInt8], TextLeaf) -> Bool) -> Bool {
        func mayMatch(_ node: Node) -> Bool {
            switch node {
            case .all, .not, .time: true
            case .and(let nodes): nodes.allSatisfy(mayMatch)
            case .or(let nodes): nodes.contains(where: mayMatch)
            case .term(let term):
                term.tests.contains { test in
                    switch test {
                    case .field(let field, let test): test.exactTerm.map { mayHold($0, .field(field)) } ?? true
                    case .list(let list, let members, let test):
                        test.exactTerm.map { term in members.contains { mayHold(term, .member(list, $0)) } } ?? true
                    case .attribute: true
                    }
                }
            }
        }
        return mayMatch(root)
    }

    /// Whether something whose times are these may match; nil when they are unknown.
    func mayHold(_ times: ClosedRange<Int64>?) -> Bool {
        guard let times else { return true }
        return (from.map { times.upperBound >= $0 } ?? true) && (until.map { times.lowerBound < $0 } ?? true)
    }

    private static func node(_ filter: Filter, _ terms: inout [Term]) -> Node {
        switch filter {
        case .all: return .all
        case .and(let filters): return .and(filters.map { node($0, &terms) })
        case .or(let filters): return .or(filters.map { node($0, &terms) })
        case .not(let inner): return .not(node(inner, &terms))
        case .time(let from, let until):
            return .time(from: from?.microseconds ?? .min, until: until?.microseconds ?? .max)
        case .field(let selector, let pattern):
            let term = Term(
                number: terms.count, label: "\(selector.label):\(pattern.text)", tests: tests(selector, TextTest(pattern)))
            terms.append(term)
            return .term(term)
        case .word(let word):
            let term = Term(number: terms.count, label: word, tests: tests(word: TextTest(word: word)))
            terms.append(term)
            return .term(term)
        }
    }

    private static func tests(_ selector: FieldSelector, _ test: TextTest) -> [ColumnTest] {
        switch selector {
        case .fields(let fields): fields.map { .field($0, test) }
        case .target: [.list(.targets, members: [0, 1, 2], test)]
        case .targetMember(.type): [.list(.targets, members: [0], test)]
        case .targetMember(.id): [.list(.targets, members: [1], test)]
        case .targetMember(.name): [.list(.targets, members: [2], test)]
        case .role: [.list(.roles, members: [0], test)]
        case .flag: [.list(.flags, members: [0], test)]
        case .change: [.list(.changes, members: [0], test)]
        case .attribute(let name): [.attribute(name: TextTest(exactly: name), value: test)]
        }
    }

    private static func tests(word test: TextTest) -> [ColumnTest] {
        EventField.allCases.map { .field($0, test) } + [
            .list(.targets, members: [0, 1, 2], test), .list(.attributes, members: [1], test),
            .list(.changes, members: [0, 1, 2], test), .list(.roles, members: [0], test),
        ]
    }
}
