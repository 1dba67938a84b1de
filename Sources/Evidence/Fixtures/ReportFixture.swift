import AuditModel
import Foundation
import Timeline

/// A case that a report is tried on: `reports/<ID>/fixtures/<case>/` with case.yaml, events.jsonl, inventories/ and expected.json.
public struct ReportFixture: Sendable {
    /// The folder's name.
    public let name: String
    public let folder: String
    /// What the case shows, in a sentence.
    public let about: String?
    public let period: Period
    /// Texts for the report's parameters.
    public let parameters: [String: String]
    let sources: [Source]
    let people: [[String]]
    let gaps: [Gap]
    let log: [LogEntry]

    /// A source of the case.
    struct Source: Sendable {
        let source: EvidenceSource
        let ledger: MemoryEvidence.Ledger
        /// When its events were committed; by default when the last of them happened.
        let committed: Timestamp?
    }

    /// An entry of the log besides the seals.
    struct LogEntry: Sendable {
        let type: String
        let members: [String: JSONValue]
    }

    var eventsPath: String { "\(folder)/events.jsonl" }
    /// Where what is expected lies.
    public var expectedPath: String { "\(folder)/expected.json" }
    /// The folder of the case's inventories, where there is one.
    var inventoriesFolder: String? {
        let path = "\(folder)/inventories"
        return FileManager.default.fileExists(atPath: "\(path)/inventories.yaml") ? path : nil
    }

    /// The cases of a report, by name. None where the folder is missing.
    ///
    /// - Throws: ``EvidenceError`` with code `definition` and the line for a case that cannot be read.
    public static func all(of definition: ReportDefinition) throws(EvidenceError) -> [ReportFixture] {
        let folder = URL(fileURLWithPath: definition.path).deletingLastPathComponent().appendingPathComponent("fixtures").path
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder).sorted() else { return [] }
        var fixtures: [ReportFixture] = []
        for name in names where FileManager.default.fileExists(atPath: "\(folder)/\(name)/case.yaml") {
            fixtures.append(try ReportFixtureLoader.load("\(folder)/\(name)", name: name))
        }
        return fixtures
    }
}
