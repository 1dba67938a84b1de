import Evidence
import Foundation

/// Where report definitions and templates are found: the shipped folder and those a user names.
enum ReportFolders {
    /// The shipped `reports/`.
    static func shipped() throws -> String {
        guard let found = ShippedFolder.named("reports", with: "templates") else {
            throw VerbError.usage("the shipped reports were not found; set PROOFLINE_HOME to where proofline is installed")
        }
        return found
    }

    /// Loads the shipped definitions and those of `folders`, which win.
    static func library(_ folders: [String]) throws -> ReportLibrary { try ReportLibrary.load(folders: [try shipped()] + folders) }

    static func templates() throws -> TemplateSet { try TemplateSet(folder: try shipped() + "/templates") }
}

extension EvidenceError: ErrorWithExitStatus {
    var line: String { description }

    var exitStatus: ExitStatus {
        switch code {
        case .integrity, .noLongerWhole: .findings
        case .definition, .usage, .key, .separation: .usage
        case .evaluation, .file, .external: .failed
        }
    }
}
