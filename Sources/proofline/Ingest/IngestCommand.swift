import ArgumentParser
import AuditModel
import EventStore
import Foundation
import Ingestion
import Vault

/// `proofline ingest`: files, once, to their end.
struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Read files into a store, once.",
        discussion: """
            Examples:
              proofline ingest --store /var/lib/proofline --config sources.yaml
              proofline ingest --store /var/lib/proofline --parser okta --source okta-eu exports/ system-log.jsonl.gz
            Files may be plain, gzip or zstd; folders are read with all that is in them. A second run adds nothing. Exit codes: 0 done, 1 done
            with findings (a damaged or unreadable file, a gap, a path without files), 2 wrong call, 3 failed.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(help: "A file that names sources (docs/operations.md).") var config: String?
    @Option(help: "The parser for the given paths.") var parser: String?
    @Option(help: "The source's name in the store; the parser's id when not given.") var source: String?
    @Option(help: "The deployment that the records come from.") var instance: String?
    @Option(help: "IANA zone of times that name none.") var timezone: String?
    @Option(help: "A folder of your own parsers; may be given several times. Yours win over shipped ones.") var parsers: [String] = []
    @Option(help: "A minimization policy of your own.") var policy: String?
    @Option(help: "Events of a source that make a commit.") var commitEvents: Int = IngestLimits().commitEvents
    @OptionGroup var workload: WorkloadOptions
    @Option(help: "text or json.") var format: OutputFormat = .text
    @Argument(help: "Files and folders; a folder with a sources.yaml needs no --config.") var paths: [String] = []

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    func validate() throws {
        guard (1...IngestLimits().blockRows).contains(commitEvents) else {
            throw ValidationError("--commit-events is a number from 1 to \(IngestLimits().blockRows)")
        }
    }

    func run() throws {
        let configuration = try IngestSources(
            config: config, parser: parser, source: source, instance: instance, timezone: timezone, paths: paths
        ).resolve()
        let sources = configuration.sources
        let library = try ParserFolders.load(
            configuration.parserFolders + parsers, only: configuration.parsersInUse, requireFixtures: false)
        try Ingester.check(sources, library)
        let access = try StoreAccess.openForWriting(store, policyPath: policy)
        defer { access.store.close() }
        let stop = try StopSignal()
        var limits = workload.makeLimits()
        limits.commitEvents = commitEvents
        limits.batchEvents = min(limits.batchEvents, commitEvents)
        if commitEvents < 4_096 { limits.stepBytes = 64 * 1024 }
        let ingester = try Ingester(
            store: access.store, vault: access.vault, policy: access.policy, library: library, sources: sources,
            limits: limits)
        let display = ProgressDisplay(verb: "ingest")
        ingester.onProgress = { display.show($0) }
        ingester.onFinding = { finding in display.interrupt { ExitStatus.printError(TextTable.printable(finding)) } }
        var wasStopped = false
        let summary = try ingester.ingest {
            wasStopped = wasStopped || stop.isRaised
            return wasStopped
        }
        display.end()
        let report = SummaryReport(summary: summary, seconds: display.seconds, order: sources.map(\.id))
        switch format {
        case .text: print(report.text, terminator: "")
        case .json: print(report.json.prettyText())
        }
        if wasStopped {
            throw VerbError(line: "stopped by a signal; what was read is stored, run it again for the rest", exitStatus: .failed)
        }
        if !summary.findings.isEmpty { throw VerbError.findings }
    }
}

/// Which sources the arguments of `ingest` name.
struct IngestSources {
    let config: String?
    let parser: String?
    let source: String?
    let instance: String?
    let timezone: String?
    let paths: [String]

    /// - Throws: ``VerbError`` and `IngestionError`: nothing was opened yet.
    func resolve() throws -> SourcesConfiguration {
        if let config {
            guard parser == nil, source == nil, instance == nil, timezone == nil, paths.isEmpty else {
                throw VerbError.usage("give either --config, or --parser and paths: what --config names is in the file")
            }
            return try SourcesConfiguration.load(path: config)
        }
        guard let parser else {
            if paths.count == 1, FileManager.default.fileExists(atPath: paths[0] + "/sources.yaml") {
                return try SourcesConfiguration.load(path: paths[0] + "/sources.yaml")
            }
            throw VerbError.usage("say what to read: --config FILE, or --parser ID and paths, or a folder with a sources.yaml")
        }
        guard !paths.isEmpty else { throw VerbError.usage("give the files or folders that --parser \(parser) is to read") }
        let id = source ?? parser
        guard SourceConfiguration.isName(id) else {
            throw VerbError.usage("`\(id)` cannot be a source's name: use lower-case letters, digits, `_` and `-`, at most 64")
        }
        if let timezone, TimeZone(identifier: timezone) == nil {
            throw VerbError.usage("`\(timezone)` is no time zone; use an IANA name such as Europe/Vienna")
        }
        var configuration = SourceConfiguration(id: id, parser: parser, paths: try paths.map(pattern))
        configuration.instance = instance
        configuration.timezone = timezone
        return SourcesConfiguration(sources: [configuration])
    }

    /// A pattern for a path as it was given: the file itself, or all that is in the folder.
    private func pattern(_ path: String) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw IngestionError(.missingPath, "there is no such file or folder; nothing was ingested", path: path)
        }
        guard access(path, isFolder.boolValue ? R_OK | X_OK : R_OK) == 0 else {
            throw IngestionError(
                .unreadablePath, "no permission to read it; give proofline's user read access. Nothing was ingested", path: path)
        }
        let literal = path.map { "*?[".contains($0) ? "[\($0)]" : "\($0)" }.joined()
        guard isFolder.boolValue else { return literal }
        return (literal.hasSuffix("/") ? String(literal.dropLast()) : literal) + "/**"
    }
}
