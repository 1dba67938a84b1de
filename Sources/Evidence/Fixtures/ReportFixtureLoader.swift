import AuditModel
import Foundation
import Timeline
import Yams

/// Reads `case.yaml` of a fixture, as strictly as a definition is read.
struct ReportFixtureLoader {
    private let top: StrictYAML

    static func load(_ folder: String, name: String) throws(EvidenceError) -> ReportFixture {
        let path = "\(folder)/case.yaml"
        guard let data = FileManager.default.contents(atPath: path) else { throw EvidenceError(.file, "the case cannot be read", path: path) }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw EvidenceError(.definition, "the file is not UTF-8", path: path)
        }
        return try ReportFixtureLoader(top: try StrictYAML(document: text, path: path)).read(folder, name)
    }

    private func read(_ folder: String, _ name: String) throws(EvidenceError) -> ReportFixture {
        try top.allow(["about", "period", "sources", "parameters", "people", "gaps", "log"])
        let period: Period
        do { period = try Period(try top.text("period")) } catch let error {
            throw error.path == nil ? top.error("period", error.message) : error
        }
        let sources = try readSources()
        return ReportFixture(
            name: name, folder: folder, about: try top.optionalText("about"), period: period, parameters: try readParameters(),
            sources: sources, people: try readPeople(), gaps: try readGaps(sources.map(\.source.id)), log: try readLog())
    }

    private func readSources() throws(EvidenceError) -> [ReportFixture.Source] {
        var result: [ReportFixture.Source] = []
        for (id, map) in try top.namedMappings("sources") {
            try map.allow(["parser", "expected_interval", "configured", "committed", "quarantined", "duplicates", "unexplained"])
            var interval: Int64?
            if let text = try map.optionalText("expected_interval") {
                interval = DurationText.parse(text)
                guard interval != nil else { throw map.error("expected_interval", "`\(text)` is not a duration such as 3h") }
            }
            let configured = try map.optionalText("configured") ?? "true"
            guard ["true", "false"].contains(configured) else { throw map.error("configured", "must be true or false") }
            result.append(
                .init(
                    source: EvidenceSource(
                        id: id, parser: try map.optionalText("parser") ?? id, expectedIntervalMicroseconds: interval,
                        isConfigured: configured == "true"),
                    ledger: .init(
                        quarantined: try count(map, "quarantined"), duplicates: try count(map, "duplicates"),
                        unexplained: try count(map, "unexplained")),
                    committed: map.has("committed") ? try time(map, "committed") : nil))
        }
        return result
    }

    private func readParameters() throws(EvidenceError) -> [String: String] {
        guard let map = try top.mapping("parameters") else { return [:] }
        var result: [String: String] = [:]
        for key in map.keys { result[key.name] = try map.texts(key.name).joined(separator: ",") }
        return result
    }

    private func readPeople() throws(EvidenceError) -> [[String]] {
        guard let node = top.node("people") else { return [] }
        guard case .sequence(let people) = node else { throw top.error("people", "must be a list of lists: the names of each person") }
        var result: [[String]] = []
        for person in people {
            guard case .sequence(let names) = person, !names.isEmpty else {
                throw top.error("people", "each person is a list of names, such as [alice@example.org, alice]")
            }
            var texts: [String] = []
            for name in names {
                guard case .scalar(let scalar) = name else { throw top.error("people", "a name is a text") }
                texts.append(scalar.string)
            }
            result.append(texts)
        }
        return result
    }

    private func readGaps(_ sources: [String]) throws(EvidenceError) -> [Gap] {
        var result: [Gap] = []
        for map in try top.mappings("gaps") {
            try map.allow(["source", "from", "until", "cause", "explanation"])
            let source = try map.text("source")
            guard sources.contains(source) else {
                throw map.error("source", "the case has no source `\(source)`\(NearestName.hint(source, among: sources))")
            }
            guard let cause = Gap.Cause(rawValue: try map.text("cause")) else {
                throw map.error("cause", "must be one of \(Gap.Cause.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            result.append(
                Gap(
                    source: source, from: try time(map, "from"), until: try time(map, "until"), cause: cause,
                    explanation: try map.optionalText("explanation") ?? "made for the test"))
        }
        return result
    }

    /// Entries of the log: `type`, `time` (the entry's `at`) and whatever members entries of that type have (docs/formats/seal.md).
    private func readLog() throws(EvidenceError) -> [ReportFixture.LogEntry] {
        var result: [ReportFixture.LogEntry] = []
        for map in try top.mappings("log") {
            let type = try map.text("type")
            let types = ["heartbeat", "gap", "erasure", "retention", "hold", "key", "config", "reparse", "release"]
            guard types.contains(type) else {
                throw map.error("type", "there is no entry `\(type)`\(NearestName.hint(type, among: types)); seals come from the events")
            }
            var members: [String: JSONValue] = ["at": .string(try time(map, "time").description)]
            for key in map.keys where key.name != "type" && key.name != "time" {
                members[key.name] = map.node(key.name).map(Self.json) ?? .null
            }
            result.append(.init(type: type, members: members))
        }
        return result
    }

    private static func json(_ node: Node) -> JSONValue {
        switch node {
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, value) in mapping { members[key.string ?? ""] = json(value) }
            return .object(members)
        case .sequence(let sequence): return .array(sequence.map(json))
        case .scalar(let scalar):
            guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
            if let number = Int64(scalar.string) { return .integer(number) }
            if scalar.string == "true" || scalar.string == "false" { return .bool(scalar.string == "true") }
            if let time = Timestamp(rfc3339: scalar.string) { return .string(time.description) }
            return .string(scalar.string)
        default: return .null
        }
    }

    private func count(_ map: StrictYAML, _ key: String) throws(EvidenceError) -> Int64 {
        guard let number = try map.integer(key) else { return 0 }
        guard (0...1_000_000_000).contains(number) else { throw map.error(key, "must be a count of records") }
        return Int64(number)
    }

    private func time(_ map: StrictYAML, _ key: String) throws(EvidenceError) -> Timestamp {
        let text = try map.text(key)
        guard let time = Timestamp(dateOrTime: text) else { throw map.error(key, "`\(text)` is no time such as 2026-07-01T09:00:00Z") }
        return time
    }
}
