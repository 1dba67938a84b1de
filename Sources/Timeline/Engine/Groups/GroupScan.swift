import AuditModel

/// Counts and measures matching events by groups, page by page, on numbers instead of texts.
struct GroupScan {
    let scan: BoundScan
    let aggregation: Aggregation
    let workers: QueryWorkers
    let budget: QueryBudget
    let codes: GlobalCodes

    /// Groups in no order.
    struct Outcome {
        var layout: GroupKey
        var keys: [UInt64] = []
        /// Counts, measured integers, or numbers of texts.
        var values: [Int64] = []
        var matchCount = 0
        var effort: QueryEffort
        /// The keys' columns, then the measured one's where it is text.
        var columns: [GlobalCodes.Column]
        /// By key field: what numbers are places of. Empty where numbers are those of the columns' dictionaries.
        var rankings: [GlobalRanking] = []
        /// Whether ``keys`` ascend, and so are in the order of the answer, since numbers are places.
        var isOrdered = false
    }

    /// The field whose values the measure looks at.
    private var measured: EventField? {
        switch aggregation.measure {
        case .distinct(let field), .minimum(.field(let field)), .maximum(.field(let field)): field
        case .count, .minimum(.integer), .maximum(.integer): nil
        }
    }

    /// The integer column that is measured, and whether the smallest value is wanted.
    private var measuredInteger: (name: IntegerName, smaller: Bool)? {
        switch aggregation.measure {
        case .minimum(.integer(let name)): IntegerName(rawValue: name.rawValue).map { ($0, true) }
        case .maximum(.integer(let name)): IntegerName(rawValue: name.rawValue).map { ($0, false) }
        case .count, .distinct, .minimum(.field), .maximum(.field): nil
        }
    }

    func run() throws -> Outcome {
        let fields = aggregation.keys + (measured.map { [$0] } ?? [])
        let columns = fields.map(codes.column)
        var translations = try translate(fields, columns)
        let rankings = rank(&translations, columns)
        let layout = try layout(columns, translations)
        var outcome = Outcome(layout: layout, effort: scan.effort, columns: columns, rankings: rankings)
        let page = PageGrouping(
            layout: layout, fields: fields, columns: columns, bucket: aggregation.bucket, skipsAbsentKeys: aggregation.skipsAbsentKeys,
            integer: measuredInteger?.name)
        let states = try accumulate(page, translations, isRanked: !rankings.isEmpty)
        for state in states {
            outcome.matchCount += state.matchCount
            outcome.effort.add(state.tally.effort)
        }
        try collect(states, &outcome)
        outcome.effort.microseconds = budget.elapsedMicroseconds
        return outcome
    }

    // MARK: Numbers for texts

    /// For each row group and column the numbers of its dictionary's entries; nil where pages have entries of their own.
    private func translate(_ fields: [EventField], _ columns: [GlobalCodes.Column]) throws -> [[[UInt32]?]] {
        guard !fields.isEmpty else { return Array(repeating: [], count: scan.groups.count) }
        let scan = self.scan
        let budget = self.budget
        let states = try workers.run(items: scan.groups.count, state: { Translated(scan.plan) }) { own, item in
            try budget.check()
            let group = scan.groups[item]
            own.values.append(
                (
                    item,
                    try fields.indices.map {
                        try columns[$0].translation(group.segment, rowGroup: group.rowGroup, fields[$0], own.tally)
                    }
                ))
        }
        return states.flatMap(\.values).sorted { $0.place < $1.place }.map(\.tables)
    }

    /// Replaces numbers of the keys' texts by their places in the order of bytes, so that groups come out in order.
    ///
    /// - Returns: By key; nothing where a page has texts of its own, whose places nobody knows yet.
    private func rank(_ translations: inout [[[UInt32]?]], _ columns: [GlobalCodes.Column]) -> [GlobalRanking] {
        let keys = aggregation.keys.indices
        guard !keys.isEmpty, translations.allSatisfy({ row in keys.allSatisfy { row[$0] != nil } }) else { return [] }
        let rankings = keys.map { columns[$0].dictionary.ranking() }
        for group in translations.indices {
            let (segment, rowGroup) = (scan.groups[group].segment.id, scan.groups[group].rowGroup)
            for key in keys {
                if let numbers = translations[group][key] {
                    translations[group][key] = columns[key].places(numbers, rankings[key], segment: segment, rowGroup: rowGroup)
                }
            }
        }
        return rankings
    }

    private final class Translated: @unchecked Sendable {
        var values: [(place: Int, tables: [[UInt32]?])] = []
        let tally: WorkerTally
        init(_ plan: QueryPlan) { tally = WorkerTally(QueryEffort(plan)) }
    }

    private func layout(_ columns: [GlobalCodes.Column], _ translations: [[[UInt32]?]]) throws -> GroupKey {
        let rows = scan.pages.reduce(0) { $0 + scan.shape(of: $1).rows.count }
        let counts = columns.indices.map { place in
            let isOpen = translations.contains { $0[place] == nil }
            return columns[place].dictionary.count + 1 + (isOpen ? rows : 0)
        }
        return try GroupKey(
            fieldCounts: Array(counts.prefix(aggregation.keys.count)), valueCount: measured == nil ? nil : counts.last,
            buckets: aggregation.bucket.map(buckets))
    }

    /// The buckets that matching events can fall into.
    private func buckets(_ bucket: TimeBucket) -> ClosedRange<Int64> {
        var low = Int64.max
        var high = Int64.min
        for page in scan.pages {
            let times = scan.shape(of: page).times
            low = min(low, times?.lowerBound ?? Timestamp.earliest.microseconds)
            high = max(high, times?.upperBound ?? Timestamp.latest.microseconds)
        }
        if let from = scan.plan.from { low = max(low, from) }
        if let until = scan.plan.until { high = min(high, until) }
        guard low <= high else { return 0...0 }
        return bucket.number(low)...bucket.number(high)
    }

    // MARK: Pages

    private func accumulate(_ grouping: PageGrouping, _ translations: [[[UInt32]?]], isRanked: Bool) throws -> [GroupWorker] {
        let scan = self.scan
        let budget = self.budget
        let pages = scan.pages
        let kind: GroupWorker.Kind = measured != nil ? .keys : measuredInteger.map { .integers(smaller: $0.smaller) } ?? .counts
        let mostRows = pages.map { scan.shape(of: $0).rows.count }.max() ?? 0
        return try workers.run(items: pages.count, state: { GroupWorker(kind, grouping.layout, scan.plan, mostRows, isRanked: isRanked, budget) }) { own, item in
            try budget.check()
            let page = pages[item]
            let isCountOnly = kind == .counts && grouping.layout.bits == 0
            if isCountOnly, scan.matchesWhole(page) {
                own.matchCount += scan.shape(of: page).rows.count
                return
            }
            if kind == .counts, scan.matchesWhole(page),
                try grouping.countRuns(own, scan.groups[page.group], page.page, translations[page.group])
            {
                own.matchCount += scan.shape(of: page).rows.count
                own.tally.effort.rowsScanned += scan.shape(of: page).rows.count
                return
            }
            let mask = try scan.rows(of: page, own.tally)
            let population = mask.population
            own.matchCount += population
            guard population > 0, !isCountOnly else { return }
            let isWhole = population == mask.count
            if !isWhole { _ = mask.write(to: own.rows) }
            try grouping.fill(
                own, scan.groups[page.group], page.page, translations[page.group], rows: isWhole ? nil : UnsafePointer(own.rows), population)
            try own.accumulate(population)
        }
    }

    // MARK: Results

    private func collect(_ states: [GroupWorker], _ outcome: inout Outcome) throws {
        if measured != nil { return try collectKeys(states, &outcome) }
        if outcome.layout.bits == 0, measuredInteger == nil {
            outcome.keys = [0]
            outcome.values = [Int64(outcome.matchCount)]
            return
        }
        let merged = try CountTable(budget)
        for state in states {
            if let table = state.table {
                try table.forEach { key, value in
                    if let (_, smaller) = measuredInteger {
                        try merged.keep(value, for: key, smaller: smaller)
                    } else {
                        try merged.add(value, to: key)
                    }
                }
            }
        }
        let dense = states.compactMap(\.dense)
        if let first = dense.first {
            outcome.isOrdered = !outcome.rankings.isEmpty && states.allSatisfy { $0.table == nil }
            for key in 0..<first.count {
                var sum: Int64 = 0
                for counts in dense { sum += counts[key] }
                if sum > 0 {
                    outcome.keys.append(UInt64(key))
                    outcome.values.append(sum)
                }
            }
        }
        outcome.keys.reserveCapacity(outcome.keys.count + merged.count)
        outcome.values.reserveCapacity(outcome.values.count + merged.count)
        merged.forEach { key, value in
            outcome.keys.append(key)
            outcome.values.append(value)
        }
    }

    /// Distinct keys become counts of distinct values, or the smallest or largest value, partition by partition.
    private func collectKeys(_ states: [GroupWorker], _ outcome: inout Outcome) throws {
        let layout = outcome.layout
        let partitions = states.compactMap(\.partitions)
        let budget = self.budget
        guard let value = layout.value else { return }
        var ranks: [UInt32] = []
        var smaller: Bool?
        switch aggregation.measure {
        case .minimum: smaller = true
        case .maximum: smaller = false
        case .count, .distinct: break
        }
        if smaller != nil { ranks = outcome.columns.last?.dictionary.ranks() ?? [] }
        let isRanked = !outcome.rankings.isEmpty
        let finished = try workers.run(items: KeyPartitions.count, state: { Finished() }) { [ranks, smaller] own, number in
            try budget.check()
            let buffers = partitions.map { $0.partition(number) }
            let most = buffers.reduce(0) { $0 + $1.count }
            guard most > 0 else { return }
            try budget.take(KeySet.byteCount(most: most), for: "the distinct values of this query")
            defer { budget.give(KeySet.byteCount(most: most)) }
            var set = KeySet(most: most)
            let groups = try CountTable(budget)
            for buffer in buffers {
                for key in buffer where set.insert(key) {
                    if let smaller {
                        let number = value.value(key)
                        let rank = Int64(ranks[Int(number)]) << 32 | Int64(number)
                        try groups.keep(rank, for: layout.group(key), smaller: smaller)
                    } else {
                        try groups.add(1, to: layout.group(key))
                    }
                }
            }
            var found: [Group] = []
            found.reserveCapacity(groups.count)
            groups.forEach { key, value in found.append(Group(key: key, value: smaller == nil ? value : value & 0xFFFF_FFFF)) }
            if isRanked { found.sort { $0.key < $1.key } }
            own.partitions.append((number, found))
        }
        if layout.bucket == nil, layout.fields.isEmpty {
            // One group, whose values were spread over all partitions.
            outcome.keys = [0]
            let values = finished.flatMap { $0.partitions.flatMap { $0.groups.map(\.value) } }
            switch smaller {
            case nil: outcome.values = [values.reduce(0, +)]
            case .some(let smaller):
                let ordered = values.sorted { ranks[Int($0)] < ranks[Int($1)] }
                outcome.values = (smaller ? ordered.first : ordered.last).map { [$0] } ?? []
                if outcome.values.isEmpty { outcome.keys = [] }
            }
            return
        }
        let parts = finished.flatMap(\.partitions).sorted { $0.number < $1.number }
        let count = parts.reduce(0) { $0 + $1.groups.count }
        outcome.keys.reserveCapacity(count)
        outcome.values.reserveCapacity(count)
        for part in parts {
            for group in part.groups {
                outcome.keys.append(group.key)
                outcome.values.append(group.value)
            }
        }
        // Partitions are ranges of keys then.
        outcome.isOrdered = isRanked
    }

    private struct Group {
        let key: UInt64
        let value: Int64
    }

    private final class Finished: @unchecked Sendable {
        var partitions: [(number: Int, groups: [Group])] = []
    }
}
