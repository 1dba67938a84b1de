import ArgumentParser
import AuditModel
import Evidence
import Foundation
import Timeline

/// `proofline report`: ask one question of the store.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Run a report, list those there are, test one against its fixtures, or explain an exception.", subcommands: [List.self, Run.self, ReportTestCommand.self, ReportExplainCommand.self])

    /// `proofline report list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the reports and their parameters.", discussion: "Example: proofline report list")

        @Option(name: .customLong("reports-folder"), help: "A folder with definitions of your own. May be repeated.") var folders:
            [String] = []
        @Option(help: "text or json.") var format: OutputFormat = .text

        func run() throws {
            let definitions = try ReportFolders.library(folders).definitions
            if format == .json {
                let list = definitions.map { definition -> JSONValue in
                    [
                        "id": .string(definition.id), "revision": .integer(Int64(definition.revision)), "title": .string(definition.title),
                        "question": .string(definition.question), "path": .string(definition.path),
                        "parameters": .array(
                            definition.parameters.map {
                                ["name": .string($0.name), "default": .string($0.defaultText), "about": .string($0.about)]
                            }),
                    ]
                }
                return print(JSONValue.array(list).prettyText())
            }
            var table = TextTable(titles: ["report", "title", "parameters"], flexible: [1])
            for definition in definitions {
                table.add([
                    definition.id, definition.title, definition.parameters.map { "\($0.name)=\($0.defaultText)" }.joined(separator: " "),
                ])
            }
            for line in table.lines(width: Terminal.width) { print(line) }
        }
    }

    /// `proofline report run`.
    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run one report over a period.",
            discussion: """
                Example: proofline report run EP-03 --store /var/lib/proofline --period 2026Q3 --param EP-03.limit=48h
                Exit code 1 says that the outcome is not pass.
                """)

        @Argument(help: "The report's id, such as EP-03.") var report: String
        @OptionGroup var options: ReportOptions
        @Option(help: "Write page, tables and ipe.json into this folder, which must not exist.") var out: String?
        @Option(help: "text or json.") var format: OutputFormat = .text

        func run() throws {
            let definition = try ReportFolders.library(options.folders).definition(report)
            let inventories = try options.loadedInventories()
            let outcome = try options.withEvidence { evidence, _, period in
                let document = try ReportDocument(
                    definition, store: evidence, period: period,
                    parameters: try options.parsedParameters(for: [report])[report] ?? [:], nonce: options.nonce,
                    generator: ReportOptions.generator, inventories: inventories)
                switch format {
                case .text: ReportText.print(document.result)
                case .json: print(try document.ipe().prettyText())
                }
                if let out {
                    try document.write(to: out, templates: try ReportFolders.templates())
                    if format == .text { print("\nwritten: \(out)/report.html") }
                }
                return document.result.outcome
            }
            if outcome != .pass { throw VerbError.findings }
        }
    }

    enum OutputFormat: String, ExpressibleByArgument { case text, json }
}

/// A result on a terminal.
enum ReportText {
    static func print(_ result: ReportResult) {
        Swift.print(
            "\(result.definition.id) \(result.definition.title), \(result.period.description): \(result.outcome.title.lowercased())")
        Swift.print("  \(result.populationCount) tested, \(result.exceptionCount) with exceptions, \(result.undecidedCount) not decided")
        for reason in result.reasons { Swift.print("  \(reason)") }
        let explanations = result.explanations
        for exception in result.exceptions {
            Swift.print("  ! \(exception.id) \(exception.text)")
            if let explanation = explanations[exception.id] { Swift.print("    \(explanation)") }
        }
        for gap in result.gaps { Swift.print("  gap: \(gap.source) \(gap.from) to \(gap.until): \(gap.explanation)") }
    }
}
