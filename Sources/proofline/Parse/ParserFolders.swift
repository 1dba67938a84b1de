import AuditModel
import Foundation
import Parsing

/// Where parser definitions are found: the shipped folder and those a user names.
enum ParserFolders {
    /// The shipped `parsers/`.
    static var shipped: String? { ShippedFolder.named("parsers") }

    /// Loads the shipped parsers and those of `folders`, which win.
    ///
    /// - Parameters:
    ///   - wanted: The parsers that will be used; nil is all.
    ///   - requireFixtures: Off while a parser is being written.
    static func load(_ folders: [String], only wanted: Set<String>? = nil, requireFixtures: Bool = true) throws -> ParserLibrary {
        try ParserLibrary.load(folders: all(folders), only: wanted, requireFixtures: requireFixtures)
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
}

extension ParsingError: ErrorWithExitStatus {
    var line: String { description }
    var exitStatus: ExitStatus { code == .unreadable ? .failed : .usage }
}
