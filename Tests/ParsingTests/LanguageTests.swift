import AuditModel
import Testing

@testable import Parsing

/// Single constructs of the language on small records.
@Suite struct LanguageTests {
    private static let json = "  - framing: json"

    private func event(_ body: String, _ text: String) throws -> JSONValue {
        let definition = try TestParser.minimal(Self.json, body)
        return try JSONValue(parsing: try #require(try TestParser.read(text, definition).lines.first))
    }

    @Test func `a star in a key of a table stands for any text, and the key with most other bytes wins`() throws {
        let body = """
            fields:
              action: data.activity.other
              session: {from: s, map: {"*": rest, exact: whole, "a*": head, "*_failed": tail, "a*b": both, "*mid*": middle, "login*error*": two}}
            """
        let wanted = [
            "exact": "whole", "abc": "head", "x_failed": "tail", "_failed": "tail", "a_failed": "tail", "a--b": "both", "ab": "both", "amidb": "middle",
            "login an error!": "two", "q": "rest",
        ]
        for (given, session) in wanted { #expect(try event(body, "{\"s\":\"\(given)\"}")["session"]?.string == session, "\(given)") }
    }

    @Test func `a let hides the key and the column of its name`() throws {
        let body = "let: {user: login}\nfields: {action: data.activity.other, actor.name: user}"
        #expect(try event(body, #"{"user":"key","login":"let"}"#)["actor"]?["name"]?.string == "let")
        #expect(try event(body, #"{"user":"key"}"#)["actor"] == nil)
        let itself = "let: {user: [login, user]}\nfields: {action: data.activity.other, actor.name: user}"
        #expect(try event(itself, #"{"user":"key"}"#)["actor"]?["name"]?.string == "key")
        let csv = try TestParser.minimal("  - {framing: csv, columns: [user, login]}", body)
        #expect(try TestParser.event("column,\n", csv)?[.actorName] == nil)
    }

    @Test func `a field of a pattern hides the key of its name`() throws {
        let body = "extract: [{from: text, pattern: \"<? by <user:name>?><:rest>\"}]\nfields: {action: data.activity.other, actor.name: user}"
        #expect(try event(body, #"{"user":"key","text":" by bob"}"#)["actor"]?["name"]?.string == "bob")
        #expect(try event(body, #"{"user":"key","text":"nobody"}"#)["actor"] == nil)
    }

    @Test func `names with dots below an extraction have their value`() throws {
        let body =
            "extract: [{from: t, key_value: {into: kv}}]\nfields: {action: data.activity.other, session: kv.\"grpc.method\", request: kv.grpc.code}"
        let found = try event(body, #"{"t":"grpc.method=Sync grpc.code=OK"}"#)
        #expect(found["session"]?.string == "Sync" && found["request"]?.string == "OK")
        let plain = try TestParser.minimal(
            "  - {framing: lines, key_value: {}}", "fields: {action: data.activity.other, session: '\"grpc.method\"', request: grpc.code}")
        let event = try TestParser.event("grpc.method=Sync grpc.code=OK\n", plain)
        #expect(event?[.session] == "Sync" && event?[.request] == "OK")
    }

    @Test func `two spellings of one path are one name`() throws {
        let found = try event("fields: {action: data.activity.other, session: a.b, request: '\"a\".\"b\"'}", #"{"a":{"b":"x"}}"#)
        #expect(found["session"]?.string == "x" && found["request"]?.string == "x")
    }

    @Test func `raw goes with a list of names`() throws {
        let body = "fields: {action: data.activity.other, message: {from: [a, b], raw: true}}"
        #expect(try event(body, #"{"b":{"x":[1]}}"#)["message"]?.string == #"{"x":[1]}"#)
        #expect(try event(body, #"{"a":"text","b":{"x":[1]}}"#)["message"]?.string == "text")
    }

    @Test func `two names are compared`() throws {
        let body = """
            fields:
              action: data.activity.other
              session: [{constant: same, when: {a: {same_as: b}}}, {constant: other, when: {a: {differs_from: b}}}, {constant: none, when: {a: {not: {same_as: b}}}}]
            """
        #expect(try event(body, #"{"a":"x","b":"x"}"#)["session"]?.string == "same")
        #expect(try event(body, #"{"a":"x","b":"y"}"#)["session"]?.string == "other")
        #expect(try event(body, #"{"a":"1","b":1}"#)["session"]?.string == "same")
        #expect(try event(body, #"{"a":"x"}"#)["session"]?.string == "none")
        #expect(try event(body, #"{}"#)["session"]?.string == "none")
    }

    @Test func `seconds and nanoseconds stand in two members`() throws {
        let body = "fields: {action: data.activity.other, time: {from: t.s, format: epoch_seconds, nanos: t.n}}"
        #expect(try event(body, #"{"t":{"s":1638034466,"n":19000000}}"#)["time"]?.string == "2021-11-27T17:34:26.019000Z")
        #expect(try event(body, #"{"t":{"s":1638034466}}"#)["time"]?.string == "2021-11-27T17:34:26.000000Z")
        for odd in [#""n":-1"#, #""n":1000000000"#, #""n":1.5"#, #""n":"x""#] {
            #expect(try event(body, "{\"t\":{\"s\":1638034466,\(odd)}}")["quarantined"] != nil, "\(odd)")
        }
    }

    @Test func `values of pairs may hold blanks, with escapes`() throws {
        let body = """
            extract: [{from: t, key_value: {into: x, blanks_in_values: true}}]
            fields: {action: data.activity.other, message: x.msg, actor.name: x.suser, session: x.cs1, request: x.ad.field}
            """
        let found = try event(body, #"{"t":"junk msg=wrong password\\=\"a b\"\\n for x suser=alice cs1= a\\\\b \\| c ad.field=last one "}"#)
        #expect(found["message"]?.string == "wrong password=\"a b\"\n for x" && found["actor"]?["name"]?.string == "alice")
        #expect(found["session"]?.string == #"a\b | c"# && found["request"]?.string == "last one")
        #expect(try event(body, #"{"t":"==== = ="}"#)["message"] == nil)
    }

    @Test func `quotes of both kinds stand around pairs inside pairs`() throws {
        let body = """
            extract: [{from: t, key_value: {into: a}}, {from: a.msg, key_value: {into: m}}]
            fields: {action: data.activity.other, session: m.op, actor.name: m.acct}
            """
        let found = try event(body, #"{"t":"pid=1 msg='op=login acct=\"x y\" res=ok' after=2"}"#)
        #expect(found["session"]?.string == "login" && found["actor"]?["name"]?.string == "x y")
    }

    @Test func `the first of some patterns gives the value`() throws {
        let body = "fields: {action: data.activity.other, session: {from: s, pattern: [\"a <value:word>\", \"b <value:word>\"]}}"
        #expect(try event(body, #"{"s":"a 1"}"#)["session"]?.string == "1")
        #expect(try event(body, #"{"s":"b 2"}"#)["session"]?.string == "2")
        #expect(try event(body, #"{"s":"c 3"}"#)["session"] == nil)
    }
}
