import ArgumentParser
import AuditModel
import Evidence

/// `proofline controls`: what of a framework the reports can show.
struct ControlsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controls",
        abstract: "List the controls of frameworks: which reports speak to each, which only a document answers, which have nothing.",
        discussion: """
            Example: proofline controls --framework soc2
            Identifiers with our own wording, from reports/frameworks/. A pack holds the same table with outcomes: controls.html.
            """)

    @Option(help: "soc2, iso27001, nist80053, pci or hipaa; all by default.") var framework: String?
    @Option(name: .customLong("reports-folder"), help: "A folder with definitions of your own, beside the shipped ones. May be repeated.")
    var folders: [String] = []
    @Option(help: "text, json or csv.") var format: Format = .text
    @Flag(help: "Only controls that nothing speaks to, though a log could.") var missing = false

    enum Format: String, ExpressibleByArgument { case text, json, csv }

    func run() throws {
        let library = try ReportFolders.library(folders)
        let chosen = try framework.map { [try library.framework($0)] } ?? library.frameworks
        let matrices = chosen.map { ControlMatrix($0, definitions: library.definitions) }
        switch format {
        case .json: print(JSONValue.array(matrices.map(\.json)).prettyText())
        case .csv:
            for (number, matrix) in matrices.enumerated() {
                let lines = matrix.csv.split(separator: "\n", omittingEmptySubsequences: false)
                print(lines.dropFirst(number == 0 ? 0 : 1).joined(separator: "\n"), terminator: "")
            }
        case .text:
            for (number, matrix) in matrices.enumerated() {
                if number > 0 { print("") }
                print("\(matrix.framework.title): \(matrix.summary)")
                var table = TextTable(titles: ["control", "what it asks", "answered by"], flexible: [1])
                for row in matrix.rows where !missing || row.standing == .none {
                    table.add([row.control.id, row.control.about, row.reports.isEmpty ? row.standing.title : row.reports.joined(separator: " ")])
                }
                for line in table.lines(width: Terminal.width) { print(line) }
            }
        }
    }
}
