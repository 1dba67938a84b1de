import AuditModel
import Foundation
import Testing

@testable import Evidence

/// The kinds of populations beside events and coverage.
@Suite struct PopulationTests {
    private func run(_ body: String, _ store: MemoryEvidence, inventories: Inventories = .none) throws -> ReportResult {
        let head = """
            version: 1
            id: OWN-08
            revision: 1
            title: Title
            question: Question?
            method: Method.
            sources:
              product: {parsers: [product_audit], need: all, why: it says so}

            """
        let definition = try ReportDefinitionLoader.load(bytes: Array((head + body).utf8), path: "own/report.yaml")
        return try ReportEngine(store: store, definitions: [definition], period: QuarterStory.period, inventories: inventories).run(definition)
    }

    private func product(_ events: [Event]) -> MemoryEvidence {
        let store = MemoryEvidence()
        store.addSource("product", parser: "product_audit")
        store.seal("product", events)
        return store
    }

    @Test func `events close to each other with one key are one run, and a pause ends it`() throws {
        let times = ["00:00:00", "00:04:00", "00:05:00", "00:30:00", "00:31:00"]
        let store = product(
            times.map { .at("2026-07-01T\($0)Z", "auth.session.start", actor: "usr_a", outcome: "failure") }
                + [.at("2026-07-01T00:04:30Z", "auth.session.start", actor: "usr_b", outcome: "failure"), .at("2026-07-01T00:04:31Z", "auth.session.start", outcome: "failure")])
        let result = try run(
            """
            parameters:
              fewest: {type: number, default: "2", about: Failures of a burst}
            sets: {failures: outcome:failure}
            population:
              groups: {set: failures, by: [row.actor.person], within: 5m, at_least: fewest}
            exceptions:
              - {id: burst, title: Burst, when: item.count >= 3 and item.length == 5m, say: "{item.count} by {item.actor} until {item.last}."}
            """, store)
        #expect(result.items.map(\.id) == ["run:0-2", "run:3-4"])
        #expect(result.exceptions.map(\.text) == ["3 by usr_a until 2026-07-01 00:05:00."])
        #expect(result.usedRows.map(\.seq) == [0, 1, 2, 3, 4])
    }

    @Test func `each due time of a schedule is an item, with a run of the job or without`() throws {
        let folder = try Shipped.scratch()
        try Data("version: 1\ninventories:\n  jobs: {file: jobs.csv, owner: Operations, as_of: 2026-09-30}\n".utf8).write(
            to: URL(fileURLWithPath: "\(folder)/inventories.yaml"))
        try Data("job,due,timezone\nbackup,0 2 1 * *,Europe/Berlin\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/jobs.csv"))
        let store = product([
            .at("2026-08-01T00:10:00Z", "job.run.finish") { $0[.job] = "backup" }, .at("2026-09-01T02:00:00Z", "job.run.finish") { $0[.job] = "backup" },
        ])
        let result = try run(
            """
            inventories:
              jobs: {columns: {job: text, due: schedule, timezone: text?}, key: [job], why: it says when}
            sets: {runs: action:job.run.finish}
            population: {schedule: jobs}
            joins:
              done: {set: runs, on: [item.job == row.job], from: 0, to: 1h}
            exceptions:
              - {id: missed, title: Missed, when: missing(done), say: "{item.job} was due at {item.time}."}
            """, store, inventories: try Inventories.load(folder: folder))
        #expect(result.items.map(\.id) == ["jobs:backup@2026-07-01T00:00Z", "jobs:backup@2026-08-01T00:00Z", "jobs:backup@2026-09-01T00:00Z"])
        #expect(result.exceptions.map(\.item) == ["jobs:backup@2026-07-01T00:00Z", "jobs:backup@2026-09-01T00:00Z"])
    }

    @Test func `entries of the log are items with their own members`() throws {
        let store = product([.at("2026-07-01T00:00:00Z", "data.record.read")])
        _ = store.append(["at": "2026-08-01T00:00:00.000000Z", "name": "EP-2026Q2-soc2-r1", "revision": 1])
        _ = store.append(["at": "2026-10-01T00:00:00.000000Z", "name": "later"])
        let result = try run(
            """
            population: {log: [release, gap], label: "{item.name}"}
            exceptions:
              - {id: released, title: Released, when: item.revision == 1, say: "{item.type} {item.index} at {item.at}."}
            """, store)
        #expect(result.exceptions.map { "\($0.item) \($0.text)" } == ["log:1 release 1 at 2026-08-01 00:00:00."])
    }

    @Test func `each source is an item that knows its counts, its ends and its clock`() throws {
        var events: [Event] = (0..<3).map { number in
            .at("2026-07-01T00:00:0\(number)Z", "data.record.read") {
                $0.observed = Timestamp(rfc3339: "2026-07-01T00:00:1\(number)Z")
                $0.timeBoundMicroseconds = Int64(number) * 1_000_000
            }
        }
        events.append(.at("2025-01-01T00:00:00Z", "data.record.read"))
        let result = try run(
            """
            population: {each_source: product}
            exceptions:
              - {id: drift, title: Drift, when: item.clock_offset > 5s, say: "{item.source}: {item.clock_offset}, {item.clock_spread}, {item.time_bound}, {item.events}, {day(item.oldest)}, {item.mode}."}
            """, product(events))
        #expect(result.exceptions.map(\.text) == ["product: 10 s, 0 s, 2 s, 3, 2025-01-01, backfill."])
        #expect(result.exceptions.map(\.item) == ["source:product"])
    }

    @Test func `events of several sets are one population, each event once`() throws {
        let store = product([.at("2026-07-01T00:00:00Z", "a.b.c"), .at("2026-07-02T00:00:00Z", "a.b.d"), .at("2026-07-03T00:00:00Z", "e.f.g")])
        let result = try run(
            """
            sets: {one: action:a.b.c, two: action:a.*}
            population: {each: [one, two]}
            exceptions: [{id: x, title: X, when: "false", say: x}]
            """, store)
        #expect(result.items.map(\.id) == ["seq:0", "seq:1"])
    }

    @Test func `each kind of chart is drawn as what it is called, over the populations that it names`() throws {
        let store = product([
            .at("2026-07-01T00:00:00Z", "auth.session.start", actor: "usr_a", outcome: "failure"), .at("2026-07-02T00:00:00Z", "auth.session.start", actor: "usr_b", outcome: "success"),
        ])
        let parts = "title: Title, caption: Caption, rows: item.actor, columns: week(item.time), from: item.time"
        let result = try run(
            """
            sets: {failures: outcome:failure, sessions: action:auth.session.start}
            population:
              - {name: runs, groups: {set: failures, by: [row.actor.person], within: 5m, at_least: 1}}
              - {name: all, each: sessions}
            exceptions:
              - {id: failed, of: all, title: Failed, when: item.outcome == 'failure', say: Failed.}
            charts:
            \(["heatmap", "line", "matrix", "timeline", "share", "bars"].map { "  - {id: \($0), kind: \($0), of: all, \(parts)}" }.joined(separator: "\n"))
              - {id: some, kind: bars, of: all, when: "item.actor == 'usr_b'", \(parts)}
            """, store)
        let charts = try result.definition.charts.map { try Chart.draw($0, result) }
        #expect(Set(charts.map { $0.svg.replacing($0.id, with: "") }).count == charts.count)
        let tables = Dictionary(uniqueKeysWithValues: charts.map { ($0.id, $0.table) })
        #expect(tables["line"]?[0] == ["", "usr_a", "usr_b"])
        #expect(tables["matrix"]?[1].first == "usr_a" && tables["matrix"]?[0].contains("2026-06-29") == true)
        #expect(tables["timeline"]?.count == 3)
        #expect(tables["some"]?.count == 2 && tables["bars"]?.count ?? 0 > 1)
        #expect(tables["share"]?[1].contains { $0.hasSuffix("%") } == true)
        #expect(QueryText(definition: result.definition).text == "runs = runs of events of the set failures\nfailures: outcome:failure\nsessions: action:auth.session.start")
    }
}
