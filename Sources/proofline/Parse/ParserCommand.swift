import ArgumentParser

/// `proofline parser`: tools for those who write parsers.
struct ParserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parser",
        abstract: "Tools for writing parsers.",
        discussion: """
            Example: proofline parser test okta
            From a log to a parser: guess, new, explain, test, list, coverage (docs/parsers.md has an hour's tutorial).
            """,
        subcommands: [
            ParserNewCommand.self, ParserTestCommand.self, ParserExplainCommand.self, ParserGuessCommand.self, ParserListCommand.self,
            ParserCoverageCommand.self, ParserMeasureCommand.self,
        ])

    /// How its verbs print.
    enum OutputFormat: String, ExpressibleByArgument { case text, json }
}
