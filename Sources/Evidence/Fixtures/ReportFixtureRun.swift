public import AuditModel
import Foundation

/// Runs a report over a fixture and compares what came out with what is expected.
public struct ReportFixtureRun {
    /// How the report ended; nil where it could not be run.
    public let outcome: Outcome?
    /// What came out, as expected.json holds it. Identities stand in clear, as the fixture's author wrote them.
    public let found: JSONValue
    /// Why the report could not be run or its page not be made.
    public let failure: String?

    /// The report's page, where it was asked for.
    public let page: String?

    /// - Parameter templates: With them the report's page is made too, so that texts and charts that cannot be made are found.
    /// - Throws: ``EvidenceError`` with code `definition` for a case that cannot be read. A report that cannot be run is a ``failure``.
    public init(_ fixture: ReportFixture, of definition: ReportDefinition, templates: TemplateSet? = nil) throws(EvidenceError) {
        let built = try FixtureStore(fixture)
        do {
            let inventories = try fixture.inventoriesFolder.map { folder throws(EvidenceError) in try Inventories.load(folder: folder) } ?? .none
            let engine = try ReportEngine(store: built.store, definitions: [definition], period: fixture.period, inventories: inventories)
            let result = try engine.run(definition, parameters: fixture.parameters)
            page = try templates.map { templates throws(EvidenceError) in
                try ReportPage(
                    result: result, checkpoint: built.store.checkpoint, packName: "a test", generator: "a test", sample: nil
                ).render(templates)
            }
            outcome = result.outcome
            found = Self.summary(result, built.identities)
            failure = nil
        } catch {
            page = nil
            outcome = nil
            found = [:]
            failure = "\(error)"
        }
    }

    /// Where the output differs from the expected file; one difference where there is no such file.
    public func differences(from fixture: ReportFixture) -> [ReportFixtureDifference] {
        if let failure { return [ReportFixtureDifference(name: "the report could not be run", expected: nil, found: failure)] }
        guard let data = FileManager.default.contents(atPath: fixture.expectedPath) else {
            return [
                ReportFixtureDifference(
                    name: "there is no expected.json; write it with --record, and read it before you commit it", expected: nil,
                    found: nil)
            ]
        }
        guard let expected = try? JSONValue(parsing: data), expected.object != nil else {
            return [ReportFixtureDifference(name: "expected.json is no JSON object; write it anew with --record", expected: nil, found: nil)]
        }
        return ReportFixtureDifference.between(expected: expected, found: found)
    }

    /// Writes the output as the expected file.
    ///
    /// - Throws: ``EvidenceError`` with code `file`; `evaluation` where the report could not be run, and nothing is written.
    public func record(_ fixture: ReportFixture) throws(EvidenceError) {
        if let failure { throw EvidenceError(.evaluation, "the report could not be run, so nothing is recorded: \(failure)", path: fixture.folder) }
        let text = found.prettyText() + "\n"
        guard FileManager.default.createFile(atPath: fixture.expectedPath, contents: Data(text.utf8)) else {
            throw EvidenceError(.file, "what came out cannot be written; check the folder's permissions", path: fixture.expectedPath)
        }
    }

    private static func summary(_ result: ReportResult, _ identities: FixtureIdentities) -> JSONValue {
        func findings(_ verdict: ReportDefinition.Rule.Verdict) -> JSONValue {
            .array(
                result.items.flatMap { item in
                    item.findings.filter { $0.rule.verdict == verdict }.map { finding -> JSONValue in
                        [
                            "rule": .string(finding.rule.id), "label": .string(identities.clear(item.label)),
                            "text": .string(identities.clear(finding.text)),
                        ]
                    }
                })
        }
        return [
            "outcome": .string(result.outcome.rawValue), "reasons": .array(result.reasons.map { .string(identities.clear($0)) }),
            "population": .integer(Int64(result.populationCount)), "not_applicable": .integer(Int64(result.notApplicable)),
            "exceptions": findings(.exception), "undecided": findings(.undecided),
        ]
    }
}
