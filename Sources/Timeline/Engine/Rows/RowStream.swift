/// Finds matching rows and hands them on in order of time, without sorting all of them.
///
/// Pages are evaluated in the order of their earliest times, some at a time. A row goes out as soon as no page that is left can hold an
/// earlier one; so only rows of pages whose times overlap wait, and with a limit only the earliest of them. Pages behind the last row
/// that is wanted are counted and no more.
struct RowStream {
    let scan: BoundScan
    let workers: QueryWorkers
    let budget: QueryBudget

    /// Pages evaluated at once, at first and at most.
    private static let firstRound = 32
    private static let mostPages = 512
    /// So many rows are read segment by segment; of more, each worker reads the rows of its batch.
    private static let fewRows = 1_024
    /// Rows rendered by one worker at once.
    static let batchRows = 4_096

    /// What came of it.
    struct Outcome {
        var matchCount = 0
        var times: ClosedRange<Int64>?
        var effort: QueryEffort
    }

    private struct Job {
        let page: BoundScan.Page
        /// No row of the page with a time is earlier.
        let earliest: Int64
        let latest: Int64
    }

    /// Rows that one worker found in a round.
    private final class Found: @unchecked Sendable {
        let tally: WorkerTally
        var hits: [Hit] = []
        var matchCount = 0
        /// Pages that were counted only, and hold matches.
        var counted: [Job] = []
        init(_ plan: QueryPlan) { tally = WorkerTally(QueryEffort(plan)) }
    }

    /// Runs it.
    ///
    /// - Parameters:
    ///   - limit: Most rows to hand on; all are counted.
    ///   - render: Makes the output of a batch; runs on any worker.
    ///   - deliver: Takes the outputs in order, on the calling thread.
    func run<Output: Sendable>(
        limit: Int?, render: @escaping @Sendable (RowBatch) throws -> Output, deliver: (Output) throws -> Void
    ) throws -> Outcome {
        var outcome = Outcome(effort: scan.effort)
        var left = limit ?? Int.max
        var waiting: [Hit] = []
        var counted: [Job] = []
        var held = 0
        let jobs = self.jobs()
        var next = 0
        // What a round can find at most takes a quarter of the memory.
        let pageBytes = (jobs.map { scan.shape(of: $0.page).rows.count }.max() ?? 1) * MemoryLayout<Hit>.stride
        let mostPages = max(workers.count, min(Self.mostPages, budget.memoryBytes / 4 / pageBytes))
        // Where all rows are wanted, little is gained by showing the first ones sooner.
        var round = limit == nil ? mostPages : min(Self.firstRound, mostPages)
        while next < jobs.count {
            try budget.check()
            let end = min(next + round, jobs.count)
            round = min(2 * round, mostPages)
            let cutoff = Self.cutoff(&waiting, left)
            for found in try evaluate(jobs[next..<end], cutoff) {
                outcome.effort.add(found.tally.effort)
                outcome.matchCount += found.matchCount
                waiting.append(contentsOf: found.hits)
                counted.append(contentsOf: found.counted)
            }
            try budget.hold(waiting.count * MemoryLayout<Hit>.stride, &held, for: "the rows that wait for their turn")
            next = end
            let frontier = next < jobs.count ? jobs[next].earliest : Int64.max
            let isLast = next == jobs.count
            try emit(&waiting, &left, &outcome, before: isLast ? nil : frontier, render, deliver)
        }
        try widen(&outcome, counted)
        outcome.effort.microseconds = budget.elapsedMicroseconds
        return outcome
    }

    private func jobs() -> [Job] {
        var jobs = scan.pages.map { page in
            let shape = scan.shape(of: page)
            return Job(
                page: page, earliest: shape.times?.lowerBound ?? .min, latest: shape.mayLackTimes ? .max : shape.times?.upperBound ?? .max)
        }
        jobs.sort { $0.earliest < $1.earliest }
        return jobs
    }

    /// The time behind which no row is wanted any more. With a limit, rows that cannot be among the earliest are dropped here.
    private static func cutoff(_ waiting: inout [Hit], _ left: Int) -> Int64 {
        if left == 0 { return .min }
        guard waiting.count >= left else { return .max }
        waiting.sort(by: Hit.isBefore)
        waiting.removeSubrange(left...)
        return waiting[left - 1].time
    }

    private func evaluate(_ jobs: ArraySlice<Job>, _ cutoff: Int64) throws -> [Found] {
        let scan = self.scan
        let budget = self.budget
        let jobs = Array(jobs)
        return try workers.run(items: jobs.count, state: { Found(scan.plan) }) { found, item in
            try budget.check()
            let job = jobs[item]
            let isWanted = cutoff != .min && job.earliest <= cutoff
            if !isWanted, scan.matchesWhole(job.page) {
                found.matchCount += scan.shape(of: job.page).rows.count
                found.counted.append(job)
                return
            }
            let rows = try scan.rows(of: job.page, found.tally)
            let population = rows.population
            guard population > 0 else { return }
            found.matchCount += population
            if isWanted {
                try Self.append(rows, of: job.page, scan, cutoff, &found.hits)
            }
            found.counted.append(job)
        }
    }

    private static func append(_ rows: RowMask, of page: BoundScan.Page, _ scan: BoundScan, _ cutoff: Int64, _ hits: inout [Hit]) throws {
        let group = scan.groups[page.group]
        let shape = scan.shape(of: page)
        let times = try group.segment.integers(.time, rowGroup: group.rowGroup, page: page.page)
        let firstSeq = group.segment.firstSeq(rowGroup: group.rowGroup)
        let seqs = firstSeq == nil ? try group.segment.integers(.seq, rowGroup: group.rowGroup, page: page.page) : nil
        let firstInGroup = shape.rows.lowerBound - group.segment.rowGroups[group.rowGroup].rows.lowerBound
        rows.forEach { row in
            let time = times.values[row] == IntegerPage.absent ? Int64.max : times.values[row]
            guard time <= cutoff else { return }
            let seq = seqs?.values[row] ?? (firstSeq ?? 0) + Int64(firstInGroup + row)
            hits.append(
                Hit(time: time, seq: seq, segment: UInt32(group.segmentNumber), row: UInt32(shape.rows.lowerBound + row)))
        }
    }

    /// Hands on the rows that nothing can precede any more; all where `frontier` is nil.
    private func emit<Output: Sendable>(
        _ waiting: inout [Hit], _ left: inout Int, _ outcome: inout Outcome, before frontier: Int64?,
        _ render: @escaping @Sendable (RowBatch) throws -> Output, _ deliver: (Output) throws -> Void
    ) throws {
        guard !waiting.isEmpty, left > 0 else {
            waiting.removeAll()
            return
        }
        waiting.sort(by: Hit.isBefore)
        var final = waiting.count
        if let frontier {
            // Hits that share the frontier's time wait too: their positions decide.
            var low = 0
            while low < final {
                let middle = (low + final) / 2
                if waiting[middle].time < frontier { low = middle + 1 } else { final = middle }
            }
        }
        final = min(final, left)
        guard final > 0 else { return }
        let ready = Array(waiting[..<final])
        waiting.removeSubrange(..<final)
        left -= final
        outcome.effort.rowsBuilt += final
        try hand(ready, render, deliver)
    }

    private func hand<Output: Sendable>(
        _ hits: [Hit], _ render: @escaping @Sendable (RowBatch) throws -> Output, _ deliver: (Output) throws -> Void
    ) throws {
        let segments = scan.segments
        let budget = self.budget
        if hits.count <= Self.fewRows { return try deliver(render(RowBatch(reading: hits[...], segments: segments, workers, budget))) }
        // A few batches per worker are rendered at once, so that little waits in memory.
        let size = max(16, min(Self.batchRows, (hits.count + workers.count - 1) / workers.count))
        let stride = size * workers.count * 2
        var begin = 0
        while begin < hits.count {
            let end = min(begin + stride, hits.count)
            let from = begin
            let batches = (end - begin + size - 1) / size
            let states = try workers.run(items: batches, state: { Rendered<Output>() }) { own, item in
                try budget.check()
                let low = from + item * size
                own.outputs.append((item, try render(RowBatch(hits: hits[low..<min(low + size, end)], segments: segments))))
            }
            for output in states.flatMap(\.outputs).sorted(by: { $0.place < $1.place }) { try deliver(output.output) }
            begin = end
        }
    }

    private final class Rendered<Output>: @unchecked Sendable {
        var outputs: [(place: Int, output: Output)] = []
    }

    /// Earliest and latest time among all matches: only the pages at both ends are read again.
    private func widen(_ outcome: inout Outcome, _ counted: [Job]) throws {
        var low = Int64.max
        var high = Int64.min
        let tally = WorkerTally(QueryEffort(scan.plan))
        func read(_ job: Job) throws {
            let group = scan.groups[job.page.group]
            let times = try group.segment.integers(.time, rowGroup: group.rowGroup, page: job.page.page)
            try scan.rows(of: job.page, tally).forEach { row in
                let time = times.values[row]
                guard time != IntegerPage.absent else { return }
                low = min(low, time)
                high = max(high, time)
            }
        }
        for job in counted.sorted(by: { $0.earliest < $1.earliest }) {
            if low != .max, job.earliest >= low { break }
            try read(job)
        }
        func top(_ job: Job) -> Int64 { scan.shape(of: job.page).times?.upperBound ?? .max }
        for job in counted.sorted(by: { top($0) > top($1) }) {
            if high != .min, top(job) <= high { break }
            try read(job)
        }
        if low <= high { outcome.times = low...high }
    }
}
