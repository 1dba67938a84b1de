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
            hand every row is led to the root in its seal; --without-vault checks files by their checksums only.
            """)

    @Option(help: "The store's folder.") var store: String
    @Flag(help: "Do not open the vault: rows are then not led to their roots.") var withoutVault = false
    @Option(help: "text or json.") var format: OutputFormat = .text

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    func run() throws {
        let layout = StoreLayout(directory: store)
        let vault = withoutVault ? nil : try openVault(layout)
        let showsProgress = isatty(STDERR_FILENO) == 1
        let report = try StoreCheck.run(
            directory: store,
            salts: { firstSeq in try vault?.batchSalt(firstSeq: firstSeq) },
            progress: { done, all in
                if showsProgress { ExitStatus.writeError("\r\u{1B}[Kfsck: segment \(done) of \(all)\(done == all ? "\n" : "")") }
            })
        switch format {
        case .text: printText(report)
        case .json: print(Self.json(report).prettyText())
        }
        if !report.findings.isEmpty { throw VerbError.findings }
    }

    private func openVault(_ layout: StoreLayout) throws -> Vault? {
        // A folder without a store is told first, in the store's own words.
        _ = try StoreManifest(reading: layout)
        return try Vault.open(directory: layout.vault, access: .reader)
    }

    private func printText(_ report: StoreCheck.Report) {
        for finding in report.findings { print(finding) }
        for path in report.leftovers { print("note: \(path): left by a crash; the next ingest removes it") }
        if report.rowsWithoutSalt > 0 {
            print("note: \(report.rowsWithoutSalt) of \(report.rows) rows were checked by checksum only, because their salts are not at hand")
        }
        let scope = "\(report.entries) log entries, \(report.batches) batches, \(report.segments) segments, \(report.rows) rows"
        print(report.findings.isEmpty ? "whole: \(scope)" : "\(report.findings.count) findings in \(scope)")
    }

    private static func json(_ report: StoreCheck.Report) -> JSONValue {
        let findings = report.findings.map { finding -> JSONValue in
            var members: [String: JSONValue] = ["kind": .string(finding.kind.rawValue), "message": .string(finding.message)]
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
