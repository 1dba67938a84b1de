import AuditModel
import Testing

@testable import Parsing

/// Going through lists: elements by themselves, lists inside lists, members of objects, lists {name, value} as names.
@Suite struct ElementTests {
    private static let json = "  - framing: json"

    private func event(_ body: String, _ text: String) throws -> JSONValue {
        let definition = try TestParser.minimal(Self.json, "fields: {action: data.activity.other}\n" + body)
        return try JSONValue(parsing: try #require(try TestParser.read(text, definition).lines.first))
    }

    private func lines(_ body: String, _ text: String) throws -> [JSONValue] {
        let definition = try TestParser.minimal(Self.json, "fields: {action: data.activity.other}\n" + body)
        return try TestParser.read(text, definition).lines.map { try JSONValue(parsing: $0) }
    }

    // MARK: Lists {name, value}

    private static let pairs = """
        extract: [{from: list, pairs: {key: name, value: [value, intValue, nested.text], into: p}}]
        attributes: {a: {from: p.a, class: public}, b: {from: p.b, class: public}, c: {from: p.c, class: public}, d: {from: p."d.e", class: public}, m: {from: {join: {each: p.m, with: "+"}}, class: public}}
        """

    @Test func `elements of a list are names, whatever their order and the order of their members`() throws {
        let found = try event(
            Self.pairs,
            #"{"list":[{"value":"x\n\u00e9","name":"a"},{"name":"b","intValue":7},{"name":"c","nested":{"text":"z"}},{"name":"d.e","value":true}]}"#
        )
        #expect(found["attributes"] == ["a": "x\né", "b": "7", "c": "z", "d": "true"])
    }

    @Test func `of two equal names the first counts, and a name without value is none`() throws {
        let found = try event(Self.pairs, #"{"list":[{"name":"a"},{"name":"a","value":"1"},{"name":"a","value":"2"},{"value":"3"}]}"#)
        #expect(found["attributes"] == ["a": "1"])
    }

    @Test func `a value that is a list can be gone through`() throws {
        let found = try event(Self.pairs, #"{"list":[{"name":"m","value":["x","y",{"no":1},"z"]}]}"#)
        #expect(found["attributes"] == ["m": "x+y+z"])
    }

    @Test func `what is no list of pairs gives no names and does no harm`() throws {
        for list in ["null", "7", #""text""#, "[]", "[1,null,[[]],\"x\"]", "{}", "[{\"name\":{\"x\":1},\"value\":1}]"] {
            #expect(try event(Self.pairs, "{\"list\":\(list),\"x\":1}")["attributes"] == nil, "\(list)")
        }
        #expect(try event(Self.pairs, #"{"list":{"name":"a","value":"alone"}}"#)["attributes"] == ["a": "alone"])
    }

    @Test func `a mapped member that stands twice in an element quarantines the record`() throws {
        let found = try event(Self.pairs, #"{"list":[{"name":"a","name":"b","value":1}]}"#)
        #expect(found["quarantined"]?.string == JSONFault.duplicateKey.rawValue)
    }

    @Test func `names that nobody maps are counted, by name where they are known`() throws {
        let definition = try TestParser.minimal(
            Self.json, "fields: {action: data.activity.other}\n" + Self.pairs + "\ndropped: [p.known, \"list[].type\"]")
        let reading = try TestParser.read(
            #"{"list":[{"name":"known","value":1,"type":"t"},{"name":"new","value":2},{"name":"a","value":3,"odd":4}]}"#, definition)
        #expect(reading.dropped == ["p.known": 1, "list[].type": 1, "other": 2])
    }

    @Test func `pairs of an element are the element's own`() throws {
        let found = try lines(
            """
            require: [events]
            rules:
              - each: events
                extract: [{from: item.parameters, pairs: {key: name, value: value, into: p}}]
                let: {which: [p.id, {constant: none}]}
                fields: {action: data.activity.other, event_id: item.id, session: p.id, request: which}
            """,
            #"{"events":[{"id":"1","parameters":[{"name":"id","value":"a"}]},{"id":"2"},{"id":"3","parameters":[{"name":"id","value":"c"}]}]}"#)
        #expect(found.map { $0["session"]?.string } == ["a", nil, "c"])
        #expect(found.map { $0["request"]?.string } == ["a", "none", "c"])
    }

    // MARK: A body for each element

    @Test func `an element that lacks what is required quarantines the record`() throws {
        let body = "rules: [{each: events, require: [item.name], fields: {action: data.activity.other, event_id: item.name}}]"
        #expect(try lines(body, #"{"events":[{"name":"a"},{"name":"b"}]}"#).count == 2)
        let found = try lines(body, #"{"events":[{"name":"a"},{"nam":"b"}]}"#)
        #expect(found.count == 1 && found[0]["quarantined"]?.string == "'item.name' is not there")
    }

    @Test func `rules inside each are tried for each element, and what one matched is not true of the next`() throws {
        let body = """
            rules:
              - each: events
                fields: {action: data.activity.other, event_id: item.id, session: user}
                rules:
                  - match: {item.text: "login of <user:word>"}
                    fields: {action: auth.session.start}
                  - when: {item.text: noise}
                    skip: noise
            """
        let found = try lines(
            body, #"{"events":[{"id":1,"text":"login of eve"},{"id":2,"text":"noise"},{"id":3,"text":"else"}]}"#)
        #expect(found.map { $0["event_id"]?.string } == ["1", "3"])
        #expect(found.map { $0["action"]?.string } == ["auth.session.start", "data.activity.other"])
        #expect(found.map { $0["session"]?.string } == ["eve", nil])
        #expect(try lines(body, #"{"events":[{"text":"noise"}]}"#).first?["skipped"]?.string == "noise")
    }

    @Test func `what the record says before each holds for every element again`() throws {
        let found = try lines(
            """
            let: {who: user}
            rules: [{each: events, let: {who: [item.user, who]}, fields: {action: data.activity.other, actor.name: who}}]
            """, #"{"user":"all","events":[{"user":"one"},{},{"user":"three"}]}"#)
        #expect(found.map { $0["actor"]?["name"]?.string } == ["one", "all", "three"])
    }

    // MARK: Lists inside lists, members of objects

    @Test func `lists inside lists are gone through with names of both`() throws {
        let found = try event(
            """
            changes:
              - each: [{from: resources, as: resource}, {from: resource.properties, as: property}]
                field: {template: "{resource.id}.{property.name}"}
                before: property.old
                after: property.new
            targets: [{each: [resources, item.properties, item.tags], type: tag, name: item}]
            """,
            #"{"resources":[{"id":"r","properties":[{"name":"a","old":"1","new":"2","tags":["x"]},{"name":"b","new":"3"}]},{"id":"s"},{"id":"t","properties":[{"name":"c","old":"4","tags":["y","z"]}]}]}"#
        )
        #expect(found["changes"]?.array?.compactMap { $0["field"]?.string } == ["r.a", "r.b", "t.c"])
        #expect(found["targets"]?.array?.compactMap { $0["name"]?.string } == ["x", "y", "z"])
    }

    @Test func `members of an object are elements with a key`() throws {
        let body = """
            extract: [{from: text, json: inner}]
            changes:
              - {each: {members: diff}, field: {from: key}, before: "item[0]", after: "item[1]"}
              - {each: {members: inner, as: pair, key: column}, field: {from: column}, before: "pair[0]", after: "pair[1]"}
            """
        let found = try event(body, #"{"diff":{"em\u0061il":["a","b"],"x":[],"role":[null,"c"]},"text":"{\"name\":[\"d\",\"e\"]}"}"#)
        #expect(found["changes"]?.array?.compactMap { $0["field"]?.string } == ["email", "role", "name"])
        #expect(found["changes"]?.array?.compactMap { $0["after"]?.string } == ["b", "c", "e"])
        for odd in ["[]", "null", #""x""#, "{}", "[[1]]"] { #expect(try event(body, "{\"diff\":\(odd)}")["changes"] == nil, "\(odd)") }
    }

    @Test func `the parts of a text are elements, and a list is joined into one text`() throws {
        let found = try event(
            """
            targets: [{each: {from: {from: ids, trim: "[]"}, split: " "}, type: user, id: item}]
            attributes: {scope: {from: {join: {each: scopes, value: {from: item.name, lower: true}, with: " "}}, class: public}}
            """, #"{"ids":"[a b]","scopes":[{"name":"READ"},{},{"name":"Write"}]}"#)
        #expect(found["targets"]?.array?.compactMap { $0["id"]?.string } == ["a", "b"])
        #expect(found["attributes"]?["scope"]?.string == "read write")
    }

    @Test func `a text where a list is expected is its own only element`() throws {
        let found = try event(
            "extract: [{from: line, pattern: \"to <to:word>\"}]\ntargets: [{each: to, type: user, name: item}]", #"{"line":"to bob"}"#)
        #expect(found["targets"]?.array?.compactMap { $0["name"]?.string } == ["bob"])
    }

    @Test func `members of an object are records`() throws {
        let definition = try TestParser.minimal(
            "  - {framing: json, records: data.*}", "require: [id]\nfields: {action: data.activity.other, event_id: id}")
        let text = "{\"status\":\"OK\",\"data\":{\"e1\" : {\"id\":\"a\"},\n\"e,}2\":{\"id\":\"b\"}},\"next\":{\"x\":1}}\n{\"id\":\"c\"}\n"
        for pieces in [1, 3, 1_000] {
            let found = try TestParser.read(text, definition, pieces: pieces).lines.map { try JSONValue(parsing: $0)["event_id"]?.string }
            #expect(found == ["a", "b", "c"])
        }
        let broken = try TestParser.read("{\"data\":{\"e1\" {\"id\":\"a\"}}}\n{\"id\":\"c\"}\n", definition).lines
        #expect(broken.count == 2 && broken[0].contains(JSONFault.grammar.rawValue))
    }
}
