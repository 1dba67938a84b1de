import AuditModel
import Foundation
import Testing

@testable import Parsing

/// Parsers whose meaning a source's configuration gives.
@Suite struct GenericParserTests {
    static let head = "version: 1\nsources:\n  - id: doors\n    parser: csv\n    paths: [\"doors.csv\"]\n    mapping:\n"

    static let mapping = """
              columns: [when, who, did]
              header: true
              delimiter: ";"
              require: [when]
              fields:
                time: {from: when, format: "%d.%m.%Y %H:%M"}
                actor.email: who
              actions: {from: did, other: data, table: {open: data.record.read}}
        """

    private func load(_ mapping: String, parser: String = "csv") throws -> ParserDefinition {
        let library = try ShippedParsers.library.get()
        let mapping = ParserMapping(configuration: Self.head + mapping + "\n", path: "sources.yaml", source: 0)
        return try library.definition(parser, mapping: mapping)
    }

    private func message(_ mapping: String, parser: String = "csv") -> String {
        do {
            _ = try load(mapping, parser: parser)
            return ""
        } catch { return "\(error)" }
    }

    @Test func `a mapping says what the columns mean`() throws {
        let definition = try load(Self.mapping)
        let event = try #require(try TestParser.event("when;who;did;more\n01.07.2026 08:15;alice@example.org;open;x\n", definition))
        #expect(event.time?.description == "2026-07-01T08:15:00.000000Z")
        #expect(event[.actorEmail] == "alice@example.org")
        #expect(event[.action] == "data.record.read")
        // Nothing of the example in the folder is left.
        #expect(event[.outcome] == nil)
        #expect(event[.parser] == "csv")
    }

    @Test func `mistakes are told with file, line, column and the nearest name`() {
        #expect(message("      colums: [a]").hasPrefix("sources.yaml:7:7: "))
        #expect(message("      colums: [a]").contains("did you mean 'columns'"))
        #expect(message(Self.mapping.replacing("actor.email", with: "actor.emial")).contains("sources.yaml:13:9: the schema has no field 'actor.emial'; did you mean 'actor.email'?"))
        #expect(message(Self.mapping.replacing("from: did", with: "from: dit")).contains("nothing provides 'dit'"))
        #expect(message(Self.mapping + "\n      attributes: {x: who}").contains("has no data class"))
        #expect(message(Self.mapping.replacing("data.record.read", with: "data.record.reed")).contains("did you mean 'data.record.read'"))
        #expect(message("      fields: {action: data.activity.other}").contains("needs 'columns'"))
        #expect(message(Self.mapping, parser: "okta").contains("says itself what its records mean"))
        #expect(throws: ParsingError.self) { try ShippedParsers.library.get().definition("csv", mapping: nil) }
    }

    @Test func `the hash is that of what the mapping says, not of its comments`() throws {
        let plain = try load(Self.mapping).definitionBytes
        #expect(try load(Self.mapping + "   # a comment").definitionBytes == plain)
        #expect(try load(Self.mapping.replacing("[when, who, did]", with: "[ \"when\", who,  did ]")).definitionBytes == plain)
        #expect(try load(Self.mapping.replacing("open:", with: "shut:")).definitionBytes != plain)
        #expect(String(decoding: plain, as: UTF8.self).hasPrefix(#"{"columns":["when","who","did"],"header":"true","delimiter":";","require":["when"],"#))
    }

    @Test(arguments: ["csv", "json", "syslog"]) func `the example of each generic parser's README works`(_ id: String) throws {
        let readme = try String(contentsOfFile: "\(ShippedParsers.folder)/\(id)/README.md", encoding: .utf8)
        let blocks = readme.components(separatedBy: "```")
        let yaml = try #require(blocks.first { $0.hasPrefix("yaml\n") }).dropFirst(5)
        let lines = blocks[3]
        let mapping = ParserMapping(configuration: String(yaml), path: "README.md", source: 0)
        let definition = try ShippedParsers.library.get().definition(id, mapping: mapping)
        let reading = try TestParser.read(String(lines.dropFirst()), definition)
        #expect(reading.lines.count == 1)
        let line = try #require(reading.lines.first)
        #expect(line.contains(#""time":"2026-07-01T08:15:"#))
        #expect(line.contains(id == "syslog" ? "auth.session.start" : "data.record.read"))
    }
}
