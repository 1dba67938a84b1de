import Testing

@testable import Parsing

/// Records whose beginnings resemble one another are read as records that stand alone.
@Suite struct JSONRoutesTests {
    /// A record of a few shapes, now and then written another way, with values of another kind or flawed.
    private func record(_ random: inout SeededGenerator) -> String {
        func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }
        func scalar() -> String {
            [
                #""plain""#, #""""#, #""a \"quoted\" é""#, "null", "true", "false", "-1.5e3", "0", "7", #""null""#, #""ends in \\""#, "nul",
                "01",
                #"{"k":1}"#, "[]", "{}", #"[1,"two",{"three":null}]"#,
            ].randomElement(using: &random)!
        }
        func value(_ usual: String) -> String { chance(6) ? scalar() : usual }
        var members = [#""id":"# + value(#""i\#(Int.random(in: 0..<99, using: &random))""#)]
        if !chance(3) { members.append(#""text":{"body":"# + value(#""said""#) + (chance(2) ? "" : #","more":"# + value("1")) + "}") }
        if chance(2) {
            members.append(#""list":[{"id":"# + value(#""x""#) + "}" + (chance(2) ? "" : #",{"id":"# + value(#""y""#) + "}") + "]")
        }
        if chance(2) { members.append(#""known":"# + value("true")) }
        if chance(3) { members.append(#""unknown":{"deep":[[["# + value("1") + "]]]}") }
        members.append(#""n":"# + value("12"))
        // A record whose time cannot be read is refused after its texts were put into columns.
        if chance(2) { members.append(#""at":"# + (chance(3) ? #""no time""# : #""2026-07-01T08:00:00Z""#)) }
        if chance(2) { members.append(#""word":"# + value(#""Word \(Int.random(in: 0..<9, using: &random))""#)) }
        if chance(9) { members.append(#""id":"again""#) }
        if chance(9) { members.swapAt(0, members.count - 1) }
        if chance(9) { members.append(#""\u0069d2":1"#) }
        if chance(20) { members.append(String(repeating: #""long key "#, count: 1) + String(repeating: "k", count: 80) + #"":1"#) }
        let comma = chance(9) ? " , " : ","
        let whole = "{" + members.joined(separator: comma) + "}"
        return chance(30) ? String(whole.dropLast()) : chance(30) ? whole + "}" : whole
    }

    @Test func `records that follow known routes are read as records that stand alone`() throws {
        let definition = try TestParser.minimal(
            "  - framing: json",
            """
            fields: {time: at, action: data.activity.other, event_id: id, reason: {from: word, lower: true}, message: text.body, request: "list[1].id", session: "list[0].id"}
            attributes: {n: {from: n, class: public}, whole: {from: text, raw: true, class: public}}
            targets: [{each: list, type: other, id: item.id, name: {from: item.id, upper: true}}]
            dropped: [known, text.*]
            """)
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<8 {
            let text = (0..<150).map { _ in record(&random) }.joined(separator: "\n") + "\n"
            let bytes = Array(text.utf8)
            // A byte at a time no route is ever followed.
            #expect(try TestParser.read(bytes, definition) == TestParser.read(bytes, definition, pieces: 1), "seed \(seed)")
        }
    }

    @Test func `records of one shape follow routes after the first`() throws {
        let definition = try TestParser.minimal("  - framing: json", "fields: {action: data.activity.other, event_id: a.id, reason: b}")
        let parser = try RecordParser(definition, options: TestParser.options)
        let text = (0..<40).map { #"{"a":{"id":"\#($0)","x":null},"b":[\#($0),{}],"c":"z"}"# + "\n" }.joined()
        parser.feed(Array(text.utf8)) { _ in }
        // The last one ends where no whole word may be read.
        #expect(parser.evaluator.routes.lessons <= 2)
        #expect(parser.evaluator.routes.routeCount == 5)
    }
}
