import AuditModel
import DurableIO
import EventStore
import Foundation
import Minimization
import Parsing
import Vault

@testable import Ingestion

/// A store, a vault and a tiny parser in a folder that goes away with the test.
final class IngestBench {
    let folder: URL
    let store: EventStore
    let vault: Vault
    let policy: MinimizationPolicy
    let library: ParserLibrary
    var limits = IngestLimits()
    var findings: [String] = []

    /// One JSON object a line: `time` and `id` may be absent, `who` is an identity, `n` a public attribute.
    static let parser = """
        id: tiny
        version: 7
        title: Tiny
        formats:
          - framing: json
        require: [what]
        fields:
          time: time
          event_id: id
          actor.type: user
          actor.id: who
          source_action: what
          outcome: success
          action: data.activity.other
        attributes:
          n: {from: n, class: public}
        """

    /// - Parameter definitions: Texts of further parsers by id.
    init(files: any FileSystem = RealFileSystem(), definitions: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "ingest-\(UUID().uuidString)")
        let parsers = folder.appending(path: "parsers/tiny")
        try FileManager.default.createDirectory(at: parsers, withIntermediateDirectories: true)
        try Data(Self.parser.utf8).write(to: parsers.appending(path: "parser.yaml"))
        for (id, text) in definitions {
            let other = folder.appending(path: "parsers/\(id)")
            try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: other.appending(path: "parser.yaml"))
        }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        try Data(contentsOf: root.appending(path: "parsers/taxonomy.yaml")).write(to: folder.appending(path: "parsers/taxonomy.yaml"))
        library = try ParserLibrary.load(folders: [folder.appending(path: "parsers").path], requireFixtures: false)
        policy = try MinimizationPolicy.load(path: root.appending(path: "parsers/policy.yaml").path)
        store = try EventStore.create(directory: folder.appending(path: "store").path, origin: "example.org/test", options: StoreOptions(fileSystem: files))
        vault = try Vault.create(directory: store.layout.vault)
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ name: String, _ lines: [String]) throws {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path(name)))
    }

    func source(_ id: String = "app", _ pattern: String = "*.log") -> SourceConfiguration {
        SourceConfiguration(id: id, parser: "tiny", paths: [path(pattern)])
    }

    @discardableResult
    func ingest(_ sources: [SourceConfiguration]? = nil, stopAfter steps: Int = .max) throws -> IngestSummary {
        let ingester = try Ingester(
            store: store, vault: vault, policy: policy, library: library, sources: sources ?? [source()], limits: limits)
        ingester.onFinding = { self.findings.append($0) }
        var asked = 0
        return try ingester.ingest {
            asked += 1
            return asked > steps
        }
    }

    func events() throws -> [Event] {
        let snapshot = try store.snapshot()
        return try snapshot.segments.flatMap { try snapshot.reader($0).events(in: 0..<$0.rowCount).map(\.event) }
    }

    func seals() throws -> [JSONValue] { try store.snapshot().entries([.batch]).map(\.json) }

    static func line(_ n: Int, id: String? = nil, who: String = "alice@example.com", time: Bool = true) -> String {
        var members: [String: JSONValue] = ["what": "did", "n": .string(String(n)), "who": .string(who)]
        members["id"] = id.map { .string($0) }
        if time { members["time"] = "2026-07-01T10:00:00Z" }
        return JSONValue.object(members).canonicalText
    }
}
