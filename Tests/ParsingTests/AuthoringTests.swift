import AuditModel
import Foundation
import Testing

@testable import Parsing

struct AuthoringTests {
    // MARK: Differences

    @Test func `a changed field is one difference with its line, and the other lines are none`() {
        let old = [#"{"line":1,"action":"a.b.c","outcome":"success"}"#, #"{"line":2,"action":"a.b.c"}"#]
        let new = [#"{"line":1,"action":"a.b.c","outcome":"failure","actor":{"id":"7"}}"#, #"{"line":2,"action":"a.b.c"}"#]
        let found = FixtureDifference.between(expected: old, found: new)
        #expect(found.count == 1)
        #expect(found.first?.line == 1)
        #expect(
            found.first?.fields == [
                .init(name: "actor.id", expected: nil, found: "7"), .init(name: "outcome", expected: "success", found: "failure"),
            ])
        #expect(found.first?.description == "  line 1\n    actor.id  (nothing) -> \"7\"\n    outcome   \"success\" -> \"failure\"")
    }

    @Test func `an event too many is one difference, whatever comes behind it`() {
        let old = [#"{"line":1,"action":"a.b.c"}"#, #"{"line":3,"action":"d.e.f"}"#]
        let new = [#"{"line":1,"action":"a.b.c"}"#, #"{"line":1,"action":"x.y.z"}"#, #"{"line":3,"action":"d.e.f"}"#]
        let found = FixtureDifference.between(expected: old, found: new)
        #expect(found.count == 1)
        #expect(found.first?.isExpected == false)
        #expect(found.first?.event == 2)
        #expect(FixtureDifference.between(expected: new, found: old).first?.isFound == false)
    }

    @Test func `an expected line that is no JSON is a difference, not a trap`() {
        let found = FixtureDifference.between(expected: ["{broken"], found: [#"{"line":1}"#])
        #expect(found.contains { $0.fields.contains { $0.name == "not JSON" } })
    }

    // MARK: Explaining

    static let doors = """
        id: doors
        version: 3
        title: Doors
        formats:
          - framing: json
        require: [at]
        actions:
          from: kind
          other: auth
          table:
            opened: auth.session.start
            "badge.*": iam.credential.create
        fields:
          time: at
          actor.id: who
        rules:
          - name: refused
            when: {kind: refused}
            fields:
              action: auth.session.start
              outcome: denied
          - when: {kind: noise}
            skip: noise
          - when: {kind: odd}
            quarantine: an odd one
        targets:
          - {type: door, name: door.name}
        attributes:
          floor: {from: door.floor, class: public}
        dropped: [firmware]

        """

    private func explain(_ text: String, line: Int, _ yaml: String = doors) throws -> [RecordExplanation] {
        let definition = try ParserLibrary.compile(
            yaml, path: "parser.yaml", taxonomy: TestParser.taxonomy.get(), bytes: Array(yaml.utf8))
        let explainer = try RecordExplainer(definition, options: TestParser.options, line: line)
        Array(text.utf8).withUnsafeBytes { explainer.feed($0) }
        explainer.finish()
        return explainer.explanations
    }

    private static let log = """
        {"at":"2026-07-01T08:00:00Z","kind":"opened","who":"7","door":{"name":"main","floor":2,"colour":"red"},"firmware":"1","x":[{"y":1}]}
        {"at":"2026-07-01T08:00:01Z","kind":"refused","who":"8"}
        {"kind":"opened"}
        {"at":"2026-07-01T08:00:02Z","kind":"noise"}
        {"at":"2026-07-01T08:00:03Z","kind":"odd"}
        {"at":"2026-07-01T08:00:04Z","kind":"badge.new"}
        {"at":"yesterday","kind":"opened"}

        """

    @Test func `each field names the line of the definition that gave it`() throws {
        let explanation = try #require(try explain(Self.log, line: 1).first)
        guard case .events(let parts) = explanation.outcome, let part = parts.first else { throw Missing() }
        var lines: [String: [Int]] = [:]
        for field in part.fields { lines[field.name] = field.origins.map(\.line) }
        #expect(lines["time"] == [14])
        #expect(lines["actor.id"] == [15])
        #expect(lines["action"] == [11])
        #expect(lines["source_action"] == [8])
        #expect(lines["targets[0].name"] == [27])
        #expect(lines["attributes.floor"] == [29])
        #expect(part.fields.first { $0.name == "actor.id" }?.dataClass == .identity)
        #expect(explanation.dropped == ["firmware": 1])
        #expect(explanation.unmapped == ["door.colour", "x[].y"])
        #expect(part.answers.first { $0.question == .outcome }?.answer == .unknown)
    }

    @Test func `a rule is named, and its fields come from it`() throws {
        let explanation = try #require(try explain(Self.log, line: 2).first)
        #expect(explanation.path.map(\.line) == [5, 17])
        guard case .events(let parts) = explanation.outcome, let part = parts.first else { throw Missing() }
        #expect(part.fields.first { $0.name == "action" }?.origins.map(\.line) == [20])
        #expect(part.fields.first { $0.name == "outcome" }?.origins.map(\.text) == ["outcome: denied"])
        #expect(part.fields.first { $0.name == "time" }?.origins.map(\.line) == [14])
    }

    @Test(arguments: [(3, 6), (5, 25), (7, 14)])
    func `a refusal names the line that refused`(line: Int, because: Int) throws {
        let explanation = try #require(try explain(Self.log, line: line).first)
        guard case .quarantined(_, let origin) = explanation.outcome else { throw Missing() }
        #expect(origin?.line == because)
    }

    @Test func `what a rule passes over says which, and a code with a star names its entry`() throws {
        guard case .skipped(let rule) = try #require(try explain(Self.log, line: 4).first).outcome else { throw Missing() }
        #expect(rule == "noise")
        guard case .events(let parts) = try #require(try explain(Self.log, line: 6).first).outcome else { throw Missing() }
        #expect(parts.first?.fields.first { $0.name == "action" }?.origins.map(\.line) == [12])
    }

    @Test func `a line behind the end has no record`() throws {
        #expect(try explain(Self.log, line: 99).isEmpty)
    }

    private struct Missing: Error {}

    // MARK: Score, codes and guesses

    @Test func `the score counts answers that apply, and codes that tables have`() throws {
        let definition = try TestParser.definition(Self.doors + "not_applicable: [approval, policy]\n")
        var score = ParserScore()
        try FixtureRun.eachRecord(Array(Self.log.utf8), definition) { score.add($0, definition) }
        // opened: when, who, what, to what; refused: when, who, what, outcome; badge: when, what. Each of six that apply.
        #expect(score.events == 3)
        #expect(score.quarantined == 3)
        #expect(score.skipped == 1)
        #expect(score.completeness == 10.0 / 18)
        #expect(score.answers[.policy]?.notApplicable == 3)
        #expect(score.codes == ["opened", "badge.new"])
        #expect(score.codesWithoutEntry.isEmpty)
    }

    @Test func `a code without an entry is counted with its first and last time`() throws {
        let definition = try TestParser.definition(Self.doors)
        let log = """
            {"at":"2026-07-01T08:00:02Z","kind":"new"}
            {"at":"2026-07-01T08:00:01Z","kind":"new"}
            {"at":"2026-07-01T08:00:01Z","kind":"opened"}
            {"at":"2026-07-01T08:00:09Z"}

            """
        var codes = UnmappedCodes()
        try FixtureRun.eachRecord(Array(log.utf8), definition) { codes.add($0, of: definition) }
        #expect(codes.events == 4)
        #expect(codes.ranked.map(\.key.code) == ["new", nil])
        #expect(codes.ranked.first?.count.events == 2)
        #expect(codes.ranked.first?.count.first?.description == "2026-07-01T08:00:01.000000Z")
        #expect(codes.ranked.first?.count.last?.description == "2026-07-01T08:00:02.000000Z")
        #expect(definition.maps(code: "badge.x") && !definition.maps(code: "new"))
    }

    @Test func `a shipped fixture is guessed to be its parser's`() throws {
        let library = try ParserLibrary.load(folders: [ShippedParsers.folder])
        for id in ["okta", "linux_auth", "postgresql"] {
            let definition = try library.definition(id)
            let fixture = try #require(ParserLibrary.fixtures(of: definition).first { $0.name != "malformed" })
            let guess = try ParserGuess(
                try FixtureRun.bytes(of: fixture), isWhole: true, modified: FixtureRun.fileModified, library: library)
            #expect(guess.candidates.prefix(2).contains { $0.parser == id }, "\(id): \(guess.candidates.map(\.parser))")
            #expect(guess.tried == library.ids.count { library[$0]?.mappingKeys == nil }, "all but the generic ones")
        }
    }

    @Test func `nothing is guessed of noise`() throws {
        let library = try ParserLibrary.load(folders: [ShippedParsers.folder])
        let guess = try ParserGuess(Array("no log at all\nnor here\n".utf8), isWhole: true, modified: FixtureRun.fileModified, library: library)
        #expect(guess.candidates.isEmpty)
    }
}
