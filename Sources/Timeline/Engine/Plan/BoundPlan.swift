import AuditModel

/// A plan bound to one row group: verdicts on its dictionaries, and the pages that may hold a match.
///
/// Made once a row group, read by all workers. Dictionaries are not kept, verdicts are.
struct BoundPlan: Sendable {
    indirect enum Node: Sendable {
        case all
        case none
        case and([Node])
        case or([Node])
        case not(Node)
        case time(from: Int64, until: Int64)
        case field(EventField, Matcher, term: Int)
        case list(ListName, [(member: Int, matcher: Matcher)], term: Int)
        case attribute(name: Matcher, value: Matcher, term: Int)
    }

    /// How codes of a page are judged.
    enum Matcher: Sendable {
        /// By the verdict on the row group's dictionary.
        case verdict(Verdict)
        /// Each page has entries of its own.
        case pageEntries(TextTest)
    }

    let root: Node
    /// Pages that may hold a match.
    let pages: RowMask
}

/// Binds a plan to row groups.
struct PlanBinder {
    let plan: QueryPlan
    let segment: any SegmentColumns
    let rowGroup: Int
    private let times: ClosedRange<Int64>?
    /// The row group's pages.
    let shapes: [PageShape]
    /// What the binding took, term by term.
    private(set) var effort: QueryEffort

    init(_ plan: QueryPlan, _ segment: any SegmentColumns, rowGroup: Int) throws {
        self.plan = plan
        self.segment = segment
        self.rowGroup = rowGroup
        times = segment.rowGroups[rowGroup].times
        shapes = try segment.pages(rowGroup: rowGroup)
        effort = QueryEffort(plan)
    }

    /// The bound plan; nil when no page can hold a match.
    mutating func bind() throws -> BoundPlan? {
        // Time and index first: where they leave no page, no dictionary is read.
        let pages = try candidates(plan.root)
        effort.pages += shapes.count
        effort.pagesPruned += shapes.count - pages.population
        guard !pages.isEmpty else { return nil }
        let root = try bind(plan.root, isOptional: false)
        if case .none = root {
            effort.pagesPruned += pages.population
            return nil
        }
        return BoundPlan(root: root, pages: pages)
    }

    // MARK: Pages

    private var pageCount: Int { shapes.count }

    /// Pages that may hold a match: what is not known to be elsewhere.
    private mutating func candidates(_ node: QueryPlan.Node) throws -> RowMask {
        var mask = RowMask(count: pageCount, all: true)
        switch node {
        case .all, .not: return mask
        case .time(let from, let until):
            for page in 0..<pageCount {
                if let times = shapes[page].times, times.upperBound < from || times.lowerBound >= until { mask[page] = false }
            }
        case .and(let nodes):
            for inner in Self.cheapFirst(nodes) {
                mask.formIntersection(try candidates(inner))
                if mask.isEmpty { break }
            }
        case .or(let nodes):
            mask = RowMask(count: pageCount, all: false)
            for inner in nodes { mask.formUnion(try candidates(inner)) }
        case .term(let term):
            mask = RowMask(count: pageCount, all: false)
            for test in term.tests {
                mask.formUnion(try candidates(test, term))
                if mask.population == pageCount { break }
            }
        }
        return mask
    }

    private mutating func candidates(_ test: QueryPlan.ColumnTest, _ term: QueryPlan.Term) throws -> RowMask {
        let none = RowMask(count: pageCount, all: false)
        switch test {
        case .field(let field, let test):
            guard segment.mayHoldValues(.field(field), rowGroup: rowGroup) else { return none }
            return try candidates(test, .field(field), term)
        case .list(let list, let members, let test):
            var mask = none
            for member in members where segment.mayHoldValues(.member(list, member), rowGroup: rowGroup) {
                mask.formUnion(try candidates(test, .member(list, member), term))
            }
            return mask
        case .attribute:
            return RowMask(count: pageCount, all: segment.mayHoldValues(.member(.attributes, 0), rowGroup: rowGroup))
        }
    }

    private mutating func candidates(_ test: TextTest, _ leaf: TextLeaf, _ term: QueryPlan.Term) throws -> RowMask {
        if let exact = test.exactTerm, let pages = try segment.pages(mayHold: exact, in: leaf, rowGroup: rowGroup) {
            effort.terms[term.number].answeredByIndex(pages, of: pageCount)
            return pages
        }
        var known: RowMask?
        for text in test.neededTexts {
            guard let pages = try segment.pages(mayContain: text, in: leaf, rowGroup: rowGroup) else { continue }
            if known == nil { known = pages } else { known?.formIntersection(pages) }
        }
        if let known {
            effort.terms[term.number].answeredByFilter(known, of: pageCount)
            return known
        }
        return RowMask(count: pageCount, all: true)
    }

    // MARK: Dictionaries

    private static func cheapFirst(_ nodes: [QueryPlan.Node]) -> [QueryPlan.Node] { nodes.sorted { cost($0) < cost($1) } }

    private static func cost(_ node: QueryPlan.Node) -> Int {
        switch node {
        case .all: 0
        case .time: 1
        case .not(let inner): cost(inner) + 1
        case .and(let nodes): nodes.map(cost).min() ?? 0
        case .or(let nodes): nodes.map(cost).reduce(1, +)
        case .term(let term):
            term.tests.reduce(0) { sum, test in
                switch test {
                case .field(_, let test): sum + (test.exactTerm != nil ? 2 : 6)
                case .list: sum + 10
                case .attribute: sum + 12
                }
            }
        }
    }

    private mutating func bind(_ node: QueryPlan.Node, isOptional: Bool) throws -> BoundPlan.Node {
        switch node {
        case .all: return .all
        case .time(let from, let until):
            if let times {
                if times.upperBound < from || times.lowerBound >= until { return .none }
            }
            return .time(from: from, until: until)
        case .not(let inner):
            switch try bind(inner, isOptional: true) {
            case .all: return .none
            case .none: return .all
            case let bound: return .not(bound)
            }
        case .and(let nodes):
            var bound: [BoundPlan.Node] = []
            for inner in Self.cheapFirst(nodes) {
                switch try bind(inner, isOptional: isOptional) {
                case .all: continue
                case .none: return .none
                case let one: bound.append(one)
                }
            }
            return bound.isEmpty ? .all : bound.count == 1 ? bound[0] : .and(bound)
        case .or(let nodes):
            var bound: [BoundPlan.Node] = []
            for inner in nodes {
                switch try bind(inner, isOptional: true) {
                case .all: return .all
                case .none: continue
                case let one: bound.append(one)
                }
            }
            return bound.isEmpty ? .none : bound.count == 1 ? bound[0] : .or(bound)
        case .term(let term):
            let nodes = try term.tests.map { try bind($0, term.number) }.filter { if case .none = $0 { false } else { true } }
            return nodes.isEmpty ? .none : nodes.count == 1 ? nodes[0] : .or(nodes)
        }
    }

    private mutating func bind(_ test: QueryPlan.ColumnTest, _ term: Int) throws -> BoundPlan.Node {
        switch test {
        case .field(let field, let test):
            guard let matcher = try matcher(test, .field(field), term) else { return .none }
            return .field(field, matcher, term: term)
        case .list(let list, let members, let test):
            var bound: [(member: Int, matcher: BoundPlan.Matcher)] = []
            for member in members {
                if let matcher = try matcher(test, .member(list, member), term) { bound.append((member, matcher)) }
            }
            return bound.isEmpty ? .none : .list(list, bound, term: term)
        case .attribute(let name, let value):
            guard let name = try matcher(name, .member(.attributes, 0), term),
                let value = try matcher(value, .member(.attributes, 1), term)
            else { return .none }
            return .attribute(name: name, value: value, term: term)
        }
    }

    /// How codes of a column are judged; nil when nothing in the row group matches.
    private mutating func matcher(_ test: TextTest, _ leaf: TextLeaf, _ term: Int) throws -> BoundPlan.Matcher? {
        guard segment.mayHoldValues(leaf, rowGroup: rowGroup) else { return nil }
        if case .any = test.kind { return .verdict(.all) }
        guard let dictionary = try segment.dictionary(leaf, rowGroup: rowGroup) else { return .pageEntries(test) }
        effort.terms[term].entries += dictionary.count
        effort.bytesRead += dictionary.bytes.count
        let verdict = test.verdict(on: dictionary)
        return verdict.isNone ? nil : .verdict(verdict)
    }
}
