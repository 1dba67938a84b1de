import Evidence
import Foundation

/// Where report definitions and templates are found: the shipped folder and those a user names.
enum ReportFolders {
    /// The shipped `reports/`: beside the executable's prefix (`share/proofline`), else in `$PROOFLINE_HOME`, else at the package root.
    static func shipped() throws -> String {
        var candidates: [String] = []
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        candidates.append(folder.deletingLastPathComponent().appendingPathComponent("share/proofline/reports").path)
        if let home = ProcessInfo.processInfo.environment["PROOFLINE_HOME"] { candidates.append("\(home)/reports") }
        // A build in the package: the root lies above the build folder.
        var above = folder
        for _ in 0..<6 {
            above = above.deletingLastPathComponent()
            if FileManager.default.fileExists(atPath: above.appendingPathComponent("Package.swift").path) {
                candidates.append(above.appendingPathComponent("reports").path)
            }
        }
        guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: "\($0)/templates") }) else {
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
