import AuditModel
import Foundation
import Parsing

/// Where parser definitions are found: the shipped folder and those a user names.
enum ParserFolders {
    /// The shipped `parsers/`: beside the executable's prefix (`share/proofline`), else `$PROOFLINE_HOME`, else the package root.
    static var shipped: String? {
        var candidates: [String] = []
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        candidates.append(folder.deletingLastPathComponent().appendingPathComponent("share/proofline/parsers").path)
        if let home = ProcessInfo.processInfo.environment["PROOFLINE_HOME"] { candidates.append("\(home)/parsers") }
        // A build in the package: the root lies above the build folder.
        var above = folder
        for _ in 0..<6 {
            above = above.deletingLastPathComponent()
            if FileManager.default.fileExists(atPath: above.appendingPathComponent("Package.swift").path) {
                candidates.append(above.appendingPathComponent("parsers").path)
            }
        }
        return candidates.first { isFolder($0) }
    }

    /// Loads the shipped parsers and those of `folders`, which win.
    ///
    /// - Parameter requireFixtures: Off while a parser is being written.
    static func load(_ folders: [String], requireFixtures: Bool = true) throws -> ParserLibrary {
        try ParserLibrary.load(folders: all(folders), requireFixtures: requireFixtures)
    }

    /// The actions of the shipped parsers and of `folders`.
    static func taxonomy(_ folders: [String]) throws -> ActionTaxonomy { try ParserLibrary.taxonomy(folders: all(folders)) }

    /// The shipped folder, then `folders`.
    private static func all(_ folders: [String]) throws -> [String] {
        for folder in folders where !FileManager.default.fileExists(atPath: folder) {
            throw VerbError.usage("\(folder): there is no such folder of parsers; check the path given with --parsers")
        }
        guard let shipped else {
            guard !folders.isEmpty else {
                throw VerbError.usage(
                    "the shipped parsers were not found; set PROOFLINE_HOME to where proofline is installed, or give --parsers DIR")
            }
            return folders
        }
        return [shipped] + folders
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}

extension ParsingError: ErrorWithExitStatus {
    var line: String { description }
    var exitStatus: ExitStatus { code == .unreadable ? .failed : .usage }
}
