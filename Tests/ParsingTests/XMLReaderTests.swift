import AuditModel
import Testing

@testable import Parsing

@Suite struct XMLReaderTests {
    private static let body = """
        fields: {action: data.activity.other, event_id: ID, session: "\\"@no\\"", actor.name: USER.NAME, message: SQL, request: "LIST.ITEM[1].V"}
        """

    private func definition() throws -> ParserDefinition {
        try TestParser.minimal("  - {framing: xml, element: [R, Record]}", Self.body)
    }

    private func lines(_ text: String, pieces: Int = .max) throws -> [JSONValue] {
        try TestParser.read(text, definition(), pieces: pieces).lines.map { try JSONValue(parsing: $0) }
    }

    @Test func `elements of a file are records, however it is cut`() throws {
        let text = """
            <?xml version="1.0"?><!-- <R> -->
            <Audit xmlns="urn:x"><Version>11.2</Version>
            <R no='1'><ID>a</ID><USER><NAME>bob</NAME></USER></R><R no="2"/>
              <Record><ID>c</ID><SQL>1 &lt; 2 &amp;&#x20;<![CDATA[</Record> & ]]>x</SQL>
                <LIST><ITEM><V>p</V></ITEM><ITEM><V>q</V></ITEM></LIST></Record>
            </Audit>

            """
        for pieces in [1, 7, 100_000] {
            let found = try lines(text, pieces: pieces)
            #expect(found.map { $0["line"]?.integer } == [3, 3, 4])
            #expect(found.map { $0["event_id"]?.string } == ["a", nil, "c"])
            #expect(found.map { $0["session"]?.string } == ["1", "2", nil])
            #expect(found[0]["actor"]?["name"]?.string == "bob")
            #expect(found[2]["message"]?.string == "1 < 2 & </Record> & x" && found[2]["request"]?.string == "q")
        }
    }

    @Test func `what is no XML that is read is quarantined with its reason`() throws {
        let cases: [(String, XMLReader.Fault)] = [
            ("<R><ID>a</IX></R>", .grammar), ("<R><ID>&evil;</ID></R>", .entity), ("<R><ID>&#0;</ID></R>", .entity),
            ("<R><ID>&#xD800;</ID></R>", .entity), ("<R a=1/>", .grammar), ("<R a='<'/>", .grammar), ("<R><ID>a</ID><ID>b</ID></R>", .duplicate),
            ("<R><ID>a</ID>", .endsEarly), ("<!DOCTYPE R [<!ENTITY a \"b\">]>", .documentType), ("<R a='1'b='2'/>", .grammar),
            ("<R><1/></R>", .grammar), ("<R no='1' no='2'/>", .duplicate),
        ]
        for (text, fault) in cases {
            #expect(try lines(text + "\n").first?["quarantined"]?.string == fault.rawValue, "\(text)")
        }
        let deep = "<R>" + String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000) + "</R>\n"
        #expect(try lines(deep).first?["quarantined"]?.string == XMLReader.Fault.tooDeep.rawValue)
    }

    @Test func `XML inside a text gives names, and another root none`() throws {
        let definition = try TestParser.minimal(
            "  - framing: json",
            "extract: [{from: x, xml: {into: e, root: Event}}]\nfields: {action: data.activity.other, session: e.System.Id, request: e.@v}"
        )
        func event(_ text: String) throws -> JSONValue {
            try JSONValue(parsing: try #require(try TestParser.read(text, definition).lines.first))
        }
        let found = try event(#"{"x":"<Event v=\"2\"><System><Id> 7</Id></System></Event>"}"#)
        #expect(found["session"]?.string == " 7" && found["request"]?.string == "2")
        #expect(try event(#"{"x":"<Other v=\"2\"/>"}"#)["request"] == nil)
        #expect(try event(#"{"x":"no xml"}"#)["quarantined"] == nil)
        #expect(try event(#"{"x":"<Event"}"#)["quarantined"]?.string == XMLReader.Fault.endsEarly.rawValue)
    }

    @Test func `damaged XML never traps and every byte is accounted for`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let text = Array("<A><R no='1'><ID>a&amp;</ID><!-- c --><SQL><![CDATA[x]]></SQL></R><R/></A>\n".utf8)
        let definition = try definition()
        for _ in 0..<400 {
            var bytes = text
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 32..<127, using: &random)
            }
            let reading = try TestParser.read(bytes, definition)
            #expect(reading.consumed == UInt64(bytes.count), "seed \(seed)")
            #expect(try TestParser.read(bytes, definition, pieces: 5).consumed == UInt64(bytes.count), "seed \(seed)")
        }
    }
}
