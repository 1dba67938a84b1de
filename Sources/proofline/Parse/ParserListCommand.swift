import ArgumentParser
import AuditModel
import Parsing

/// `proofline parser list`: all parsers, and how much each answers over its fixtures.
struct ParserListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "See all parsers and how many of the eight questions each answers.",
        discussion: """
            Example: proofline parser list
            Over the events of a parser's fixtures: score = answers known / (known + unknown); what is not applicable counts on neither side. A question's
            column is the share of events that answer it, `-` where it applies to none. codes: different vendor codes in the fixtures that a table has, of all.
            """)

    @Option(help: "A folder of your own parsers; may be given several times.") var parsers: [String] = []
    @Option(help: "text or json.") var format: ParserCommand.OutputFormat = .text
    @Argument(help: "The parser's id; all of them if it is left out.") var id: String?

    func run() throws {
        let library = try ParserFolders.load(parsers, requireFixtures: false)
        let ids = try id.map { [try library.definition($0).id] } ?? library.ids
        switch format {
        case .text: try Self.printTable(of: ids, in: library)
        case .json: print(JSONValue.array(try ids.map { try Self.json(try library.definition($0)) }).prettyText())
        }
    }

    /// Prints one line a parser.
    static func printTable(of ids: [String], in library: ParserLibrary) throws {
        var table = TextTable(
            titles: ["parser", "version", "score", "codes"] + Question.allCases.map(\.rawValue) + ["events", "title"], flexible: [13])
        for id in ids {
            let definition = try library.definition(id)
            let score = try ParserScore(of: definition)
            let codes = score.codes.isEmpty ? "-" : "\(score.codes.count - score.codesWithoutEntry.count)/\(score.codes.count)"
            table.add(
                [id, definition.version, percent(score.completeness), codes]
                    + Question.allCases.map { percent(share(score.answers[$0])) } + [String(score.events), definition.title])
        }
        for line in table.lines(width: Terminal.width) { print(line) }
    }

    private static func share(_ answers: ParserScore.Answers?) -> Double? {
        guard let answers, answers.known + answers.unknown > 0 else { return nil }
        return Double(answers.known) / Double(answers.known + answers.unknown)
    }

    /// Whole percent, rounded down: 100 % is all of them.
    static func percent(_ share: Double?) -> String { share.map { "\(Int($0 * 100)) %" } ?? "-" }

    private static func json(_ definition: ParserDefinition) throws -> JSONValue {
        let score = try ParserScore(of: definition)
        var questions: [String: JSONValue] = [:]
        for question in Question.allCases {
            let answers = score.answers[question] ?? .init()
            questions[question.rawValue] = [
                "known": .integer(Int64(answers.known)), "unknown": .integer(Int64(answers.unknown)),
                "notApplicable": .integer(Int64(answers.notApplicable)),
            ]
        }
        var members: [String: JSONValue] = [
            "parser": .string(definition.id), "version": .string(definition.version), "title": .string(definition.title),
            "events": .integer(Int64(score.events)), "quarantined": .integer(Int64(score.quarantined)),
            "skipped": .integer(Int64(score.skipped)), "questions": .object(questions), "codes": .integer(Int64(score.codes.count)),
            "codesWithoutEntry": .array(score.codesWithoutEntry.sorted().map { .string($0) }),
        ]
        // Per mille: documents of ours hold whole numbers.
        members["scorePerMille"] = score.completeness.map { .integer(Int64($0 * 1_000)) }
        return .object(members)
    }
}
