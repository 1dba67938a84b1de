import AuditModel
import Foundation
import Testing

@testable import Evidence

@Suite struct ReportFixtureTests {
    @Test func `every shipped report gives over its fixtures what is expected, and has a case for each way to end`() throws {
        let templates = try Shipped.templates()
        for definition in try Shipped.library().definitions {
            var outcomes: Set<Outcome> = []
            for fixture in try ReportFixture.all(of: definition) {
                let run = try ReportFixtureRun(fixture, of: definition, templates: templates)
                let differences = run.differences(from: fixture).map(\.description).joined(separator: "\n")
                #expect(differences.isEmpty, "\(definition.id)/\(fixture.name)\n\(differences)")
                run.outcome.map { _ = outcomes.insert($0) }
            }
            #expect(outcomes.count == Outcome.allCases.count, "\(definition.id) has only cases that end as \(outcomes)")
        }
    }

    /// A fixture of EP-17 with files of our own in a scratch folder.
    private func fixture(case yaml: String, events: String, expected: String? = nil) throws -> (ReportFixture, ReportDefinition) {
        let folder = try Shipped.scratch()
        try yaml.write(toFile: "\(folder)/case.yaml", atomically: true, encoding: .utf8)
        try events.write(toFile: "\(folder)/events.jsonl", atomically: true, encoding: .utf8)
        try expected?.write(toFile: "\(folder)/expected.json", atomically: true, encoding: .utf8)
        return (try ReportFixtureLoader.load(folder, name: "case"), try Shipped.library().definition("EP-17"))
    }

    private static let yaml = "period: 2026Q3\nsources:\n  product: {parser: product_audit}\n"
    private static let access =
        #"{"source":"product","time":"2026-07-03T10:00:00Z","outcome":"success","source_action":"customer.record.read","tenant":"t","actor":{"email":"Alice@example.org"},"approval":{"state":"approved","by":"alice@example.org","ref":"S-1"}}"#

    @Test func `identities are tokens inside and stand in clear in what came out`() throws {
        let (fixture, definition) = try fixture(case: Self.yaml, events: Self.access + "\n")
        let built = try FixtureStore(fixture)
        #expect(built.store.persons.keys.allSatisfy { $0.hasPrefix("usr_") })
        #expect(try built.store.tokens(of: "alice@example.org").count == 1)
        let run = try ReportFixtureRun(fixture, of: definition)
        #expect(run.found["exceptions"]?.array?.first?["rule"]?.string == "self_approved")
        #expect(run.found["exceptions"]?.array?.first?["label"]?.string == "customer.record.read at t by alice@example.org")
    }

    @Test func `what was recorded has no differences, and another text of one exception is one difference`() throws {
        let (fixture, definition) = try fixture(case: Self.yaml, events: Self.access + "\n")
        let run = try ReportFixtureRun(fixture, of: definition)
        #expect(run.differences(from: fixture).map(\.name) == ["there is no expected.json; write it with --record, and read it before you commit it"])
        try run.record(fixture)
        #expect(run.differences(from: fixture).isEmpty)
        let text = try String(contentsOfFile: fixture.expectedPath, encoding: .utf8).replacing("S-1", with: "S-2")
        try text.write(toFile: fixture.expectedPath, atomically: true, encoding: .utf8)
        let differences = run.differences(from: fixture)
        #expect(differences.map(\.name) == ["exception self_approved: customer.record.read at t by alice@example.org"])
        #expect(differences.first?.expected?.contains("S-2") == true && differences.first?.found?.contains("S-1") == true)
    }

    @Test(arguments: [
        (yaml + "gap: []\n", access, "case.yaml:4: unknown key `gap` (did you mean `gaps`?)"),
        (yaml, #"{"time":"2026-07-03T10:00:00Z"}"#, "events.jsonl:1: the event names no `source`"),
        (yaml, access + "\n" + #"{"source":"prodct","time":"2026-07-03T10:00:00Z"}"#, "events.jsonl:2: the case has no source `prodct` (did you mean `product`?)"),
        (yaml, #"{"source":"product"}"#, "events.jsonl:1: the event has no `time`"),
        (yaml, #"{"source":"product","time":"2026-07-03T10:00:00Z","who":"x"}"#, "events.jsonl:1: unknown member who"),
        (yaml, #"{"source":"product","parser":"okta","time":"2026-07-03T10:00:00Z"}"#, "events.jsonl:1: the event was read by `okta`"),
        (yaml + "gaps:\n  - {source: product, from: 2026-07-03, until: 2026-07-04, cause: lost}\n", access, "must be one of silence, cursor"),
    ]) func `a case that cannot be read is refused with file and line`(yaml: String, events: String, message: String) throws {
        let error = #expect(throws: EvidenceError.self) {
            let (fixture, _) = try fixture(case: yaml, events: events)
            _ = try FixtureStore(fixture)
        }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func `a retention entry deletes the events before its moment`() throws {
        let yaml = Self.yaml + "log:\n  - {type: retention, time: 2026-09-01T00:00:00Z, source: product, before: 2026-08-01T00:00:00Z}\n"
        let later = Self.access.replacing("2026-07-03", with: "2026-08-03")
        let (fixture, definition) = try fixture(case: yaml, events: Self.access + "\n" + later + "\n")
        #expect(try ReportFixtureRun(fixture, of: definition).found["population"]?.integer == 1)
    }
}
