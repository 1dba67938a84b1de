import ArgumentParser
import EventStore
import Evidence
import Foundation
import Timeline
import TransparencyLog
import Vault

/// What `report run` and `pack build` have in common: which reports, over what, with which parameters.
struct ReportOptions: ParsableArguments {
    @Option(help: "The store's folder.") var store: String
    @Option(help: "2026Q3, 2026, 2026-07 or 2026-07-01..2026-10-01 (end not included), UTC.") var period: String?
    @Option(help: "Beginning of the period, instead of --period.") var since: String?
    @Option(help: "End of the period, not included, instead of --period.") var until: String?
    @Option(name: .customLong("reports-folder"), help: "A folder with definitions of your own, beside the shipped ones. May be repeated.")
    var folders: [String] = []
    @Option(name: .customLong("param"), help: "A parameter, such as EP-03.limit=48h. May be repeated.") var parameters: [String] = []
    @Option(help: "A number or word that the auditor names after the population is frozen; draws the sample.") var nonce: String?
    @Option(help: "Work as of this earlier checkpoint: a file such as a pack's proofs/checkpoint-end.txt.") var checkpoint: String?

    @Option(help: "The folder with inventories.yaml: facts that no log knows (docs/reports.md).") var inventories: String?

    static let version = "0.1.0"
    static var generator: GeneratorStamp { GeneratorStamp(version: version) }

    /// Parameters by report, then name; only of reports that run.
    func parsedParameters(for reports: [String]) throws -> [String: [String: String]] {
        var result: [String: [String: String]] = [:]
        for text in parameters {
            let sides = text.split(separator: "=", maxSplits: 1)
            let names = sides.first?.split(separator: ".", maxSplits: 1) ?? []
            guard sides.count == 2, names.count == 2 else {
                throw VerbError.usage("--param \(text): write REPORT.NAME=VALUE, such as EP-03.limit=48h")
            }
            guard reports.contains(String(names[0])) else {
                throw VerbError.usage("--param \(text): the report \(names[0]) is not run here; there are: \(reports.joined(separator: ", "))")
            }
            result[String(names[0]), default: [:]][String(names[1])] = String(sides[1])
        }
        return result
    }

    /// The inventories of the folder, none where none is named.
    func loadedInventories() throws -> Inventories { try inventories.map { try Inventories.load(folder: $0) } ?? .none }

    func parsedPeriod() throws -> Period {
        switch (period, since, until) {
        case (let period?, nil, nil): return try Period(period)
        case (nil, let since?, let until?): return try Period("\(since)..\(until)")
        default: throw VerbError.usage("name the period: either --period 2026Q3, or --since and --until")
        }
    }

    /// Opens the store for reading and calls `body` with the view that reports work on.
    func withEvidence<Result>(_ body: (SnapshotEvidence, StoreSnapshot, Period) throws -> Result) throws -> Result {
        let period = try parsedPeriod()
        let eventStore = try EventStore.open(directory: store, access: .reader)
        defer { eventStore.close() }
        let vault = try Vault.open(directory: eventStore.layout.vault, access: .reader)
        var snapshot = try eventStore.snapshot()
        if let checkpoint {
            guard let data = FileManager.default.contents(atPath: checkpoint) else {
                throw VerbError.usage("the checkpoint \(checkpoint) cannot be read")
            }
            do { snapshot = try snapshot.asOf(try SignedNote(parsing: Array(data))) } catch {
                throw VerbError.usage("\(checkpoint) is not a checkpoint that this store's log signed: \(error)")
            }
        }
        let coverage = try Coverage(of: snapshot, period: period.start..<period.end)
        return try body(SnapshotEvidence(snapshot, vault: vault, gaps: coverage.gaps), snapshot, period)
    }
}
