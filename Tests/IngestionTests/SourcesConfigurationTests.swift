import AuditModel
import EventStore
import Testing

@testable import Ingestion

struct SourcesConfigurationTests {
    private func parse(_ text: String) throws(IngestionError) -> SourcesConfiguration {
        try SourcesConfiguration.parse(text, path: "s.yaml", folder: "/etc/proofline")
    }

    @Test func `a source with everything`() throws {
        let source = try parse(
            """
            version: 1
            sources:
              - id: okta-eu
                parser: okta
                paths: ["logs/*.log", /var/log/x.log]
                instance: example.okta.com
                timezone: Europe/Vienna
                expected_interval: 2h
                calendar: office
                attributes: {site: vienna}
                modified: 2026-10-01
            """
        ).sources[0]
        #expect(source.id == "okta-eu")
        #expect(source.paths == ["/etc/proofline/logs/*.log", "/var/log/x.log"])
        #expect(source.expectedIntervalSeconds == 7_200)
        #expect(source.calendar == .office)
        #expect(source.attributes == ["site": "vienna"])
        #expect(source.modified == Timestamp(rfc3339: "2026-10-01T00:00:00Z"))
        #expect(source.settings.timezone == "Europe/Vienna")
    }

    @Test(
        arguments: [
            ("version: 2\nsources: []", 1, "version 1"),
            ("sources: []", nil, "`version: 1` is missing"),
            ("version: 1\nsources: []", 2, "at least one source"),
            ("version: 1\nsorces: []", 2, "did you mean `sources`"),
            ("version: 1\nsources:\n  - id: a\n    parser: p\n    pathes: [x]", 5, "did you mean `paths`"),
            ("version: 1\nsources:\n  - id: A b\n    parser: p\n    paths: [x]", 3, "lower-case"),
            ("version: 1\nsources:\n  - id: a\n    parser: p\n    paths: x", 5, "needs `paths`"),
            ("version: 1\nsources:\n  - id: a\n    parser: p\n    paths: [x]\n    timezone: Mars/Base", 6, "no time zone"),
            ("version: 1\nsources:\n  - id: a\n    parser: p\n    paths: [x]\n    expected_interval: soon", 6, "a number and a unit"),
            ("version: 1\nsources:\n  - id: a\n    parser: p\n    paths: [x]\n    calendar: lunar", 6, "always or office"),
            ("version: 1\nsources:\n  - {id: a, parser: p, paths: [x]}\n  - {id: a, parser: p, paths: [y]}", 4, "there twice"),
            ("version: 1\nsources: [", 3, "no YAML"),
        ] as [(String, Int?, String)])
    func `a wrong configuration names its line and what to write`(text: String, line: Int?, says: String) throws {
        let error = #expect(throws: IngestionError.self) { try parse(text) }
        #expect(error?.code == .configuration)
        #expect(error?.line == line)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    @Test func `folders of own parsers are read beside the file`() throws {
        let text = "version: 1\nparsers: [mine, /opt/shared]\nsources:\n  - {id: a, parser: p, paths: [x.log]}\n"
        let configuration = try SourcesConfiguration.parse(text, path: "etc/sources.yaml", folder: "etc")
        #expect(configuration.parserFolders == ["etc/mine", "/opt/shared"])
        let error = #expect(throws: IngestionError.self) {
            try SourcesConfiguration.parse("version: 1\nparsers: mine\nsources: []\n", path: "s.yaml", folder: ".")
        }
        #expect(error?.code == .configuration)
    }
}
