import AuditModel
import Foundation

/// Parses a fixture of a parser and compares it with its expected events.
public struct FixtureRun: Sendable {
    /// When fixture files count as last written: stamps without a year depend on it.
    public static let fileModified = Timestamp(microseconds: 1_790_812_800_000_000)

    /// One canonical JSON object per event, quarantined or skipped record.
    public let lines: [String]

    /// - Throws: ``ParsingError`` `.unreadable` if the fixture cannot be read.
    public init(_ fixture: ParserFixture, of definition: ParserDefinition) throws(ParsingError) {
        lines = try Self.parse(try Self.bytes(of: fixture), definition)
    }

    /// The raw lines of a fixture.
    static func bytes(of fixture: ParserFixture) throws(ParsingError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: fixture.logPath) else {
            throw ParsingError(code: .unreadable, message: "the fixture cannot be read", path: fixture.logPath)
        }
        return [UInt8](data)
    }

    /// Calls `body` with each record of some bytes, read as a fixture is.
    static func eachRecord(_ bytes: [UInt8], _ definition: ParserDefinition, _ body: (ParsedRecord) -> Void) throws(ParsingError) {
        let parser = try RecordParser(definition, options: ParseOptions(fileModified: fileModified))
        parser.feed(bytes, emit: body)
        parser.finish(emit: body)
    }

    /// What `proofline parse` would print for these bytes.
    static func parse(_ bytes: [UInt8], _ definition: ParserDefinition) throws(ParsingError) -> [String] {
        var lines: [String] = []
        try eachRecord(bytes, definition) { record in lines += record.shownJSON.map(\.canonicalText) }
        return lines
    }

    /// Where the output differs from the expected file; a missing file counts as empty.
    public func differences(from fixture: ParserFixture) -> [FixtureDifference] {
        let text = FileManager.default.contents(atPath: fixture.expectedPath).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return FixtureDifference.between(expected: text.split(separator: "\n").map(String.init), found: lines)
    }

    /// Writes the output as the expected file.
    ///
    /// - Throws: ``ParsingError`` `.unreadable` if it cannot be written.
    public func record(_ fixture: ParserFixture) throws(ParsingError) {
        let text = lines.map { $0 + "\n" }.joined()
        guard FileManager.default.createFile(atPath: fixture.expectedPath, contents: Data(text.utf8)) else {
            throw ParsingError(
                code: .unreadable, message: "the expected events cannot be written; check the folder's permissions",
                path: fixture.expectedPath)
        }
    }
}
