import ArgumentParser
import AuditModel
import EventStore
import TransparencyLog
import Vault

/// `proofline retention`: deletes events that are older than their source's retention, and seals exactly which.
struct RetentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Show, and with --apply delete, events older than their source's retention.",
        discussion: """
            Example: proofline retention --store /var/lib/proofline --apply
            How long a source's events are kept is `retention: 400d` in the sources file, as of the last ingest or run. Events under a legal hold stay. What
            is deleted is named by exact ranges in the log, the proofs of all other events stay valid, and reports over the time before are incomplete.
            Exit code 1 without --apply says that there is something to delete.
            """)

    @Option(help: "The store's folder.") var store: String
    @Flag(help: "Delete; without it only shown.") var apply = false
    @Option(help: "Judge ages as of this time instead of now, such as 2026-10-01T00:00:00Z.") var asOf: String?

    func run() throws {
        let now = try asOf.map { text in
            guard let time = Timestamp(rfc3339: text), time <= .now else { throw VerbError.usage("--as-of is a time that is over, such as 2026-10-01T00:00:00Z") }
            return time
        }
        let eventStore = try EventStore.open(directory: store, access: apply ? .writer : .reader)
        defer { eventStore.close() }
        let rules = try eventStore.snapshot().sources.values.compactMap { settings in
            settings.keepSeconds.map { RetentionRule(source: settings.source, keepSeconds: $0) }
        }
        guard !rules.isEmpty else {
            print("no source has a retention: events are kept for ever (docs/operations.md)")
            return
        }
        if apply { try delete(eventStore, rules, now ?? .now) } else { try show(eventStore.planRetention(rules, now: now ?? .now)) }
    }

    private func show(_ plan: RetentionPlan) throws {
        Self.table(plan.sources, "to delete")
        if plan.rowCount > 0 {
            print("\nnothing was deleted; add --apply")
            throw VerbError.findings
        }
    }

    private func delete(_ eventStore: EventStore, _ rules: [RetentionRule], _ now: Timestamp) throws {
        let vault = try Vault.open(directory: eventStore.layout.vault)
        let report = try eventStore.applyRetention(rules, now: now) { try vault.batchSalt(firstSeq: $0) }
        // Without the salts nothing confirms a guess at what was deleted.
        try vault.destroyBatchSalts(
            report.emptied.flatMap { batch in
                [.rows(firstSeq: batch.firstSeq)] + (batch.rawRoot.map { [.raw(root: $0.digest)] } ?? [])
            })
        Self.table(report.sources, "deleted")
        let entries = report.entries.map(String.init).joined(separator: ", ")
        print("\n\(report.rows) events deleted\(report.entries.isEmpty ? "" : ", sealed in log entr\(report.entries.count == 1 ? "y" : "ies") \(entries)")")
    }

    private static func table(_ sources: [String: RetentionPlan.Source], _ what: String) {
        var table = TextTable(titles: ["source", "keeps", "before", what, "held", "batches"], flexible: [0])
        for (id, source) in sources.sorted(by: { $0.key < $1.key }) {
            table.add([
                id, "\(source.keepSeconds / 86_400) d", source.cutoff.description, String(source.rows), String(source.heldRows), String(source.batches),
            ])
        }
        for line in table.lines(width: Terminal.width) { print(line) }
    }
}
