import ArgumentParser
import AuditModel
import Evidence
import Foundation

/// `proofline report test`: reports against cases with a known answer.
struct ReportTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run reports over their fixtures and compare the results with the expected ones.",
        discussion: """
            Example: proofline report test EP-03
            Without an id all reports are tested. A difference is shown finding by finding: what was expected, what came.
            --record writes the results anew: read the difference before you commit it. A report needs a case for each way to end: pass,
            exceptions, incomplete, not_tested. Ends with 1 if anything differs or is missing. docs/reports.md says how to write a case.
            """)

    @Argument(help: "Ids of reports; all of them if left out.") var ids: [String] = []
    @Flag(help: "Write what came out as expected.json.") var record = false
    @Option(help: "A folder to write each case's page to, as <ID>-<case>.html. It must exist.") var pages: String?
    @Option(name: .customLong("reports-folder"), help: "A folder with definitions of your own, beside the shipped ones. May be repeated.")
    var folders: [String] = []
    @Option(help: "text or json.") var format: ReportCommand.OutputFormat = .text

    /// A case and what came of it.
    private struct Case {
        let report: String
        let fixture: String
        let outcome: Outcome?
        let differences: [ReportFixtureDifference]
    }

    func run() throws {
        let library = try ReportFolders.library(folders)
        let definitions = ids.isEmpty ? library.definitions : try ids.map { try library.definition($0) }
        let templates = try ReportFolders.templates()
        var cases: [Case] = []
        var missing: [(report: String, what: String)] = []
        for definition in definitions {
            let own = try test(definition, templates)
            cases += own
            if own.isEmpty {
                missing.append((definition.id, "no fixture; make fixtures/<case>/ with case.yaml and events.jsonl beside its report.yaml"))
            } else {
                let kinds = Outcome.allCases.filter { outcome in !own.contains { $0.outcome == outcome } }.map(\.rawValue)
                if !kinds.isEmpty { missing.append((definition.id, "no case that ends as \(kinds.joined(separator: ", "))")) }
            }
            if format == .text { for line in missing where line.report == definition.id { print("\(line.report): \(line.what)") } }
        }
        if format == .json { print(json(cases, missing).prettyText()) }
        if !missing.isEmpty || !record && cases.contains(where: { !$0.differences.isEmpty }) { throw VerbError.findings }
    }

    private func test(_ definition: ReportDefinition, _ templates: TemplateSet) throws -> [Case] {
        try ReportFixture.all(of: definition).map { fixture in
            let run = try ReportFixtureRun(fixture, of: definition, templates: templates)
            let differences = run.differences(from: fixture)
            if record { try run.record(fixture) }
            if let pages, let page = run.page { try write(page, to: "\(pages)/\(definition.id)-\(fixture.name).html") }
            let found = Case(report: definition.id, fixture: fixture.name, outcome: run.outcome, differences: differences)
            if format == .text { tell(found) }
            return found
        }
    }

    private func write(_ page: String, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data(page.utf8)) else {
            throw EvidenceError(.file, "the page cannot be written; the folder must exist and be yours", path: path)
        }
    }

    private func tell(_ found: Case) {
        let place = "\(found.report)/\(found.fixture)"
        let outcome = found.outcome?.rawValue ?? "failed"
        let count = found.differences.count
        if record {
            let isNew = found.differences.contains(where: \.isMissingFile)
            print("\(place): recorded, \(outcome)\(isNew ? ", new" : count > 0 ? ", \(count) changed" : ", nothing changed")")
            if isNew { return }
        } else {
            print(count == 0 ? "\(place): ok, \(outcome)" : "\(place): \(count == 1 ? "1 difference" : "\(count) differences"), \(outcome)")
        }
        for difference in found.differences {
            for line in difference.description.split(separator: "\n", omittingEmptySubsequences: false) { print(TextTable.printable(String(line))) }
        }
    }

    private func json(_ cases: [Case], _ missing: [(report: String, what: String)]) -> JSONValue {
        let shown = cases.map { found -> JSONValue in
            let differences = found.differences.map { difference -> JSONValue in
                var members: [String: JSONValue] = ["name": .string(difference.name)]
                members["expected"] = difference.expected.map { .string($0) }
                members["found"] = difference.found.map { .string($0) }
                return .object(members)
            }
            var members: [String: JSONValue] = [
                "report": .string(found.report), "case": .string(found.fixture), "recorded": .bool(record),
                "differences": .array(differences),
            ]
            members["outcome"] = found.outcome.map { .string($0.rawValue) }
            return .object(members)
        }
        return ["cases": .array(shown), "missing": .array(missing.map { ["report": .string($0.report), "what": .string($0.what)] })]
    }
}
