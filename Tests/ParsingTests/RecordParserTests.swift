import AuditModel
import Testing

@testable import Parsing

@Suite struct RecordParserTests {
    private static let json = "  - framing: json"
    private static let idBody = "require: [id]\nfields: {action: data.activity.other, event_id: id}"

    private func ids(_ text: String, _ definition: ParserDefinition) throws -> [String] {
        try TestParser.read(text, definition).lines.map { line in
            let value = try JSONValue(parsing: line)
            let start = value["line"]?.integer ?? 0
            return "\(start):\(value["event_id"]?.string ?? value["quarantined"]?.string ?? value["skipped"]?.string ?? "-")"
        }
    }

    @Test func `values on one line, over several lines and in an array are records`() throws {
        let parser = try TestParser.minimal(Self.json, Self.idBody)
        let text = """
            {"id":"a"}
            {"id":"b"} {"id":"c"}{"id":"d"}
            {
              "id": "e"
            }

            [{"id":"f"},
             {"id":"g"}]
            {"id":"h"}
            """
        #expect(try ids(text, parser) == ["1:a", "2:b", "2:c", "2:d", "3:e", "7:f", "8:g", "9:h"])
    }

    @Test func `records of a wrapper and bare records stand in one file`() throws {
        let parser = try TestParser.minimal("  - {framing: json, records: data.items}", Self.idBody)
        let text =
            #"{"v":1,"data":{"items":[{"id":"a","data":{"items":[1]}},{"id":"b"}],"n":"]}"},"id":"no"}"# + "\n" + #"{"id":"c"}"# + "\n"
        #expect(try ids(text, parser) == ["1:a", "1:b", "2:c"])
    }

    @Test func `a broken line costs itself alone`() throws {
        let parser = try TestParser.minimal(Self.json, Self.idBody)
        let text =
            #"{"id":"a"}"# + "\n" + #"{"id":"b","# + "\n" + #"{"id":"c"}"# + "\n" + #"{"id":"unclosed}"# + "\n" + #"{"id":"d"}"# + "\n"
            + #"{"id":"e"#
        let grammar = JSONFault.grammar.rawValue
        #expect(
            try ids(text, parser) == [
                "1:a", "2:\(grammar)", "3:c", "4:\(JSONFault.unclosedString.rawValue)", "5:d", "6:\(JSONFault.endsEarly.rawValue)",
            ])
    }

    @Test func `a file that ends inside its wrapper says so`() throws {
        let parser = try TestParser.minimal("  - {framing: json, records: Records}", Self.idBody)
        #expect(try ids(#"{"Records":[{"id":"a"},"#, parser) == ["1:a", "1:JSON ends inside the array of records"])
    }

    @Test func `a mapped key that stands twice is never chosen from`() throws {
        let parser = try TestParser.minimal(Self.json, Self.idBody)
        #expect(
            try ids(#"{"id":"a","x":1,"x":2}"# + "\n" + #"{"id":"a","\u0069d":"b"}"#, parser) == [
                "1:a", "2:\(JSONFault.duplicateKey.rawValue)",
            ])
    }

    @Test func `numbers keep their spelling and texts lose their escapes`() throws {
        let parser = try TestParser.minimal(Self.json, "fields: {action: data.activity.other, event_id: n, message: m, session: s}")
        let event = try #require(
            try TestParser.event(#"{"n":123456789012345678901234567890.10,"m":"a\n\"\u00e9\ud83d\udd11\/","s":""}"#, parser))
        #expect(event[.eventID] == "123456789012345678901234567890.10")
        #expect(event[.message] == "a\n\"é🔑/")
        #expect(event[.session] == nil)
        #expect(try ids(#"{"n":1,"m":"\ud800"}"#, parser) == ["1:\(JSONFault.escape.rawValue)"])
    }

    @Test func `what is not mapped is counted, by name where the definition knows it`() throws {
        let parser = try TestParser.minimal(
            Self.json, "require: [id]\nfields: {action: data.activity.other, event_id: id}\ndropped: [known.path, any.*]")
        let reading = try TestParser.read(
            #"{"id":"a","known":{"path":1,"other":2},"any":{"x":1,"y":2},"new":{"deep":[1,2]},"nil":null}"#
                + "\n{\"known\":{\"path\":1}}\n", parser)
        #expect(reading.dropped == ["known.path": 1, "any.*": 2, "other": 2])
    }

    @Test func `names below a dropped or mapped value, and beside an element taken by position, are not counted`() throws {
        let parser = try TestParser.minimal(
            Self.json,
            "fields: {action: data.activity.other, event_id: id, session: \"list[0].a\"}\ntargets: [{each: list, type: x, id: item.a}]\ndropped: [gone]"
        )
        let reading = try TestParser.read(#"{"id":"a","gone":{"x":1,"y":{"z":2}},"list":[{"a":1,"b":2},{"a":3}]}"#, parser)
        #expect(reading.dropped == ["gone": 1, "other": 1])
    }

    @Test func `a header names the columns, in any order, and is no record`() throws {
        let parser = try TestParser.minimal(
            "  - {framing: csv, header: true, columns: [id, name]}",
            "require: [id]\nfields: {action: data.activity.other, event_id: id, message: name}")
        let reading = try TestParser.read("name,x,id\r\n\"a, \"\"b\"\"\nc\",1,7\r\nname,x,id\r\n,,8\n", parser)
        #expect(reading.lines.count == 3)
        #expect(reading.lines[0].contains(#""message":"a, \"b\"\nc""#) && reading.lines[0].contains(#""event_id":"7""#))
        #expect(reading.lines[2].contains(#""event_id":"8""#) && !reading.lines[2].contains("message"))
        #expect(reading.dropped == ["other": 2])
    }

    @Test func `a record of several lines ends where the next begins, or when the source is quiet`() throws {
        let parser = try RecordParser(
            try TestParser.minimal(
                "  - {framing: multiline, starts: \"<:digits> \"}", "fields: {action: data.activity.other, message: line}"),
            options: TestParser.options)
        var found: [Int] = []
        let add: (ParsedRecord) -> Void = { found.append($0.bytes.count) }
        parser.feed(Array("1 a\n\tb\n2 c\n".utf8), emit: add)
        #expect(found == [6])
        parser.flush(emit: add)
        #expect(found == [6, 3])
        #expect(parser.consumedOffset == 11)
        parser.feed(Array("3 d\n  half".utf8), emit: add)
        parser.flush(emit: add)
        #expect(found == [6, 3])
    }

    @Test func `records before a cursor are read again but not handed out again`() throws {
        let parser = try RecordParser(try TestParser.minimal(Self.json, Self.idBody), options: TestParser.options)
        parser.suppressedUpTo = 11
        var found: [Int] = []
        parser.feed(Array("{\"id\":\"a\"}\n{\"id\":\"b\"}\n".utf8)) { found.append($0.firstLine) }
        #expect(found == [2])
    }

    @Test func `a state that no parser wrote is refused`() throws {
        let parser = try RecordParser(try TestParser.minimal(Self.json, Self.idBody), options: TestParser.options)
        for state in [
            "", "{}", #"{"v":1,"offset":-1,"line":1}"#, #"{"v":1,"offset":0,"line":1,"array":[9,1]}"#,
            #"{"v":1,"offset":0,"line":1,"columns":[5]}"#, #"{"v":1,"offset":0,"line":1,"last":-9223372036854775808}"#,
        ] {
            let error = #expect(throws: ParsingError.self) { try parser.restore(Array(state.utf8)) }
            #expect(error?.code == .invalidState)
        }
    }

    @Test func `an array fans out into events and a text into targets`() throws {
        let parser = try TestParser.minimal(
            Self.json,
            """
            fields: {action: data.activity.other}
            targets: [{each: {from: who, split: ","}, type: user, name: item}]
            rules:
              - each: events
                fields: {event_id: item.id, session: s}
            """)
        let reading = try TestParser.read(#"{"s":"x","who":"a, b,,c","events":[{"id":1},{"id":"2"}]}"#, parser)
        #expect(reading.lines.count == 2)
        #expect(reading.lines[1].contains(#""event_id":"2""#) && reading.lines[1].contains(#""session":"x""#))
        #expect(reading.lines[0].contains(#""targets":[{"name":"a","type":"user"},{"name":"b","type":"user"},{"name":"c","type":"user"}]"#))
    }

    @Test func `texts inside a record are taken apart`() throws {
        let parser = try TestParser.minimal(
            Self.json,
            """
            extract:
              - {from: j, json: inner}
              - {from: k, key_value: {into: kv, separator: ","}}
              - {from: c, csv: {into: row, columns: [a, b]}}
              - {from: p, pattern: "<first:word> <second:word>"}
            let: {both: {join: {of: [kv.x, row.b], with: "+"}}}
            fields: {action: data.activity.other, event_id: inner.a.b, session: both, request: second, trace: {template: "{first}/{kv.x}"}}
            """)
        let event = try #require(
            try TestParser.event(#"{"j":"{\"a\":{\"b\":\"deep\"}}","k":"x=1, y=\"2,3\"","c":"\"q, r\",s","p":"one two"}"#, parser))
        #expect(event[.eventID] == "deep" && event[.session] == "1+s" && event[.request] == "two" && event[.trace] == "one/1")
    }

    @Test func `the tutorial's parser reads the tutorial's lines`() throws {
        let doors = try TestParser.definition(
            #"""
            id: doors
            version: 1
            title: Door system
            formats:
              - framing: lines
                pattern: "<when:like(0000-00-00 00:00:00)> <zone:word> <rest:rest>"
            extract:
              - from: rest
                key_value: {into: kv}
            let:
              user_email: {from: kv.user, pattern: "<:text><<<value:word>>", only: email}
            require: [when, kv.door, kv.result]
            actions:
              from: kv.result
              other: auth
              table: {OPEN: auth.session.start, DENIED: auth.session.start}
            fields:
              time: {from: when, format: "%Y-%m-%d %H:%M:%S", zone: zone}
              actor.type: user
              actor.id: kv.badge
              actor.name: {from: kv.user, before: " <"}
              actor.email: user_email
              outcome: {from: kv.result, map: {OPEN: success, DENIED: denied}}
              reason: kv.why
              surface: system
            targets:
              - {type: door, name: kv.door}
            not_applicable: [approval, policy]
            """#)
        let event = try #require(
            try TestParser.event(
                #"2026-07-01 08:15:40 +0200 door=lab badge=1042 user="Alice Example <alice@example.org>" result=DENIED why="no right""#,
                doors))
        #expect(event.time?.description == "2026-07-01T06:15:40.000000Z")
        #expect(event[.actorEmail] == "alice@example.org" && event[.actorName] == "Alice Example" && event[.outcome] == "denied")
        #expect(event[.reason] == "no right" && event.targets == [.init(type: "door", name: "lab")])
    }
}
