import AuditModel
import Foundation

/// Parses a fixture of a parser and compares it with its expected events.
public struct FixtureRun: Sendable {
    /// When fixture files count as last written: stamps without a year depend on it.
    public static let fileModified = Timestamp(microseconds: 1_790_812_800_000_000)

    /// A line of output that differs from what is expected.
    public struct Difference: Hashable, Sendable, CustomStringConvertible {
        /// Position in the output, from one.
        public let position: Int
        /// What is expected, nil where the output has a line too many.
        public let expected: String?
        /// What came out, nil where a line is missing.
        public let found: String?

        public var description: String {
            var text = "event \(position):"
            if let expected { text += "\n  - \(expected)" }
            if let found { text += "\n  + \(found)" }
            return text
        }
    }

    /// One canonical JSON object per event, quarantined or skipped record.
    public let lines: [String]

    /// - Throws: ``ParsingError`` `.unreadable` if the fixture cannot be read.
    public init(_ fixture: ParserFixture, of definition: ParserDefinition) throws(ParsingError) {
        guard let data = FileManager.default.contents(atPath: fixture.logPath) else {
            throw ParsingError(code: .unreadable, message: "the fixture cannot be read", path: fixture.logPath)
        }
        lines = try Self.parse([UInt8](data), definition)
    }

    /// What `proofline parse` would print for these bytes.
    static func parse(_ bytes: [UInt8], _ definition: ParserDefinition) throws(ParsingError) -> [String] {
        let parser = try RecordParser(definition, options: ParseOptions(fileModified: fileModified))
        var lines: [String] = []
        let add: (ParsedRecord) -> Void = { record in lines += record.shownJSON.map(\.canonicalText) }
        parser.feed(bytes, emit: add)
        parser.finish(emit: add)
        return lines
    }

    /// Where the output differs from the expected file; a missing file counts as empty.
    public func differences(from fixture: ParserFixture) -> [Difference] {
        let text = FileManager.default.contents(atPath: fixture.expectedPath).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let expected = text.split(separator: "\n").map { line in
            (try? JSONValue(parsing: String(line)))?.canonicalText ?? String(line)
        }
        return (0..<max(expected.count, lines.count)).compactMap { i in
            let wanted = i < expected.count ? expected[i] : nil
            let found = i < lines.count ? lines[i] : nil
            return wanted == found ? nil : Difference(position: i + 1, expected: wanted, found: found)
        }
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
