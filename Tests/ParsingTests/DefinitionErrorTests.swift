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
        #expect(error("id: t\nversion: 1\ntitle: T\nformats: [{framing: xml}]\n")?.code == .invalidValue)
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
