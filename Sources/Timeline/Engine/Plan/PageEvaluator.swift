import AuditModel

/// Evaluates a bound plan over one page: columns are decoded only where earlier terms left rows.
///
/// It must give what ``ResolvedFilter/matches(_:)`` gives on the built events; a test holds them together.
struct PageEvaluator {
    let segment: any SegmentColumns
    let rowGroup: Int
    let page: Int
    private let shape: PageShape
    private let tally: WorkerTally

    init(_ group: BoundScan.Group, page: Int, tally: WorkerTally) {
        segment = group.segment
        rowGroup = group.rowGroup
        self.page = page
        shape = group.pages[page]
        self.tally = tally
    }

    /// The rows that match, counted from the page's beginning.
    func rows(_ plan: BoundPlan) throws -> RowMask {
        var all = RowMask(count: shape.rows.count, all: true)
        tally.effort.rowsScanned += shape.rows.count
        if let end = segment.seqEnd {
            let seqs = try integers(.seq)
            all.formIntersection(CodeScan.rows(seqs, from: .min, until: end))
        }
        return try rows(plan.root, within: all)
    }

    private func rows(_ node: BoundPlan.Node, within: RowMask) throws -> RowMask {
        switch node {
        case .all: return within
        case .none: return RowMask(count: within.count, all: false)
        case .and(let nodes):
            var left = within
            for inner in nodes {
                left = try rows(inner, within: left)
                if left.isEmpty { break }
            }
            return left
        case .or(let nodes):
            var found = RowMask(count: within.count, all: false)
            var left = within
            for inner in nodes {
                let more = try rows(inner, within: left)
                found.formUnion(more)
                left.subtract(more)
                if left.isEmpty { break }
            }
            return found
        case .not(let inner):
            var left = within
            left.subtract(try rows(inner, within: within))
            return left
        case .time(let from, let until): return try rows(from: from, until: until, within: within)
        case .field(let field, let matcher, let term):
            tally.effort.terms[term].pagesScanned += 1
            if case .pageEntries(let test) = matcher, let exact = test.exactTerm,
                var rows = try segment.rows(equalTo: exact, in: field, rowGroup: rowGroup, page: page)
            {
                rows.formIntersection(within)
                return rows
            }
            let page = try segment.codes(field, rowGroup: rowGroup, page: page)
            tally.effort.bytesRead += page.byteCount
            return Self.slots(page, matcher, within: within)
        case .list(let list, let members, let term):
            tally.effort.terms[term].pagesScanned += 1
            return try rows(list, members, within: within)
        case .attribute(let name, let value, let term):
            tally.effort.terms[term].pagesScanned += 1
            let list = try list(.attributes)
            guard list.members.count == 2 else { return RowMask(count: within.count, all: false) }
            var elements = Self.slots(list.members[0], name, within: nil)
            if elements.isEmpty { return RowMask(count: within.count, all: false) }
            elements.formIntersection(Self.slots(list.members[1], value, within: nil))
            return Self.rows(list, holding: elements, within: within)
        }
    }

    private func rows(from: Int64, until: Int64, within: RowMask) throws -> RowMask {
        if !shape.mayLackTimes, let times = shape.times {
            if times.lowerBound >= from, times.upperBound < until { return within }
            if times.upperBound < from || times.lowerBound >= until { return RowMask(count: within.count, all: false) }
        }
        var rows = CodeScan.rows(try integers(.time), from: from, until: until)
        rows.formIntersection(within)
        return rows
    }

    private func rows(
        _ name: ListName, _ members: [(member: Int, matcher: BoundPlan.Matcher)], within: RowMask
    ) throws -> RowMask {
        let list = try list(name)
        var elements: RowMask?
        for (member, matcher) in members where member < list.members.count {
            let slots = Self.slots(list.members[member], matcher, within: nil)
            if elements == nil { elements = slots } else { elements?.formUnion(slots) }
        }
        guard let elements, !elements.isEmpty else { return RowMask(count: within.count, all: false) }
        return Self.rows(list, holding: elements, within: within)
    }

    private func integers(_ name: IntegerName) throws -> IntegerPage {
        tally.effort.bytesRead += 8 * shape.rows.count
        return try segment.integers(name, rowGroup: rowGroup, page: page)
    }

    private func list(_ name: ListName) throws -> ListPage {
        let list = try segment.list(name, rowGroup: rowGroup, page: page)
        tally.effort.bytesRead += 4 * list.rowCount + list.members.reduce(0) { $0 + $1.byteCount }
        return list
    }

    private static func slots(_ page: CodePage, _ matcher: BoundPlan.Matcher, within: RowMask?) -> RowMask {
        let verdict =
            switch matcher {
            case .verdict(let verdict): verdict
            case .pageEntries(let test): page.entries.map { test.verdict(on: $0) } ?? .none
            }
        if verdict.isNone { return RowMask(count: page.count, all: false) }
        guard let within else { return verdict.slots(page) }
        if within.population * 16 < page.count { return verdict.slots(page, within: within) }
        var slots = verdict.slots(page)
        slots.formIntersection(within)
        return slots
    }

    private static func rows(_ list: ListPage, holding elements: RowMask, within: RowMask) -> RowMask {
        var rows = RowMask(count: within.count, all: false)
        within.forEach { row in
            guard row < list.rowCount else { return }
            var element = Int(list.offsets[row])
            let end = min(Int(list.offsets[row + 1]), elements.count)
            while element < end {
                if elements[element] {
                    rows[row] = true
                    return
                }
                element &+= 1
            }
        }
        return rows
    }
}
