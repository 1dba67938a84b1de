import AuditModel
import Foundation

/// The report definitions found in the shipped folder and in folders that a user names.
public struct ReportLibrary: Sendable {
    /// Definitions by id, ascending.
    public let definitions: [ReportDefinition]

    /// The frameworks whose controls definitions may name, by id.
    public let frameworks: [Framework]

    public init(_ definitions: [ReportDefinition], frameworks: [Framework] = []) {
        self.frameworks = frameworks.sorted { $0.id < $1.id }
        self.definitions = definitions.sorted { $0.id < $1.id }
    }

    /// Loads every `<folder>/<id>/report.yaml`. A definition in a later folder replaces one of the same id in an earlier one.
    ///
    /// - Throws: ``EvidenceError``: `file` for a folder that cannot be read, `definition` for a definition that does not hold, with file and line.
    public static func load(folders: [String]) throws(EvidenceError) -> ReportLibrary {
        var byID: [String: ReportDefinition] = [:]
        var frameworks: [String: Framework] = [:]
        for folder in folders {
            for framework in try Framework.load(reportsFolder: folder) { frameworks[framework.id] = framework }
            let names: [String]
            do { names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
                throw EvidenceError(.file, "the folder of reports cannot be read; check the path and its permissions", path: folder)
            }
            for name in names where name != "templates" {
                let path = "\(folder)/\(name)/report.yaml"
                guard FileManager.default.fileExists(atPath: path) else { continue }
                let definition = try load(file: path)
                guard definition.id == name else {
                    throw EvidenceError(
                        .definition, "the folder is named `\(name)` but the report `\(definition.id)`; they must agree", path: path)
                }
                byID[definition.id] = definition
            }
        }
        for id in byID.keys.sorted() { try byID[id]?.checkControls(Array(frameworks.values)) }
        return ReportLibrary(Array(byID.values), frameworks: Array(frameworks.values))
    }

    /// Loads one definition.
    public static func load(file path: String) throws(EvidenceError) -> ReportDefinition {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvidenceError(.file, "the report definition cannot be read", path: path)
        }
        return try ReportDefinitionLoader.load(bytes: Array(data), path: path)
    }

    /// The definition with this id.
    ///
    /// - Throws: ``EvidenceError`` with code `usage`, naming the nearest id.
    public func definition(_ id: String) throws(EvidenceError) -> ReportDefinition {
        if let found = definitions.first(where: { $0.id == id }) { return found }
        let known = definitions.map(\.id)
        throw EvidenceError(
            .usage, "there is no report `\(id)`\(NearestName.hint(id, among: known)); there are: \(known.joined(separator: ", "))")
    }

    /// The framework with this id.
    ///
    /// - Throws: ``EvidenceError`` with code `usage`, naming the nearest id.
    public func framework(_ id: String) throws(EvidenceError) -> Framework {
        if let found = frameworks.first(where: { $0.id == id }) { return found }
        let known = frameworks.map(\.id)
        throw EvidenceError(
            .usage, "there is no framework `\(id)`\(NearestName.hint(id, among: known)); there are: \(known.joined(separator: ", "))")
    }
}
