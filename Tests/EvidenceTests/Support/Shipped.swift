import Foundation

@testable import Evidence

/// The definitions and templates of the repository.
enum Shipped {
    static var root: String {
        URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().path
    }

    static var reports: String { "\(root)/reports" }

    static func library() throws -> ReportLibrary { try ReportLibrary.load(folders: [reports]) }
    static func templates() throws -> TemplateSet { try TemplateSet(folder: "\(reports)/templates") }

    static func scratch() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("evidence-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
