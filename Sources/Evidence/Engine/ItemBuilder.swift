import AuditModel
import Foundation

/// Makes the items of a report's populations.
struct ItemBuilder {
    let definition: ReportDefinition
    let scan: PopulationScan
    let check: SourceCheck
    let evaluator: ExpressionEvaluator
    let period: Period

    /// Most items that one schedule may make: one a minute for a year.
    static let scheduleLimit = 600_000

    /// The items of all populations, those of the first one first, each in time order.
    func items() throws(EvidenceError) -> [TestItem] {
        var all: [TestItem] = []
        for population in definition.populations {
            var items = try items(population)
            if !population.name.isEmpty {
                for position in items.indices { items[position] = items[position].named(population.name) }
            }
            all += items
        }
        return all
    }

    private func items(_ population: Population) throws(EvidenceError) -> [TestItem] {
        switch population.kind {
        case .coverage: return CoverageItems(period: period, gaps: check.gaps).items(check.accounts)
        case .events(let sets): return try events(sets, population)
        case .groups(let rule): return try runs(rule, population)
        case .rows(let name): return try rows(evaluator.inventories[name], population)
        case .schedule(let name): return try dueTimes(evaluator.inventories[name], population)
        case .log(let types): return try withPeople(LogItems(period: period).items(scan, types: Set(types)), population)
        case .sources(let role): return try withPeople(check.accounts(role).map { SourceItem(account: $0, period: period).item }, population)
        }
    }

    // MARK: Events

    private func events(_ sets: [String], _ population: Population) throws(EvidenceError) -> [TestItem] {
        let systems: [String?] = population.across.map { check.accounts($0).map(\.source.id) } ?? [nil]
        var items: [TestItem] = []
        var seen: Set<Int64> = []
        for set in sets {
            for row in scan.rows(report: definition.id, set: set) where sets.count == 1 || seen.insert(row.seq).inserted {
                let bare = TestItem.bare(row)
                let (time, bound) = try time(of: bare, population)
                guard period.contains(time) else { continue }
                let people = try people(of: bare, population)
                for system in systems {
                    let id = "seq:\(row.seq)" + (system.map { "/\($0)" } ?? "")
                    items.append(TestItem(id: id, row: row, time: time, timeBound: bound, people: people, system: system))
                }
            }
        }
        return items.sorted { ($0.time, $0.row?.seq ?? 0, $0.system ?? "") < ($1.time, $1.row?.seq ?? 0, $1.system ?? "") }
    }

    private func time(of item: TestItem, _ population: Population) throws(EvidenceError) -> (Timestamp, Int64) {
        if let expression = population.time {
            switch try evaluator.value(expression, in: .item(item)) {
            case .time(let time, let bound): return (time, bound)
            case .text(let text):
                if let time = Timestamp(dateOrTime: text) { return (time, 0) }
            default: break
            }
        }
        return (item.time, item.timeBound)
    }

    private func people(of item: TestItem, _ population: Population) throws(EvidenceError) -> Set<String> {
        guard let expression = population.person else { return [] }
        return try evaluator.value(expression, in: .item(item)).asPeople ?? []
    }

    private func withPeople(_ items: [TestItem], _ population: Population) throws(EvidenceError) -> [TestItem] {
        guard population.person != nil else { return items }
        var items = items
        for position in items.indices { items[position].people = try people(of: items[position], population) }
        return items
    }

    // MARK: Runs of events

    /// Events with equal keys with no pause over the rule's, as one item each; an event without one of the keys is in no run.
    private func runs(_ rule: Population.RunRule, _ population: Population) throws(EvidenceError) -> [TestItem] {
        guard case .duration(let within, _) = rule.within.value(evaluator.parameters),
            case .number(let atLeast) = rule.atLeast.value(evaluator.parameters)
        else { return [] }
        var open: [[String]: [EventRow]] = [:]
        var runs: [[EventRow]] = []
        for row in scan.rows(report: definition.id, set: rule.set) {
            guard let key = try key(of: row, rule) else { continue }
            if let last = open[key]?.last, row.time.microseconds - last.time.microseconds > within {
                runs.append(open.removeValue(forKey: key) ?? [])
            }
            open[key, default: []].append(row)
        }
        runs += open.values
        var items: [TestItem] = []
        for run in runs where Int64(run.count) >= atLeast && period.contains(run[0].time) { items.append(item(of: run)) }
        items.sort { ($0.time, $0.row?.seq ?? 0) < ($1.time, $1.row?.seq ?? 0) }
        return try withPeople(items, population)
    }

    private func key(of row: EventRow, _ rule: Population.RunRule) throws(EvidenceError) -> [String]? {
        var key: [String] = []
        for expression in rule.by {
            let value = try evaluator.value(expression, in: .row(.event(row)))
            guard !value.isMissing else { return nil }
            key.append(value.asPeople.map { $0.sorted().joined(separator: "\n") } ?? ValueText.plain(value))
        }
        return key
    }

    private func item(of run: [EventRow]) -> TestItem {
        let first = run[0], last = run[run.count - 1]
        let bound = first.event.timeBoundMicroseconds ?? 0, lastBound = last.event.timeBoundMicroseconds ?? 0
        var item = TestItem(
            id: "run:\(first.seq)-\(last.seq)", row: first, time: first.time, timeBound: bound, people: [], system: nil)
        item.members = Array(run.dropFirst())
        item.fields = [
            "count": .number(Int64(run.count)), "last": .time(last.time, bound: lastBound),
            "length": .duration(last.time.microseconds - first.time.microseconds, bound: run.count == 1 ? 0 : bound + lastBound),
        ]
        return item
    }

    // MARK: Inventories

    private func rows(_ table: InventoryTable?, _ population: Population) throws(EvidenceError) -> [TestItem] {
        guard let table else { return [] }
        var items: [TestItem] = []
        for row in table.rows {
            var item = TestItem(
                id: "\(row.inventory):\(row.key)", row: nil, time: period.start, timeBound: 0, people: Self.people(in: row), system: nil)
            item.fields = row.fields
            if population.time != nil {
                let (time, bound) = try time(of: item, population)
                guard period.contains(time) else { continue }
                item = TestItem(id: item.id, row: nil, time: time, timeBound: bound, people: item.people, system: nil, fields: item.fields)
            }
            items.append(item)
        }
        return try withPeople(items, population)
    }

    private func dueTimes(_ table: InventoryTable?, _ population: Population) throws(EvidenceError) -> [TestItem] {
        guard let table, let column = table.need.columns.first(where: { $0.type == .schedule })?.name else { return [] }
        var items: [TestItem] = []
        for row in table.rows {
            guard case .text(let text)? = row.fields[column], let schedule = try? CronSchedule(text) else { continue }
            var zone = TimeZone.gmt
            if case .text(let name)? = row.fields["timezone"] {
                guard let found = TimeZone(identifier: name) else {
                    throw EvidenceError(
                        .definition, "column `timezone`: there is no time zone `\(name)`; write Europe/Berlin or UTC", path: table.file?.path,
                        line: row.line)
                }
                zone = found
            }
            let times = schedule.dueTimes(in: period, zone: zone, limit: Self.scheduleLimit - items.count + 1)
            guard items.count + times.count <= Self.scheduleLimit else {
                throw EvidenceError(
                    .definition, "the schedules name over \(Self.scheduleLimit) due times in the period; take a shorter period",
                    path: table.file?.path, line: row.line)
            }
            for time in times {
                items.append(
                    TestItem(
                        id: "\(row.inventory):\(row.key)@\(Self.compact(time))", row: nil, time: time, timeBound: 0,
                        people: Self.people(in: row), system: nil, fields: row.fields))
            }
        }
        items.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        return try withPeople(items, population)
    }

    /// `2026-07-01T02:00Z`, with seconds where there are any.
    private static func compact(_ time: Timestamp) -> String {
        let text = time.description
        return text.dropFirst(17).prefix(2) == "00" ? "\(text.prefix(16))Z" : "\(text.prefix(19))Z"
    }

    /// The people of a row's person columns, where it has one such column.
    private static func people(in row: InventoryRow) -> Set<String> {
        let all = row.fields.values.compactMap { value -> Set<String>? in
            if case .person(_, let people) = value { people } else { nil }
        }
        return all.count == 1 ? all[0] : []
    }
}

extension TestItem {
    /// An item of which only the event is known yet.
    static func bare(_ row: EventRow) -> TestItem {
        TestItem(id: "", row: row, time: row.time, timeBound: row.event.timeBoundMicroseconds ?? 0, people: [], system: nil)
    }

    /// The same item as one of a named population.
    func named(_ population: String) -> TestItem {
        var item = TestItem(
            id: "\(population)/\(id)", row: row, time: time, timeBound: timeBound, people: people, system: system, fields: fields)
        item.members = members
        item.population = population
        return item
    }
}
