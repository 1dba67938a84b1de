import AuditModel
import EventStore
import Foundation
import Testing

@testable import Timeline

struct QueryEngineTests {
    /// A store in a folder of its own with some hundred events of three sources in four batches, not in time order.
    private final class Fixture {
        let folder = FileManager.default.temporaryDirectory.appending(path: "proofline-timeline-\(UUID().uuidString)").path
        let store: EventStore
        private(set) var events: [Event] = []

        init(seed: UInt64 = 7) throws {
            store = try EventStore.create(directory: folder, origin: "log.example.org/test")
            var random = SplitMix64(state: seed)
            let definition = DefinitionReference(id: "test", version: "1", sha256: String(repeating: "0", count: 64))
            try store.openSession(.ingest)
            for batch in 0..<4 {
                var draft = BatchDraft(source: "s\(batch % 3)", parser: definition, policy: definition)
                draft.events = (0..<40).map { _ in Self.event(source: "s\(batch % 3)", &random) }
                draft.batchSalt = Array(repeating: UInt8(batch), count: 32)
                draft.counts = RecordCounts(received: 40, parsed: 40)
                _ = try store.commit([draft])
                events += draft.events
            }
            try store.closeSession()
        }

        deinit {
            store.close()
            try? FileManager.default.removeItem(atPath: folder)
        }

        private static func event(source: String, _ random: inout SplitMix64) -> Event {
            func pick<T>(_ values: [T]) -> T { values[Int(random.next() % UInt64(values.count))] }
            var event = Event()
            event.time = Timestamp(microseconds: 1_780_000_000_000_000 + Int64(random.next() % 1_000) * 60_000_000)
            event[.source] = source
            event[.action] = pick(["iam.role.grant", "iam.role.revoke", "auth.session.start", "data.export.run"])
            event[.outcome] = pick(["success", "failure", nil])
            event[.actorEmail] = pick(["usr_aaaaaaaaaaaaa", "usr_bbbbbbbbbbbbb", nil])
            event[.tenant] = pick(["acme", "globex", nil])
            event[.message] = pick(["Exported 12 rows", "rôle changed", "", nil])
            if pick([true, false]) {
                event.targets = [
                    Event.Target(type: "file", id: pick(["f1", "f2"])), Event.Target(type: "user", name: "usr_aaaaaaaaaaaaa"),
                ]
            }
            if pick([true, false]) { event.roles = pick([["admin"], ["support", "admin"]]) }
            if pick([true, false]) { event.changes = [Event.Change(field: pick(["role", "plan"]), after: "x")] }
            if pick([true, false]) { event.setAttribute("region", pick(["eu-west-1", "us-east-1"])) }
            if pick([true, false, false]) { event.setFlag(Event.Flag.truncated) }
            return event
        }
    }

    private func resolve(_ query: String) throws -> ResolvedFilter {
        ResolvedFilter(try QueryParser.parse(query, now: .now)) { _ in [] }
    }

    @Test func `columns give what the events give, in time order`() throws {
        let fixture = try Fixture()
        let engine = QueryEngine(snapshot: try fixture.store.snapshot())
        let queries = [
            "", "action:iam.*", "outcome:success tenant:acme", "NOT outcome:*", "tenant:acme OR tenant:globex", "target:f1",
            "target.type:user",
            "target.name:usr_a*", "role:admin", "role:support -action:auth.*", "flag:truncated", "change:plan", "attributes.region:eu-*",
            "attributes.absent:*", "exported", "RÔLE", "\"rôle changed\"", "us-east-1", "actor:usr_aaaaaaaaaaaaa",
            "since:2026-05-28T20:00:00Z until:2026-05-29T02:00:00Z",
            "source:s1 (change:role OR NOT role:admin) outcome:failure", "message:\"\"",
        ]
        for query in queries {
            let filter = try resolve(query)
            let answer = try engine.run(filter)
            let expected = fixture.events.enumerated().filter { filter.matches($0.element) }.map { (Int64($0.offset), $0.element) }
                .sorted { ($0.1.time!, $0.0) < ($1.1.time!, $1.0) }
            #expect(answer.events.map(\.seq) == expected.map(\.0), "\(query)")
            #expect(answer.events.map(\.event) == expected.map(\.1), "\(query)")
            #expect(answer.matchCount == expected.count)
        }
    }

    @Test func `a limit gives the earliest and counts all`() throws {
        let fixture = try Fixture()
        let engine = QueryEngine(snapshot: try fixture.store.snapshot())
        let all = try engine.run(try resolve("action:iam.*"))
        let some = try engine.run(try resolve("action:iam.*"), limit: 3)
        #expect(some.events == Array(all.events.prefix(3)))
        #expect(some.matchCount == all.matchCount)
    }

    @Test func `what lies outside the asked time is not read`() throws {
        let fixture = try Fixture()
        let answer = try QueryEngine(snapshot: try fixture.store.snapshot()).run(try resolve("until:2020-01-01"))
        #expect(answer.matchCount == 0)
        #expect(answer.effort.rowsScanned == 0)
        #expect(answer.effort.segmentsPruned == answer.effort.segments)
    }

    @Test func `a histogram over ascending times is what counting row by row gives`() throws {
        let fixture = try Fixture()
        var draft = BatchDraft(
            source: "clock", parser: DefinitionReference(id: "test", version: "1", sha256: String(repeating: "0", count: 64)),
            policy: DefinitionReference(id: "test", version: "1", sha256: String(repeating: "0", count: 64)))
        draft.events = (0..<500).map { row in
            var event = Event()
            event.time = Timestamp(microseconds: 1_600_000_000_000_000 + Int64(row * row / 3) * 1_000_000)
            event[.source] = "clock"
            event[.outcome] = ["success", "success", nil, "failure", "denied"][row % 5]
            return event
        }
        draft.batchSalt = Array(repeating: 9, count: 32)
        draft.counts = RecordCounts(received: 500, parsed: 500)
        _ = try fixture.store.commit([draft])
        let engine = QueryEngine(snapshot: try fixture.store.snapshot())
        let all = try engine.run(try resolve("until:2021-01-01"))
        #expect(all.matchCount == 500)
        for stage in ["histogram 1m by outcome", "histogram 1h by outcome", "histogram 15m", "histogram 1w by outcome"] {
            for (filter, events) in [("until:2021-01-01", all.events), ("", try engine.run(try resolve("")).events)] {
                let aggregation = try #require(try QueryParser.question("| \(stage)", now: Timestamp(microseconds: 0)).aggregation)
                let answer = try engine.aggregate(try resolve(filter), aggregation)
                #expect((0..<answer.rowCount).map { answer.cells($0).map(\.description) } == NaiveGroups(aggregation).rows(events), "\(stage)")
                #expect(answer.matchCount == events.count)
            }
        }
    }

    @Test func `coverage counts days and names what is missing`() throws {
        let fixture = try Fixture()
        try fixture.store.openSession(.ingest)
        try fixture.store.configure([
            SourceSettings(source: "s0", parser: "test", expectedIntervalSeconds: 3_600), SourceSettings(source: "never", parser: "test"),
        ])
        try fixture.store.closeSession()
        let times = fixture.events.compactMap(\.time)
        let period = Timestamp(rfc3339: "2026-05-28T00:00:00Z")!..<Timestamp(rfc3339: "2026-05-31T00:00:00Z")!
        let coverage = try Coverage(of: try fixture.store.snapshot(), period: period)
        #expect(coverage.sources.map(\.id) == ["never", "s0", "s1", "s2"])
        #expect(coverage.sources.flatMap(\.eventsByDay).reduce(0, +) == times.filter(period.contains).count)
        #expect(coverage.sources[0].gaps.map(\.cause) == [.noData])
        #expect(coverage.sources[1].gaps.contains { $0.cause == .silence && $0.from == period.lowerBound })
        #expect(coverage.sources[2].gaps.isEmpty)
        #expect(coverage.sources[2].isSilenceJudged == false)
    }
}
