import ArgumentParser
import AuditModel
import Parsing

/// `proofline parser test`: fixtures against their expected events.
struct ParserTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Parse fixtures and compare them with their expected events.",
        discussion: """
            Example: proofline parser test okta
            Without an id all parsers are tested. A difference is shown field by field with the line of the fixture, expected -> found.
            --record writes the expected events anew: read the difference before you commit it. Ends with 1 if anything differs.
            """)

    @Option(help: "A folder of your own parsers; may be given several times.") var parsers: [String] = []
    @Flag(help: "Write what came out as the expected events.") var record = false
    @Flag(help: "Show how much each parser answers too.") var score = false
    @Option(help: "text or json.") var format: ParserCommand.OutputFormat = .text
    @Argument(help: "The parser's id; all of them if it is left out.") var id: String?

    /// A fixture and what came of it.
    private struct Outcome {
        let parser: String
        let fixture: String
        let events: Int
        let differences: [FixtureDifference]
    }

    func run() throws {
        let library = try ParserFolders.load(parsers, requireFixtures: !record)
        let ids = try id.map { [try library.definition($0).id] } ?? library.ids
        var outcomes: [Outcome] = []
        for name in ids {
            let definition = try library.definition(name)
            let fixtures = ParserLibrary.fixtures(of: definition)
            guard !fixtures.isEmpty else {
                throw VerbError.usage("\(definition.folder)/fixtures: there is no fixture; put raw lines into <case>.log, then run this with --record")
            }
            for fixture in fixtures {
                let run = try FixtureRun(fixture, of: definition)
                let differences = run.differences(from: fixture)
                if record { try run.record(fixture) }
                let outcome = Outcome(parser: name, fixture: fixture.name, events: run.lines.count, differences: differences)
                if format == .text { tell(outcome) }
                outcomes.append(outcome)
            }
        }
        if format == .json { print(Self.json(outcomes, recorded: record).prettyText()) }
        if score, format == .text {
            print("")
            try ParserListCommand.printTable(of: ids, in: library)
        }
        if !record, outcomes.contains(where: { !$0.differences.isEmpty }) { throw VerbError.findings }
    }

    private func tell(_ outcome: Outcome) {
        let place = "\(outcome.parser)/\(outcome.fixture)"
        let count = outcome.differences.count
        if record {
            print("\(place): recorded \(outcome.events)\(count > 0 ? ", \(count) changed" : ", nothing changed")")
        } else {
            print(count == 0 ? "\(place): ok, \(outcome.events)" : "\(place): \(count) of \(outcome.events) differ")
        }
        for difference in outcome.differences { print(Self.printable(difference.description)) }
    }

    /// The text without what would steer a terminal, its own line ends left.
    private static func printable(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { TextTable.printable(String($0)) }.joined(separator: "\n")
    }

    private static func json(_ outcomes: [Outcome], recorded: Bool) -> JSONValue {
        .array(
            outcomes.map { outcome in
                let differences = outcome.differences.map { difference -> JSONValue in
                    let fields = difference.fields.map { field -> JSONValue in
                        var members: [String: JSONValue] = ["name": .string(field.name)]
                        members["expected"] = field.expected.map { .string($0) }
                        members["found"] = field.found.map { .string($0) }
                        return .object(members)
                    }
                    var members: [String: JSONValue] = [
                        "event": .integer(Int64(difference.event)), "fields": .array(fields), "isExpected": .bool(difference.isExpected),
                        "isFound": .bool(difference.isFound),
                    ]
                    members["line"] = difference.line.map { .integer(Int64($0)) }
                    return .object(members)
                }
                return [
                    "parser": .string(outcome.parser), "fixture": .string(outcome.fixture), "events": .integer(Int64(outcome.events)),
                    "recorded": .bool(recorded), "differences": .array(differences),
                ]
            })
    }
}
