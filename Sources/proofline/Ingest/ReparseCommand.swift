import ArgumentParser
import AuditModel
import EventStore
import Ingestion
import Minimization
import Parsing
import Vault

/// `proofline reparse`: quarantined records are read again by the definitions of today.
struct ReparseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reparse",
        abstract: "Read quarantined records again with a mended parser.",
        discussion: """
            Example: proofline reparse --store /var/lib/proofline --source okta
            What can be read now becomes events under a new seal that names both definitions; the log says which records are resolved, and nothing that
            was sealed changes. Records that the definition of today cannot read either stay. A second run adds nothing. --dry-run only counts. Stop the service
            meanwhile. Recorded on the timeline.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(help: "Only this source; may be given several times.") var source: [String] = []
    @Option(help: "The sources' file: a source's parser, mapping and attributes of today.") var config: String?
    @Option(help: "A folder of your own parsers; may be given several times. Yours win over shipped ones.") var parsers: [String] = []
    @Option(help: "A minimization policy of your own.") var policy: String?
    @Flag(help: "Say what would be read, and change nothing.") var dryRun = false
    @Option(help: "text or json.") var format: OutputFormat = .text

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    func run() throws {
        let configuration = try config.map { try SourcesConfiguration.load(path: $0) }
        let library = try ParserFolders.load((configuration?.parserFolders ?? []) + parsers, requireFixtures: false)
        let sources = configuration?.sources ?? []
        let summary = try dryRun ? preview(library, sources) : reread(library, sources)
        switch format {
        case .text: printText(summary)
        case .json: print(json(summary).prettyText())
        }
    }

    private var only: [String]? { source.isEmpty ? nil : source }

    private func reread(_ library: ParserLibrary, _ configured: [SourceConfiguration]) throws -> ReparseSummary {
        let access = try StoreAccess.openForWriting(store, policyPath: policy)
        defer { access.store.close() }
        let reparser = try Reparser(
            store: access.store, vault: access.vault, policy: access.policy, library: library, configured: configured)
        let waiting = try reparser.waiting()
        let sources = only ?? waiting.keys.sorted()
        let known = try access.store.snapshot().sources
        for name in sources where known[name] == nil { throw Self.unknown(name, Array(known.keys)) }
        if sources.contains(where: { waiting[$0] != nil }) {
            let now = Timestamp.now
            var event = StoreAct.event("proofline.record.reparse", now: now)
            event[.actorName] = try access.vault.token(for: Identity(.user, OperatingSystemUser.name))
            event.targets = sources.map { Event.Target(type: "source", id: $0) }
            try StoreAct.record(event, "a reparse", in: access.store.layout, now: now)
        }
        return try reparser.run(sources: only)
    }

    private func preview(_ library: ParserLibrary, _ configured: [SourceConfiguration]) throws -> ReparseSummary {
        let eventStore = try EventStore.open(directory: store, access: .reader)
        defer { eventStore.close() }
        let vault = try Vault.open(directory: eventStore.layout.vault, access: .reader)
        let policy = try MinimizationPolicy.load(path: try policy ?? StoreAccess.shippedPolicy())
        let known = try eventStore.snapshot().sources
        for name in source where known[name] == nil { throw Self.unknown(name, Array(known.keys)) }
        return try Reparser(store: eventStore, vault: vault, policy: policy, library: library, configured: configured).preview(sources: only)
    }

    private static func unknown(_ name: String, _ known: [String]) -> VerbError {
        let hint = NearestName.of(name, in: known).map { "did you mean `\($0)`?" } ?? "there are \(known.sorted().joined(separator: ", "))"
        return .usage("the store has no source `\(name)`; \(hint)")
    }

    // MARK: Output

    private func printText(_ summary: ReparseSummary) {
        guard !summary.sources.isEmpty else { return print("nothing is in quarantine") }
        var table = TextTable(titles: ["source", "parser", "quarantined", "resolved", "events", "duplicate", "skipped", "left"])
        for (id, source) in summary.sources.sorted(by: { $0.key < $1.key }) {
            table.add([
                id, "\(source.parser.id) \(source.parser.version)", String(source.quarantined), String(source.resolved.records), String(source.events),
                String(source.resolved.duplicates), String(source.resolved.skipped), String(source.remaining),
            ])
        }
        for line in table.lines(width: nil) { print(line) }
        for (id, source) in summary.sources.sorted(by: { $0.key < $1.key }) {
            for (reason, count) in source.left.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(5) {
                print("left, \(id): \(count) \(TextTable.printable(reason))")
            }
            if source.unchanged > 0 { print("left, \(id): \(source.unchanged) failed under this very definition; mend it and raise its version") }
            if source.uncommitted > 0 { print("left, \(id): \(source.uncommitted) of a commit that never happened; the next ingest reads them") }
        }
        if dryRun { print("nothing was changed: run it again without --dry-run") }
    }

    private func json(_ summary: ReparseSummary) -> JSONValue {
        let sources = summary.sources.mapValues { source -> JSONValue in
            [
                "parser": .string(source.parser.id), "version": .string(source.parser.version), "sha256": .string(source.parser.sha256),
                "quarantined": .integer(Int64(source.quarantined)), "resolved": .integer(source.resolved.records),
                "parsed": .integer(source.resolved.parsed), "duplicate": .integer(source.resolved.duplicates),
                "skipped": .integer(source.resolved.skipped), "events": .integer(Int64(source.events)), "left": .integer(Int64(source.remaining)),
                "leftByReason": .object(source.left.mapValues { .integer(Int64($0)) }), "unchanged": .integer(Int64(source.unchanged)),
                "uncommitted": .integer(Int64(source.uncommitted)),
            ]
        }
        return ["sources": .object(sources), "dryRun": .bool(dryRun)]
    }
}
