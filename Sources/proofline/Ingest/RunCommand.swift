import ArgumentParser
import EventStore
import Foundation
import Ingestion
import Vault

/// `proofline run`: the service. It follows the configured sources until it is told to stop.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Follow sources as they are written.",
        discussion: """
            Example: proofline run --store /var/lib/proofline --config /etc/proofline/sources.yaml
            New records can be queried within a second. Files may be rotated by renaming or by copying and truncating. SIGTERM or SIGINT
            ends it cleanly: what was read is committed and the epoch closed. After any other end, kill -9 included, a restart neither
            loses nor repeats a record. Exit codes: 0 stopped, 2 wrong call, 3 failed.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(help: "The file that names the sources (docs/operations.md).") var config: String
    @Option(help: "A folder of your own parsers; may be given several times. Yours win over shipped ones.") var parsers: [String] = []
    @Option(help: "A minimization policy of your own.") var policy: String?
    @Option(help: .hidden) var compactionInterval = 20.0
    @OptionGroup var workload: WorkloadOptions

    func validate() throws {
        guard compactionInterval >= 0.1, compactionInterval.isFinite else { throw ValidationError("--compaction-interval is 0.1 seconds at least") }
    }

    func run() throws {
        let configuration = try SourcesConfiguration.load(path: config)
        let sources = configuration.sources
        let library = try ParserFolders.load(
            configuration.parserFolders + parsers, only: configuration.parsersInUse, requireFixtures: false)
        try Ingester.check(sources, library)
        let stop = try StopSignal()
        let access = try StoreAccess.openForWriting(store, policyPath: policy)
        defer { access.store.close() }
        let ingester = try Ingester(
            store: access.store, vault: access.vault, policy: access.policy, library: library, sources: sources,
            limits: workload.makeLimits())
        ingester.onFinding = { ProgramLog.write("warning", $0) }
        ProgramLog.write(
            "info", "following \(sources.count) source\(sources.count == 1 ? "" : "s"): \(sources.map(\.id).joined(separator: ", "))")
        let compaction = BackgroundCompaction(access.store, intervalSeconds: compactionInterval) { ProgramLog.write("info", $0) }
        defer { compaction.stop() }
        let summary = try ingester.follow { descriptors, milliseconds in
            stop.waitAndGather(descriptors, milliseconds: milliseconds)
        }
        let total = summary.total
        ProgramLog.write(
            "info",
            "stopped: \(total.counts.received) records, \(total.events) events, \(total.counts.quarantined) quarantined, \(summary.commits) commits"
        )
    }
}
