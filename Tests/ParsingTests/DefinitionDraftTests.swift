import AuditModel
import Foundation
import Testing

@testable import Parsing

struct DefinitionDraftTests {
    private func draft(_ sample: String?, isWhole: Bool = true) throws -> (draft: DefinitionDraft, definition: ParserDefinition, lines: [String]) {
        let taxonomy = try TestParser.taxonomy.get()
        let draft = try DefinitionDraft(
            id: "mine", sample: sample.map { Array($0.utf8) }, isWhole: isWhole, domain: "data", taxonomy: taxonomy)
        let definition = try ParserLibrary.compile(draft.definition, path: "parser.yaml", taxonomy: taxonomy)
        return (draft, definition, try FixtureRun.parse(Array(draft.fixture.utf8), definition))
    }

    private static let samples: [(name: String, text: String)] = [
        ("JSON lines", #"{"ts":1782892800123,"action":"user.create","by":{"email":"zoe.secret@corp.test","addr":"203.0.113.9"},"n":1.5}"# + "\n"
            + #"{"ts":1782892801123,"action":"user.delete","by":{"email":"zoe.secret@corp.test","addr":"203.0.113.9"},"x.y":"Zoe Secretson"}"# + "\n"),
        ("a JSON array", #"[{"time":"2026-07-01T08:00:00Z","event":"a.b","name":"Zoe Secretson"},{"time":"2026-07-01T08:00:01Z","event":"a.c"}]"#),
        ("a wrapper", "{\n \"Records\": [\n  {\"eventTime\":\"2026-07-01T08:00:00Z\",\"eventName\":\"Get\",\"user\":\"zoe.secret\"}\n ]\n}\n"),
        ("CSV", "time,action,user name,address\n2026-07-01T08:00:00Z,login,\"Secretson, Zoe\",203.0.113.9\n2026-07-01T08:00:05Z,logout,\"Secretson, Zoe\",203.0.113.9\n"),
        ("semicolons", "time;action;who\n2026-07-01 08:00:00;login;zoe.secret\n"),
        ("key=value", "time=2026-07-01T08:00:00Z action=login user=\"Zoe Secretson\" ip=203.0.113.9\n"),
        ("a time and key=value", "2026-07-01 08:15:02 +0200 door=main badge=1042 user=\"Zoe Secretson <zoe.secret@corp.test>\" result=OPEN\n"),
        ("syslog", "Jul  1 08:00:00 web1.secret doorsd[17]: Zoe Secretson opened main from 203.0.113.9\n<13>Jul  1 08:00:01 web1.secret doorsd: bye zoe.secret\n"),
        ("RFC 5424", "<34>1 2026-07-01T08:00:00Z web1.secret doorsd 17 ID47 - Zoe Secretson opened main\n"),
        ("lines with a time", "2026-07-01T08:00:00Z Zoe Secretson opened main\n2026-07-01T08:00:03+02:00 Zoe Secretson left\n"),
        ("lines", "Zoe Secretson was here\n"),
    ]

    @Test(arguments: samples.indices)
    func `a draft loads, reads its own fixture and holds nobody's data`(number: Int) throws {
        let sample = Self.samples[number]
        let (draft, _, lines) = try draft(sample.text)
        let events = lines.filter { $0.contains("\"action\"") }
        #expect(!events.isEmpty, "\(sample.name): \(lines)")
        #expect(sample.name == "lines" || lines.contains { $0.contains("quarantined") }, "\(sample.name): \(lines)")
        for personal in ["Zoe", "zoe", "Secretson", "203.0.113.9", "web1.secret"] {
            #expect(!draft.fixture.contains(personal) && !draft.definition.contains(personal), "\(sample.name) holds \(personal)")
        }
    }

    @Test func `a draft claims a time and nothing of who, what or how it ended`() throws {
        let (draft, definition, lines) = try draft(Self.samples[0].text)
        #expect(draft.definition.contains("time: {from: ts, format: epoch_millis}"))
        let event = try #require(lines.first.flatMap { try? JSONValue(parsing: $0) })
        #expect(event["time"]?.string == "2026-07-01T08:00:00.123000Z")
        #expect(event["action"]?.string == "data.activity.other")
        #expect(event["source_action"]?.string == "user.create")
        #expect(event["actor"] == nil && event["outcome"] == nil && event["targets"] == nil && event["origin"] == nil)
        #expect(definition.notApplicable.isEmpty)
    }

    @Test func `a draft without a sample is an example that passes`() throws {
        let (draft, _, lines) = try draft(nil)
        #expect(lines.count == 4)
        #expect(!draft.notes.isEmpty)
    }

    @Test func `the last line of a cut sample is not looked at`() throws {
        let (_, _, lines) = try draft(Self.samples[0].text + #"{"ts":17828"#, isWhole: false)
        #expect(lines.count == 3)
    }

    @Test func `keys that may be somebody's data are left out`() throws {
        let (draft, _, _) = try draft(#"{"time":"2026-07-01T08:00:00Z","members":{"zoe@corp.test":"admin","4915112345678":"x"},"event":"a"}"# + "\n")
        #expect(!draft.definition.contains("zoe@") && !draft.fixture.contains("zoe@"))
        #expect(!draft.definition.contains("4915112345678") && !draft.fixture.contains("4915112345678"))
    }

    @Test(arguments: ["", "Two Words", "ümlaut"])
    func `an id that is none is refused`(id: String) throws {
        let taxonomy = try TestParser.taxonomy.get()
        #expect { try DefinitionDraft(id: id, sample: nil, isWhole: true, domain: "data", taxonomy: taxonomy) } throws: {
            ($0 as? ParsingError)?.code == .invalidValue
        }
    }

    @Test func `hostile samples are refused or drafted, never trapped on`() throws {
        let taxonomy = try TestParser.taxonomy.get()
        var samples: [[UInt8]] = [[], [0xFF, 0xFE, 10], Array("\n\n\n".utf8), Array("{".utf8), Array("[[[[".utf8), Array(",,,,\n,,,,\n".utf8), [0, 0, 0]]
        samples.append(Array((String(repeating: "[", count: 5_000) + "\n").utf8))
        samples.append(Array("\"a\",\"b\",\"c\n\"x\n".utf8))
        for seed in UInt64(1)...40 {
            var random = SeededGenerator(seed: seed)
            let letters = Array("{}[]\",:;=| \n\tabc12-TZ<>'\\é".utf8)
            samples.append((0..<200).map { _ in letters.randomElement(using: &random) ?? 10 })
        }
        for (number, sample) in samples.enumerated() {
            guard let draft = try? DefinitionDraft(id: "x", sample: sample, isWhole: true, domain: "data", taxonomy: taxonomy) else { continue }
            #expect(throws: Never.self, "sample \(number): \(String(decoding: sample, as: UTF8.self))\n\(draft.definition)") {
                _ = try ParserLibrary.compile(draft.definition, path: "parser.yaml", taxonomy: taxonomy)
            }
        }
    }

    @Test func `a folder that is there is left alone`() throws {
        let taxonomy = try TestParser.taxonomy.get()
        let parent = FileManager.default.temporaryDirectory.appendingPathComponent("draft-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let draft = try DefinitionDraft(id: "mine", sample: nil, isWhole: true, domain: "data", taxonomy: taxonomy)
        #expect(try draft.write(into: parent, taxonomy: taxonomy).count == 4)
        #expect(throws: ParsingError.self) { try draft.write(into: parent, taxonomy: taxonomy) }
        let library = try ParserLibrary.load(folders: [ShippedParsers.folder, parent])
        let definition = try library.definition("mine")
        for fixture in ParserLibrary.fixtures(of: definition) {
            #expect(try FixtureRun(fixture, of: definition).differences(from: fixture).isEmpty)
        }
    }
}
