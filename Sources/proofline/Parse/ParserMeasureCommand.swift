import ArgumentParser
import Foundation
import Minimization
import Parsing

/// `proofline parser measure`: how fast a parser reads a file, stage by stage.
struct ParserMeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Measure how fast a parser reads a file, and how fast all definitions load.",
        discussion: """
            Example: proofline parser measure okta system-log.jsonl
            CPU seconds of one thread: reading the file alone, with its records in columns, and with all personal data replaced as the policy
            says (in a vault of its own, which is thrown away). Without a parser only the definitions are loaded. Nothing is stored.
            """)

    @Option(help: "A folder of your own parsers; may be given several times.") var parsers: [String] = []
    @Option(help: "Times that each stage is run; the median counts.") var rounds = 3
    @Option(help: "text or json.") var format: OutputFormat = .text
    @Argument(help: "The parser's id.") var id: String?
    @Argument(help: "The file, not compressed.") var file: String?

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    func validate() throws {
        guard (id == nil) == (file == nil) else { throw ValidationError("give a parser and a file, or neither") }
        guard (1...1_000).contains(rounds) else { throw ValidationError("--rounds is a number from 1 to 1000") }
    }

    func run() throws {
        let measurement = ParserMeasurement(rounds: rounds)
        // Definitions are loaded by all cores: what counts there is the time that passes, and what all of them spend.
        let start = ContinuousClock.now
        let library = try ParserFolders.load(parsers)
        let first = (ContinuousClock.now - start) / .milliseconds(1)
        var times: [Double] = []
        let spent = ProcessorTime.ofProcess
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            _ = try ParserFolders.load(parsers)
            times.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        let each = (ProcessorTime.ofProcess - spent) / Double(rounds) * 1_000
        var lines = [
            Line(
                name: "definitions",
                values: [("parsers", Double(library.ids.count)), ("first_ms", first), ("ms", times.sorted()[rounds / 2]), ("cpu_ms", each)])
        ]
        if let id, let file {
            lines += try measurement.run(try library.definition(id), file: file, policy: try MinimizationPolicy.load(path: StoreAccess.shippedPolicy()))
        }
        show(lines)
    }

    /// What is said of one stage.
    struct Line {
        let name: String
        let values: [(name: String, value: Double)]
    }

    private func show(_ lines: [Line]) {
        func number(_ value: Double) -> String { value == value.rounded() ? String(Int(value)) : String(format: "%.3f", value) }
        switch format {
        case .text:
            for line in lines { print(line.name + ": " + line.values.map { "\($0.name) \(number($0.value))" }.joined(separator: ", ")) }
        case .json:
            let stages = lines.map { line in
                "\"\(line.name)\":{" + line.values.map { "\"\($0.name)\":\(number($0.value))" }.joined(separator: ",") + "}"
            }
            print("{" + stages.joined(separator: ",") + "}")
        }
    }
}
