import AuditModel
import EventStore
import Testing

@testable import Timeline

/// Queries over random segments, with index and without, held against a look at every event.
struct EnginePropertyTests {
    private static let rounds = 60

    private func resolve(_ query: String) throws -> ResolvedFilter {
        ResolvedFilter(try QueryParser.parse(query, now: Timestamp(microseconds: RandomEvents.firstTime))) { _ in [] }
    }

    private func inOrder(_ events: [StoredEvent]) -> [StoredEvent] {
        events.sorted { ($0.event.time ?? .latest, $0.seq) < ($1.event.time ?? .latest, $1.seq) }
    }

    @Test func `any query through pruning and index gives what a look at every event gives`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomEvents(seed: seed)
        for _ in 0..<Self.rounds {
            let (sources, visible) = random.segments(events: 400)
            let threads = random.pick([1, 2, 3])
            let engine = QueryEngine(sources: sources, options: QueryOptions(threads: threads))
            for _ in 0..<8 {
                let query = random.query()
                let filter = try resolve(query)
                let expected = inOrder(visible.filter { filter.matches($0.event) })
                let answer = try engine.run(filter)
                #expect(answer.matchCount == expected.count, "\(query), seed \(seed)")
                #expect(answer.events == expected, "\(query), seed \(seed)")
                let times = expected.compactMap(\.event.time)
                #expect(answer.timeRange?.lowerBound == times.min(), "\(query), seed \(seed)")
                #expect(answer.timeRange?.upperBound == times.max(), "\(query), seed \(seed)")

                let limit = random.pick([0, 1, 5, 50])
                let some = try engine.run(filter, limit: limit)
                #expect(some.events == Array(expected.prefix(limit)), "the first \(limit) of \(query), seed \(seed)")
                #expect(some.matchCount == expected.count, "\(query), seed \(seed)")
                #expect(some.timeRange == answer.timeRange, "\(query), seed \(seed)")
            }
        }
    }

    @Test func `lines come in the order of rows and are canonical`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomEvents(seed: seed)
        let (sources, visible) = random.segments(events: 800)
        var out: [UInt8] = []
        _ = try QueryEngine(sources: sources, options: QueryOptions(threads: 2))
            .rows(try resolve("outcome:*"), render: { try $0.lines() }, deliver: { out += $0 })
        let expected = inOrder(visible.filter { $0.event[.outcome] != nil }).map { stored -> String in
            guard case .object(var members) = stored.event.json else { return "" }
            members["seq"] = .integer(stored.seq)
            return JSONValue.object(members).canonicalText
        }
        #expect(String(decoding: out, as: UTF8.self).split(separator: "\n").map(String.init) == expected, "seed \(seed)")
    }

    @Test func `groups are those that counting one by one gives`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomEvents(seed: seed)
        for _ in 0..<Self.rounds {
            let (sources, visible) = random.segments(events: 400)
            // Numbers of texts are kept from query to query of one store; segments here share ids, so each store has its own.
            let engine = QueryEngine(sources: sources, options: QueryOptions(threads: random.pick([1, 2])), codes: GlobalCodes())
            for _ in 0..<6 {
                let filter = try resolve(random.pick(["", random.query(depth: 1)]))
                let stages = [
                    "count", "count by outcome", "count by tenant, outcome", "count by event_id", "histogram 1d", "histogram 6h by outcome",
                    "count by tenant, 1w", "top 2 tenant", "top 3 actor.email", "distinct tenant", "distinct event_id by outcome",
                    "distinct actor.email by tenant, 1w", "min time", "max time by outcome", "min time_bound by tenant", "min message",
                    "max tenant by outcome", "min event_id by action, 1d", "distinct message by 2d",
                ]
                let stage = random.pick(stages)
                let question = try QueryParser.question("| \(stage)", now: Timestamp(microseconds: 0))
                let aggregation = try #require(question.aggregation)
                let answer = try engine.aggregate(filter, aggregation)
                let matching = visible.filter { filter.matches($0.event) }
                let rows = (0..<answer.rowCount).map { answer.cells($0).map(\.description) }
                let expected = NaiveGroups(aggregation).rows(matching)
                #expect(rows == expected, "\(stage), seed \(seed)")
                #expect(answer.matchCount == matching.count, "\(stage), seed \(seed)")
                try expectLines(of: answer, "\(stage), seed \(seed)")
            }
        }
    }
}

/// Holds an answer's JSON lines against its cells.
private func expectLines(of answer: AggregateAnswer, _ comment: Comment) throws {
    var out: [UInt8] = []
    try answer.writeLines(answer.rowCount) { out += $0 }
    let lines = out.split(separator: 0x0A)
    #expect(lines.count == answer.rowCount, comment)
    for (row, line) in lines.enumerated() {
        let expected = zip(answer.columns, answer.cells(row)).compactMap { name, cell -> (String, JSONValue)? in
            switch cell {
            case .absent: nil
            case .integer(let number): (name, .integer(number))
            case .text(let text): (name, .string(text))
            case .time(let time): (name, .string(time.description))
            }
        }
        let object = JSONValue.object(Dictionary(uniqueKeysWithValues: expected))
        #expect(String(decoding: line, as: UTF8.self) == object.canonicalText, comment)
    }
}

/// The same by the plainest means.
struct NaiveGroups {
    let aggregation: Aggregation
    init(_ aggregation: Aggregation) { self.aggregation = aggregation }

    private struct Key: Hashable {
        var time: Int64?
        var texts: [String?]
    }

    func rows(_ events: [StoredEvent]) -> [[String]] {
        var groups: [Key: [StoredEvent]] = [:]
        for stored in events {
            let texts = aggregation.keys.map { stored.event[$0] }
            if aggregation.skipsAbsentKeys, texts.contains(nil) { continue }
            groups[Key(time: bucket(stored.event.time), texts: texts), default: []].append(stored)
        }
        if aggregation.keys.isEmpty, aggregation.bucket == nil, groups.isEmpty { groups[Key(time: nil, texts: [])] = [] }
        var rows: [(key: Key, value: String, order: Value)] = []
        for (key, events) in groups {
            guard let (text, order) = value(events) else { continue }
            rows.append((key, text, order))
        }
        rows.sort { a, b in
            if aggregation.order == .byValue, a.order != b.order { return b.order < a.order }
            return precedes(a.key, b.key)
        }
        return rows.prefix(aggregation.limit ?? .max).map { row in
            (aggregation.bucket == nil ? [] : [row.key.time.map { Timestamp(microseconds: $0).description } ?? ""])
                + row.key.texts.map { $0 ?? "" } + [row.value]
        }
    }

    private func bucket(_ time: Timestamp?) -> Int64? {
        guard let width = aggregation.bucket?.microseconds, let time else { return nil }
        let week: Int64 = 604_800_000_000
        let origin: Int64 = width % week == 0 ? -259_200_000_000 : 0
        var begin = (time.microseconds - origin) / width * width + origin
        if begin > time.microseconds { begin -= width }
        return begin
    }

    private func precedes(_ a: Key, _ b: Key) -> Bool {
        if a.time != b.time { return a.time ?? .min < b.time ?? .min }
        for (x, y) in zip(a.texts, b.texts) where x != y {
            guard let x else { return true }
            guard let y else { return false }
            return x.utf8.lexicographicallyPrecedes(y.utf8)
        }
        return false
    }

    private enum Value: Comparable {
        case number(Int64)
        case text([UInt8])
        static func < (a: Value, b: Value) -> Bool {
            switch (a, b) {
            case (.number(let x), .number(let y)): x < y
            case (.text(let x), .text(let y)): x.lexicographicallyPrecedes(y)
            default: false
            }
        }
    }

    private func value(_ events: [StoredEvent]) -> (String, Value)? {
        switch aggregation.measure {
        case .count: return (String(events.count), .number(Int64(events.count)))
        case .distinct(let field):
            let count = Set(events.compactMap { $0.event[field].map { Array($0.utf8) } }).count
            // A group without any value has no distinct ones and is not told, unless it is the only one.
            if count == 0, !(aggregation.keys.isEmpty && aggregation.bucket == nil) { return nil }
            return (String(count), .number(Int64(count)))
        case .minimum(let column): return extreme(column, events, smallest: true)
        case .maximum(let column): return extreme(column, events, smallest: false)
        }
    }

    private func extreme(_ column: Aggregation.Column, _ events: [StoredEvent], smallest: Bool) -> (String, Value)? {
        switch column {
        case .field(let field):
            let sorted = events.compactMap { $0.event[field] }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            return (smallest ? sorted.first : sorted.last).map { ($0, .text(Array($0.utf8))) }
        case .integer(let name):
            let values = events.compactMap { name == .time ? $0.event.time?.microseconds : $0.event.timeBoundMicroseconds }
            return (smallest ? values.min() : values.max()).map {
                (name == .time ? Timestamp(microseconds: $0).description : String($0), .number($0))
            }
        }
    }
}
