import Testing

@testable import Parsing

/// What is wrong with a definition is said with its place and the nearest right word.
@Suite struct DefinitionErrorTests {
    private func error(_ yaml: String) -> ParsingError? {
        do {
            _ = try ParserLibrary.compile(yaml, path: "p/parser.yaml", taxonomy: TestParser.taxonomy.get())
            return nil
        } catch let error as ParsingError {
            return error
        } catch {
            return nil
        }
    }

    private static let head = "id: t\nversion: 1\ntitle: T\nformats: [{framing: json}]\n"

    @Test func `an unknown key names its place and the nearest key`() {
        let found = error(Self.head + "fields: {action: data.activity.other}\ntargts: []\n")
        #expect(found?.code == .unknownKey && found?.line == 6 && found?.column == 1)
        #expect(found?.description == "p/parser.yaml:6:1: a parser definition has no key 'targts'; did you mean 'targets'?")
    }

    @Test func `an attribute without data class is refused`() {
        let found = error(Self.head + "fields: {action: data.activity.other}\nattributes:\n  region: awsRegion\n")
        #expect(found?.code == .missing && found?.line == 7 && found?.column == 3)
    }

    @Test func `an unknown schema field and an unknown action are refused`() {
        #expect(error(Self.head + "fields: {actor.emial: x}\n")?.message.contains("did you mean 'actor.email'?") == true)
        let action = error(Self.head + "actions: {from: a, other: iam, table: {x: iam.role.gant}}\n")
        #expect(action?.code == .invalidValue && action?.line == 5 && action?.message.contains("did you mean 'iam.role.grant'?") == true)
        #expect(error(Self.head + "actions: {from: a, other: nowhere, table: {}}\n")?.code == .invalidValue)
        #expect(error(Self.head + "fields: {event_id: x}\n")?.code == .missing)
    }

    @Test func `fields with fixed words take no open value`() {
        #expect(error(Self.head + "fields: {action: data.activity.other, outcome: {from: x}}\n")?.code == .invalidValue)
        #expect(
            error(Self.head + "fields: {action: data.activity.other, outcome: {from: x, map: {a: good}}}\n")?.message.contains("not 'good'")
                == true)
        #expect(error(Self.head + "fields: {action: data.activity.other, outcome: {from: x, map: {a: success}}}\n") == nil)
    }

    @Test func `a name that nothing provides is refused`() {
        let text =
            "id: t\nversion: 1\ntitle: T\nformats:\n  - framing: lines\n    pattern: \"<user:word> <rest:rest>\"\nfields: {action: data.activity.other, actor.name: usr}\n"
        let found = error(text)
        #expect(found?.code == .unknownName && found?.line == 7 && found?.message == "nothing provides 'usr'; did you mean 'user'?")
        #expect(error(Self.head + "fields: {action: data.activity.other, actor.name: item.x}\n")?.code == .unknownName)
    }

    @Test func `damaged YAML, doubled keys and odd values name their line`() {
        #expect(error("id: [")?.code == .invalidYAML)
        #expect(error(Self.head + "title: again\n")?.code == .invalidYAML)
        #expect(error("id: T\nversion: 1\ntitle: T\nformats: [{framing: json}]\n")?.line == 1)
        #expect(error("id: t\nversion: one\ntitle: T\nformats: [{framing: json}]\n")?.code == .invalidValue)
        #expect(error("id: t\nversion: 1\ntitle: T\nformats: [{framing: yaml}]\n")?.code == .invalidValue)
        #expect(error("id: t\nversion: 1\ntitle: T\n")?.message == "a parser definition needs 'formats'")
    }

    @Test func `a pattern that is none is refused where it stands`() {
        let found = error("id: t\nversion: 1\ntitle: T\nformats:\n  - framing: lines\n    pattern: \"<user>\"\n")
        #expect(found?.code == .invalidValue && found?.line == 6)
    }

    @Test func `formats that would take every line stand last`() {
        #expect(
            error("id: t\nversion: 1\ntitle: T\nformats: [{framing: lines}, {framing: json}]\nfields: {action: data.activity.other}\n")?
                .code == .missing)
    }
}

/// What would load and then silently mean something else is refused.
@Suite struct SilentTrapTests {
    private func error(_ rest: String, formats: String = "[{framing: json}]") -> ParsingError? {
        do {
            let yaml = "id: t\nversion: 1\ntitle: T\nformats: \(formats)\nfields: {action: data.activity.other}\n\(rest)\n"
            _ = try ParserLibrary.compile(yaml, path: "p/parser.yaml", taxonomy: TestParser.taxonomy.get())
            return nil
        } catch let error as ParsingError {
            return error
        } catch {
            return nil
        }
    }

    private func place(_ error: ParsingError?) -> String { error.map { "\($0.line ?? 0):\($0.column ?? 0)" } ?? "no error" }

    @Test func `a constant that hides what stands behind it is refused`() {
        let found = error("rules: [{fields: {source_action: [kind, type]}}]")
        #expect(found?.code == .invalidValue && place(found) == "6:35" && found?.message.contains("{from: kind}") == true)
        #expect(error("rules: [{fields: {source_action: {from: [kind, type]}}}]") == nil)
        #expect(error("targets: [{type: [{from: t, map: {a: b}}, other], name: n}]") == nil)
    }

    @Test func `stars that would never match are refused`() {
        #expect(place(error("tables: {x: {\"a**\": b}}")) == "6:14")
        #expect(place(error("tables: {x: {\"*a*b*\": c}}")) == "6:14")
        let found = error("rules: [{when: {a: [x, \"user.*\"]}, skip: s}]")
        #expect(found?.code == .invalidValue && found?.message.contains("'prefix' and 'suffix'") == true)
        #expect(error("rules: [{when: {a: [\"*\", \"***\"]}, skip: s}]") == nil)
    }

    @Test func `raw behind another value is refused`() {
        #expect(place(error("attributes: {x: {from: {from: a, lower: true}, raw: true, class: public}}")) == "6:24")
    }

    @Test func `keys that a framing has no use for are refused`() {
        let found = error("", formats: "[{framing: json, columns: [a]}]")
        #expect(found?.message == "'columns' has no meaning with framing json" && found?.line == 4)
        #expect(error("", formats: "[{framing: xml}]")?.message == "a format needs 'element'")
        #expect(error("", formats: "[{framing: json, records: \"a.*.b\"}]")?.code == .invalidValue)
        #expect(error("", formats: "[{framing: json, records: \"*\"}]")?.code == .invalidValue)
    }

    @Test func `each and pairs say what is wrong with them, and where`() {
        #expect(place(error("targets: [{each: {from: a, splt: x}, type: t, name: item}]")) == "6:28")
        #expect(error("targets: [{each: {from: a, splt: x}, type: t, name: item}]")?.message.contains("did you mean 'split'?") == true)
        #expect(error("targets: [{each: {members: a, from: b}, type: t, name: item}]")?.code == .invalidValue)
        #expect(error("targets: [{each: {from: a, key: b}, type: t, name: item}]")?.code == .invalidValue)
        #expect(error("targets: [{each: [a, item.b, item.c, item.d, item.e], type: t, name: item}]")?.code == .invalidValue)
        #expect(error("targets: [{each: {from: a, split: \",\"}, type: t, name: item.x}]")?.code == .unknownName)
        #expect(error("extract: [{from: a, pairs: {key: k, into: p}}]")?.message == "pairs needs 'value'")
        #expect(error("extract: [{from: a, pairs: {key: k, value: k, into: p}}]")?.code == .invalidValue)
        #expect(error("extract: [{from: {from: a, lower: true}, pairs: {key: k, value: v, into: p}}]")?.code == .invalidValue)
        #expect(error("extract: [{from: a, json: a}]")?.message.contains("'a' is what this extraction gives") == true)
        #expect(error("extract: [{from: a, json: x, csv: {columns: [b], into: y}}]")?.code == .invalidValue)
        #expect(error("extract: [{from: a, xml: {into: x, rot: y}}]")?.message.contains("did you mean 'root'?") == true)
        #expect(error("attributes: {x: {join: {each: a, of: [b], with: c}, class: public}}")?.code == .invalidValue)
        #expect(error("attributes: {x: {join: {of: [a], value: item, with: c}, class: public}}")?.code == .invalidValue)
    }

    @Test func `nanoseconds go with seconds alone`() {
        #expect(error("rules: [{fields: {time: {from: a, format: epoch_millis, nanos: b}}}]")?.code == .invalidValue)
    }
}
