import ArgumentParser
import AuditModel
import EventStore
import Glibc
import Vault

/// `proofline fsck`: is everything in the store as it was sealed?
struct FsckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Check every checksum, root, chain, sum and signature of a store.",
        discussion: """
            Example: proofline fsck --store /var/lib/proofline
            It changes nothing and may run beside the service. Exit code 1 says that something is not as it was sealed. With the vault at
            hand every row is led to the root in its seal; --without-vault checks files by their checksums only. --rebuild makes a lost or
            broken catalogue again from log, segments and catalogue.jsonl, and says what it could not; then lost and damaged index files,
            byte for byte as they were. The old catalogue goes to the store's folder aside. Segments and log come from a backup.
            """)

    @Option(help: "The store's folder.") var store: String
    @Flag(help: "Do not open the vault: rows are then not led to their roots.") var withoutVault = false
    @Flag(help: "First make a lost or broken catalogue again, and index files that are missing or damaged; needs the store's lock and the vault.")
    var rebuild = false
    @Flag(help: "With --rebuild: make the catalogue again although it seems whole.") var catalogue = false
    @Flag(help: "With --rebuild: go on without catalogue.jsonl. Sources are then read again from their beginning.") var losePositions = false
    @Option(help: "text or json.") var format: OutputFormat = .text

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    func validate() throws {
        if !rebuild, catalogue || losePositions { throw ValidationError("--catalogue and --lose-positions go with --rebuild") }
        if rebuild, withoutVault { throw ValidationError("--rebuild needs the vault: leave --without-vault out") }
    }

    func run() throws {
        let layout = StoreLayout(directory: store)
        let vault = withoutVault ? nil : try openVault(layout)
        if rebuild {
            try rebuildCatalogue()
            try rebuildIndexes(vault)
        }
        let showsProgress = isatty(STDERR_FILENO) == 1
        let report = try StoreCheck.run(
            directory: store,
            salts: { firstSeq in try vault?.batchSalt(firstSeq: firstSeq) },
            progress: { done, all in
                if showsProgress { ExitStatus.writeError("\r\u{1B}[Kfsck: segment \(done) of \(all)\(done == all ? "\n" : "")") }
            })
        var lines = report.findings.map { FindingLine(kind: $0.kind.rawValue, message: $0.message, path: $0.path) }
        if let vault { lines += try Self.vaultFindings(layout, vault) }
        if lines.isEmpty, let vault { lines += try Self.quarantineFindings(layout, vault) }
        switch format {
        case .text: printText(report, lines)
        case .json: print(Self.json(report, lines).prettyText())
        }
        if !lines.isEmpty { throw VerbError.findings }
    }

    private func rebuildCatalogue() throws {
        guard let reason = try CatalogueRebuild.reason(directory: store) ?? (catalogue ? "asked for" : nil) else { return }
        let report = try CatalogueRebuild.run(directory: store, mayLosePositions: losePositions)
        guard format == .text else { return }
        print("catalogue made again (\(reason)): \(report.entries) log entries, \(report.batches) batches, \(report.segments) segments,")
        print("  \(report.ledgerRows) ledger rows, \(report.cursors) cursors, \(report.duplicateKeys) duplicate keys")
        if let aside = report.aside { print("  what was there before: \(aside)") }
        for line in report.lost { print("lost: \(line)") }
    }

    private func rebuildIndexes(_ vault: Vault?) throws {
        let writer = try EventStore.open(directory: store, access: .writer)
        defer { writer.close() }
        let report = try writer.rebuildIndexes { firstSeq in try vault?.batchSalt(firstSeq: firstSeq) }
        guard format == .text else { return }
        for path in report.made { print("made again: \(path)") }
        for item in report.failed { print("not made again: \(item.path): \(item.reason)") }
    }

    private func openVault(_ layout: StoreLayout) throws -> Vault? {
        // A folder without a store is told first, in the store's own words.
        _ = try StoreManifest(reading: layout)
        return try Vault.open(directory: layout.vault, access: .reader)
    }

    /// What is wrong, as it is shown.
    private struct FindingLine {
        let kind: String
        let message: String
        let path: String?
    }

    /// Pages of the vault that are not what was written, values that do not open, and look-ups that do not fit the tokens.
    private static func vaultFindings(_ layout: StoreLayout, _ vault: Vault) throws -> [FindingLine] {
        let path = layout.vault + "/" + Vault.fileName
        do {
            return try vault.check().map { FindingLine(kind: "vault", message: "\($0): restore the vault from its backup", path: path) }
        } catch let error as VaultError {
            return [FindingLine(kind: "vault", message: error.message, path: path)]
        }
    }

    /// Records that the ledger counts as quarantined, that no correction resolved, and that the quarantine no longer holds: they exist nowhere else.
    ///
    /// The quarantine is durable before the commit, so it may hold more than the ledger counts, and never less.
    private static func quarantineFindings(_ layout: StoreLayout, _ vault: Vault) throws -> [FindingLine] {
        let store = try EventStore.open(directory: layout.directory, access: .reader)
        defer { store.close() }
        let expected = try store.snapshot().totals.mapValues { Int($0.counts.quarantined - $0.resolved.records) }.filter { $0.value > 0 }
        guard !expected.isEmpty else { return [] }
        let path = layout.vault + "/" + QuarantineStore.fileName
        let held: [String: Int]
        do { held = try QuarantineStore(vault: vault).counts() } catch is VaultError {
            return [FindingLine(kind: "quarantine", message: "it is missing or damaged: restore it from a backup", path: path)]
        }
        return expected.sorted { $0.key < $1.key }.filter { held[$0.key, default: 0] < $0.value }.map { source, count in
            let message = "\(count) records of \(source) are set aside and \(held[source, default: 0]) are held: restore it from a backup"
            return FindingLine(kind: "quarantine", message: message, path: path)
        }
    }

    private func printText(_ report: StoreCheck.Report, _ findings: [FindingLine]) {
        for finding in findings { print("\(finding.kind): \(finding.path.map { "\($0): " } ?? "")\(finding.message)") }
        for path in report.leftovers { print("note: \(path): left by a crash; the next ingest removes it") }
        if let end = report.linesEndAt {
            print("note: catalogue.jsonl stands at log entry \(end), the catalogue elsewhere: a commit at this moment, or a crash that the next start makes up for")
        }
        if report.rowsWithoutSalt > 0 {
            print("note: \(report.rowsWithoutSalt) of \(report.rows) rows were checked by checksum only, because their salts are not at hand")
        }
        let scope = "\(report.entries) log entries, \(report.batches) batches, \(report.segments) segments, \(report.rows) rows"
        print(findings.isEmpty ? "whole: \(scope)" : "\(findings.count) finding\(findings.count == 1 ? "" : "s") in \(scope)")
    }

    private static func json(_ report: StoreCheck.Report, _ lines: [FindingLine]) -> JSONValue {
        let findings = lines.map { finding -> JSONValue in
            var members: [String: JSONValue] = ["kind": .string(finding.kind), "message": .string(finding.message)]
            members["path"] = finding.path.map { .string($0) }
            return .object(members)
        }
        return [
            "findings": .array(findings), "entries": .integer(Int64(report.entries)), "batches": .integer(Int64(report.batches)),
            "segments": .integer(Int64(report.segments)), "rows": .integer(Int64(report.rows)),
            "rowsWithoutSalt": .integer(Int64(report.rowsWithoutSalt)), "leftovers": .array(report.leftovers.map { .string($0) }),
        ]
    }
}
