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
    /// Pages that time and index leave over.
    private var left: RowMask
    /// What dictionaries have of the plan's exact values, once looked up.
    private var termCodes: [TextLeaf: TermCodes] = [:]

    init(_ plan: QueryPlan, _ segment: any SegmentColumns, rowGroup: Int) throws {
        self.plan = plan
        self.segment = segment
        self.rowGroup = rowGroup
        times = segment.rowGroups[rowGroup].times
        shapes = try segment.pages(rowGroup: rowGroup)
        effort = QueryEffort(plan)
        left = RowMask(count: shapes.count, all: true)
    }

    /// The bound plan; nil when no page can hold a match.
    mutating func bind() throws -> BoundPlan? {
        // Time and index first: where they leave no page, no dictionary is read.
        left = try candidates(plan.root)
        effort.pages += shapes.count
        guard !left.isEmpty else {
            effort.pagesPruned += shapes.count
            return nil
        }
        let (root, pages) = try bind(plan.root)
        left.formIntersection(pages)
        effort.pagesPruned += shapes.count - left.population
        if case .none = root { left = RowMask(count: shapes.count, all: false) }
        return left.isEmpty ? nil : BoundPlan(root: root, pages: left)
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

    /// A node with the pages that may hold a match of it: what dictionaries rule out is out here.
    private typealias Bound = (node: BoundPlan.Node, pages: RowMask)

    private var allPages: RowMask { RowMask(count: pageCount, all: true) }
    private var noPages: RowMask { RowMask(count: pageCount, all: false) }

    private mutating func bind(_ node: QueryPlan.Node) throws -> Bound {
        switch node {
        case .all: return (.all, allPages)
        case .time(let from, let until):
            if let times {
                if times.upperBound < from || times.lowerBound >= until { return (.none, noPages) }
            }
            return (.time(from: from, until: until), allPages)
        case .not(let inner):
            switch try bind(inner).node {
            case .all: return (.none, noPages)
            case .none: return (.all, allPages)
            case let bound: return (.not(bound), allPages)
            }
        case .and(let nodes):
            var bound: [BoundPlan.Node] = []
            var pages = allPages
            for inner in Self.cheapFirst(nodes) {
                let one = try bind(inner)
                if case .none = one.node { return one }
                if case .all = one.node { continue }
                bound.append(one.node)
                pages.formIntersection(one.pages)
            }
            return (bound.isEmpty ? .all : bound.count == 1 ? bound[0] : .and(bound), pages)
        case .or(let nodes):
            var parts: [Bound] = []
            for inner in nodes {
                let one = try bind(inner)
                if case .all = one.node { return one }
                parts.append(one)
            }
            return either(parts)
        case .term(let term): return either(try term.tests.map { try bind($0, term) })
        }
    }

    private func either(_ parts: [Bound]) -> Bound {
        var bound: [BoundPlan.Node] = []
        var pages = noPages
        for part in parts {
            if case .none = part.node { continue }
            bound.append(part.node)
            pages.formUnion(part.pages)
        }
        return (bound.isEmpty ? .none : bound.count == 1 ? bound[0] : .or(bound), pages)
    }

    private mutating func bind(_ test: QueryPlan.ColumnTest, _ term: QueryPlan.Term) throws -> Bound {
        // Where the index leaves no page that is still wanted, the dictionary is not read.
        let known = effort
        let pages = try candidates(test, term)
        effort = known
        var wanted = pages
        wanted.formIntersection(left)
        guard !wanted.isEmpty else { return (.none, noPages) }
        switch test {
        case .field(let field, let test):
            guard let matcher = try matcher(test, .field(field), term.number) else { return (.none, noPages) }
            return (.field(field, matcher, term: term.number), pages)
        case .list(let list, let members, let test):
            var bound: [(member: Int, matcher: BoundPlan.Matcher)] = []
            for member in members {
                if let matcher = try matcher(test, .member(list, member), term.number) { bound.append((member, matcher)) }
            }
            return bound.isEmpty ? (.none, noPages) : (.list(list, bound, term: term.number), pages)
        case .attribute(let name, let value):
            guard let name = try matcher(name, .member(.attributes, 0), term.number),
                let value = try matcher(value, .member(.attributes, 1), term.number)
            else { return (.none, noPages) }
            return (.attribute(name: name, value: value, term: term.number), pages)
        }
    }

    /// How codes of a column are judged; nil when nothing in the row group matches.
    private mutating func matcher(_ test: TextTest, _ leaf: TextLeaf, _ term: Int) throws -> BoundPlan.Matcher? {
        guard segment.mayHoldValues(leaf, rowGroup: rowGroup) else { return nil }
        if case .any = test.kind { return .verdict(.all) }
        if let exact = test.exactTerm, let terms = plan.exactTerms[leaf], let place = terms.firstIndex(of: exact) {
            let known: TermCodes
            if let found = termCodes[leaf] {
                known = found
            } else {
                guard let found = try segment.codes(ofTerms: terms, in: leaf, rowGroup: rowGroup) else { return .pageEntries(test) }
                effort.bytesRead += found.byteCount
                termCodes[leaf] = found
                known = found
            }
            effort.terms[term].entries += known.count
            let verdict = Verdict(codes: known.codes[place].map { Int($0) }, of: known.count)
            return verdict.isNone ? nil : .verdict(verdict)
        }
        guard let dictionary = try segment.dictionary(leaf, rowGroup: rowGroup) else { return .pageEntries(test) }
        effort.terms[term].entries += dictionary.count
        effort.bytesRead += dictionary.bytes.count
        let verdict = test.verdict(on: dictionary)
        return verdict.isNone ? nil : .verdict(verdict)
    }
}
