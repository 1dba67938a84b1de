/// A segment that a query may read: its times, and how it is opened.
struct SegmentSource: Sendable {
    /// Earliest and latest time in microseconds; nil when unknown or no row has one.
    let times: ClosedRange<Int64>?
    /// Whether an index, without opening the segment, leaves it open that a row of it has this value in a column; ASCII letters of the value
    /// in lower case.
    var mayHold: @Sendable ([UInt8], TextLeaf) -> Bool = { _, _ in true }
    let open: @Sendable () throws -> any SegmentColumns
}

/// The row groups in which a filter may match, bound and ready to be scanned, and their pages.
struct BoundScan: Sendable {
    /// A row group with its bound plan.
    struct Group: Sendable {
        let segment: any SegmentColumns
        /// Place of the segment among ``BoundScan/segments``.
        let segmentNumber: Int
        let rowGroup: Int
        let plan: BoundPlan
        let pages: [PageShape]
    }

    /// A page that may hold a match.
    struct Page: Sendable {
        let group: Int
        let page: Int
    }

    let plan: QueryPlan
    let segments: [any SegmentColumns]
    let groups: [Group]
    /// What pruning took.
    let effort: QueryEffort

    /// Opens what time does not rule out and binds the plan, row groups shared among workers.
    init(_ plan: QueryPlan, _ sources: [SegmentSource], _ workers: QueryWorkers, _ budget: QueryBudget) throws {
        self.plan = plan
        var effort = QueryEffort(plan)
        effort.segments = sources.count
        segments = try Self.open(sources.filter { plan.mayHold($0.times) }, plan, workers, budget)
        effort.segmentsPruned = sources.count - segments.count

        var places: [(segment: Int, rowGroup: Int)] = []
        for (number, segment) in segments.enumerated() {
            effort.rowGroups += segment.rowGroups.count
            for (rowGroup, shape) in segment.rowGroups.enumerated() {
                if plan.mayHold(shape.times) { places.append((number, rowGroup)) } else { effort.rowGroupsPruned += 1 }
            }
        }
        let bound = try Self.bind(plan, segments, places, workers, budget)
        groups = bound.groups
        for worker in bound.efforts { effort.add(worker) }
        effort.rowGroupsPruned += places.count - groups.count
        self.effort = effort
    }

    private static func open(
        _ sources: [SegmentSource], _ plan: QueryPlan, _ workers: QueryWorkers, _ budget: QueryBudget
    ) throws -> [any SegmentColumns] {
        let opened = try workers.run(items: sources.count, state: { Slots<any SegmentColumns>() }) { own, item in
            try budget.check()
            guard plan.mayMatch(sources[item].mayHold) else { return }
            own.values.append((item, try sources[item].open()))
        }
        return opened.flatMap(\.values).sorted { $0.place < $1.place }.map(\.value)
    }

    private static func bind(
        _ plan: QueryPlan, _ segments: [any SegmentColumns], _ places: [(segment: Int, rowGroup: Int)], _ workers: QueryWorkers,
        _ budget: QueryBudget
    ) throws -> (groups: [Group], efforts: [QueryEffort]) {
        let states = try workers.run(items: places.count, state: { Slots<Group>(QueryEffort(plan)) }) { own, item in
            try budget.check()
            let (number, rowGroup) = places[item]
            var binder = try PlanBinder(plan, segments[number], rowGroup: rowGroup)
            let bound = try binder.bind()
            own.effort.add(binder.effort)
            guard let bound else { return }
            try budget.take(bound.byteCount, for: "the verdicts on this query's texts")
            own.values.append((item, Group(segment: segments[number], segmentNumber: number, rowGroup: rowGroup, plan: bound, pages: binder.shapes)))
        }
        let groups = states.flatMap(\.values).sorted { $0.place < $1.place }.map(\.value)
        return (groups, states.map(\.effort))
    }

    /// Values that one worker made, with their places.
    private final class Slots<Value>: @unchecked Sendable {
        var values: [(place: Int, value: Value)] = []
        var effort: QueryEffort
        init(_ effort: QueryEffort = QueryEffort()) { self.effort = effort }
    }

    /// All pages that may hold a match, row group after row group.
    var pages: [Page] {
        var pages: [Page] = []
        for (number, group) in groups.enumerated() {
            group.plan.pages.forEach { pages.append(Page(group: number, page: $0)) }
        }
        return pages
    }

    /// The matching rows of a page.
    func rows(of page: Page, _ tally: WorkerTally) throws -> RowMask {
        let group = groups[page.group]
        return try PageEvaluator(group, page: page.page, tally: tally).rows(group.plan)
    }

    /// Whether all rows of a page match and that is known without reading.
    func matchesWhole(_ page: Page) -> Bool {
        let group = groups[page.group]
        guard group.segment.seqEnd == nil, case .all = group.plan.root else { return false }
        return true
    }

    func shape(of page: Page) -> PageShape { groups[page.group].pages[page.page] }
}

extension BoundPlan {
    /// About how much memory the verdicts take.
    var byteCount: Int { Self.byteCount(root) + 64 }

    private static func byteCount(_ node: Node) -> Int {
        switch node {
        case .all, .none, .time: 16
        case .and(let nodes), .or(let nodes): nodes.reduce(32) { $0 + byteCount($1) }
        case .not(let inner): 16 + byteCount(inner)
        case .field(_, let matcher, _): byteCount(matcher)
        case .list(_, let members, _): members.reduce(32) { $0 + byteCount($1.matcher) }
        case .attribute(let name, let value, _): byteCount(name) + byteCount(value)
        }
    }

    private static func byteCount(_ matcher: Matcher) -> Int {
        if case .verdict(.table(let table)) = matcher { return table.count + 48 }
        return 48
    }
}
