import ArgumentParser
import Parsing

/// `proofline parser`: tools for those who write parsers.
struct ParserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parser",
        abstract: "Tools for writing parsers.",
        discussion: "Example: proofline parser test okta",
        subcommands: [ParserTestCommand.self, ParserMeasureCommand.self])
}

/// `proofline parser test`: fixtures against their expected events.
struct ParserTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Parse fixtures and compare them with their expected events.",
        discussion: """
            Example: proofline parser test okta
            Without an id all parsers are tested. --record writes the expected events anew: read the difference before you commit it.
            Ends with 1 if anything differs.
            """)

    @Option(help: "A folder of your own parsers; may be given several times.") var parsers: [String] = []
    @Flag(help: "Write what came out as the expected events.") var record = false
    @Argument(help: "The parser's id; all of them if it is left out.") var id: String?

    func run() throws {
        let library = try ParserFolders.load(parsers, requireFixtures: !record)
        var differing = 0
        for name in try id.map({ [try library.definition($0).id] }) ?? library.ids {
            let definition = try library.definition(name)
            for fixture in ParserLibrary.fixtures(of: definition) {
                let run = try FixtureRun(fixture, of: definition)
                if record {
                    try run.record(fixture)
                    print("\(name)/\(fixture.name): recorded \(run.lines.count)")
                    continue
                }
                let differences = run.differences(from: fixture)
                print(
                    "\(name)/\(fixture.name): \(differences.isEmpty ? "ok, \(run.lines.count)" : "\(differences.count) of \(run.lines.count) differ")"
                )
                for difference in differences { print(difference) }
                differing += differences.isEmpty ? 0 : 1
            }
        }
        if differing > 0 { throw VerbError.findings }
    }
}
