import AuditModel
import Foundation
import Testing

@testable import Parsing

/// Several parsers for one source, asked in turn.
@Suite struct TurnsTests {
    private func definition(_ id: String, _ required: String) throws -> ParserDefinition {
        try TestParser.definition(
            """
            id: \(id)
            version: 3
            title: T
            formats: [{framing: json}]
            require: [\(required)]
            fields: {action: data.activity.other, event_id: id, source_action: {from: \(required)}, message: text}
            rules: [{when: {\(required): pass}, skip: passed over}]
            attributes: {\(required): {from: \(required), class: public}}
            """)
    }

    private static let log = """
        {"one":"a","id":"1","text":"x"}
        {"two":"b","id":"2","text":"x"}
        {"two":"pass"}
        {"one":"c","two":"d","id":"3","rest":1}
        {"none":1}
        {"two":"e","id":"4","rest":1}

        """

    @Test func `the first parser that does not quarantine a record reads it`() throws {
        let both = ParserDefinition(inTurn: [try definition("first", "one"), try definition("second", "two")])
        #expect(both.id == "first+second")
        #expect(both.version == "3+3")
        let reading = try TestParser.read(Self.log, both)
        let expected = [
            #"{"action":"data.activity.other","attributes":{"one":"a"},"category":"web_resources_activity","event_id":"1","line":1,"message":"x","parser":"first","schema":1,"source_action":"a"}"#,
            #"{"action":"data.activity.other","attributes":{"two":"b"},"category":"web_resources_activity","event_id":"2","line":2,"message":"x","parser":"second","schema":1,"source_action":"b"}"#,
            #"{"line":3,"skipped":"passed over"}"#,
            #"{"action":"data.activity.other","attributes":{"one":"c"},"category":"web_resources_activity","event_id":"3","line":4,"parser":"first","schema":1,"source_action":"c"}"#,
            #"{"line":5,"quarantined":"'one' is not there; second: 'two' is not there"}"#,
        ]
        #expect(Array(reading.lines.prefix(5)) == expected)
        #expect(reading.lines.last == #"{"action":"data.activity.other","attributes":{"two":"e"},"category":"web_resources_activity","event_id":"4","line":6,"parser":"second","schema":1,"source_action":"e"}"#)
        #expect(reading.consumed == UInt64(Self.log.utf8.count))
        for size in [1, 5, 40] { #expect(try TestParser.read(Self.log, both, pieces: size).lines == reading.lines, "pieces of \(size)") }
    }

    @Test func `rows of both lie in one block, however small blocks are`() throws {
        let both = ParserDefinition(inTurn: [try definition("first", "one"), try definition("second", "two")])
        let line = #"{"one":"a","id":"1","text":"x"}"# + "\n" + #"{"two":"b","id":"2","text":"x"}"# + "\n"
        let bytes = Array(String(repeating: line, count: 50).utf8)
        for rows in [1, 3, 1_000] {
            let parser = try RecordParser(both, options: TestParser.options)
            parser.blockRows = rows
            let records = RecordBuffer()
            var block = EventBlock()
            var parsers: [String?] = []
            bytes.withUnsafeBytes { all in
                var rest = all
                while true {
                    let used = parser.feed(rest, into: block, records: records)
                    for record in records.records { for row in record.rows { parsers.append(block.event(row)[.parser]) } }
                    if used == rest.count { break }
                    rest = UnsafeRawBufferPointer(rebasing: rest[used...])
                    block = EventBlock()
                }
            }
            #expect(parsers == (0..<100).map { $0 % 2 == 0 ? "first" : "second" }, "\(rows) rows")
        }
    }

    @Test func `a library knows parsers in turn by their ids`() throws {
        let library = try ShippedParsers.library.get()
        let hook = try library.definition("github_webhook+github_actions")
        #expect(hook.id == "github_webhook+github_actions")
        let bytes = hook.definitionBytes
        #expect(bytes.count > (library["github_webhook"]?.definitionBytes.count ?? 0) + (library["github_actions"]?.definitionBytes.count ?? 0))
        #expect(throws: ParsingError.self) { try library.definition("github_webhook+github_action") }
        #expect(throws: ParsingError.self) { try library.definition("okta+okta") }
        #expect(throws: ParsingError.self) { try library.definition("okta+csv") }
        #expect(library["okta+"] == nil)
    }
}
