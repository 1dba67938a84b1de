import ArgumentParser
import AuditModel
import Cryptography
import EventStore
import Evidence
import Foundation
import Glibc
import TransparencyLog

/// `proofline pack build`.
struct PackBuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Run reports and build the body of a pack.",
        discussion: """
            Example: proofline pack build --store /var/lib/proofline --period 2026Q3 --framework soc2 --out packs --nonce 7f3a
            The same store, checkpoint, definitions and parameters give the same bytes anywhere. Outcomes do not change the exit code.
            """)

    @OptionGroup var options: ReportOptions
    @Option(help: "Reports by id, with commas; all by default.") var reports: String?
    @Option(help: "soc2, iso27001, nist80053, pci or hipaa.") var framework = "soc2"
    @Option(help: "auditor (rows that the reports rest on) internal (every row of the sources in scope) or customer (no rows, counts from 5 on).") var level: PackRequest.Level =
        .auditor
    @Option(help: "Counts from 1.") var revision = 1
    @Option(help: "The folder in which the pack's folder is made.") var out = "."
    @Option(help: "Who the pack is for.") var recipient: String?
    @Option(help: "Last day on which it should be relied on, such as 2027-09-30.") var expires: String?
    @Option(help: "Certificates of the authority (PEM), for keys/chain.pem.") var chain: String?
    @Option(help: "The pack before this one; its checkpoint becomes the start of the consistency proof.") var previous: String?
    @Flag(name: .customLong("no-pdf"), help: "Make no PDFs.") var noPDF = false

    func run() throws {
        let library = try ReportFolders.library(options.folders)
        let ids = reports?.split(separator: ",").map { String($0) } ?? library.definitions.map(\.id)
        let definitions = try ids.map { try library.definition($0) }
        let built = try options.withEvidence { evidence, snapshot, period in
            let builder = try PackBuilder(
                store: evidence, templates: try ReportFolders.templates(), generator: ReportOptions.generator,
                request: try request(snapshot, ids, library), period: period)
            return try builder.build(definitions, into: out)
        }
        let pack = try PackFolder(path: built.path)
        try pack.writeBuilder(binarySHA256: Self.binarySHA256(), host: Self.host(), generator: ReportOptions.generator)
        for result in built.summary.results {
            print(
                "\(result.definition.id) \(result.definition.title): \(result.outcome.title.lowercased()), \(result.populationCount) tested, \(result.exceptionCount) with exceptions"
            )
        }
        print("\(built.summary.eventCount) events with proof, \(built.summary.leftOutCount) left out")
        print("pack \(built.path)\nid \(built.summary.packID)\nSHA256SUMS \(built.summary.sumsSHA256)")
    }

    private func request(_ snapshot: StoreSnapshot, _ ids: [String], _ library: ReportLibrary) throws -> PackRequest {
        var request = PackRequest(framework: framework, level: level, revision: revision)
        request.controls = library.frameworks.first { $0.id == framework }
        request.parameters = try options.parsedParameters(for: ids)
        request.nonce = options.nonce
        request.inventories = try options.loadedInventories()
        request.recipient = recipient
        request.expires = expires
        request.wantsPDF = !noPDF
        if let chain { request.chainPEM = try KeyFiles.certificates(chain).map(\.pem).joined() }
        if let previous {
            let pack = try PackFolder(path: previous)
            request.previousPack = (pack.packID, pack.sumsSHA256)
            // An earlier revision of the same pack is replaced, another pack only followed.
            if pack.name == request.name(revision: Int(pack.revision), period: try options.parsedPeriod()) {
                request.supersedes = pack.packID
            }
            request.checkpointStart = try pack.checkpointEnd()
        } else {
            request.checkpointStart = try Self.firstKept(snapshot)
        }
        return request
    }

    /// The earliest tree head that the log kept, where it is not the one built at: it shows that the log only grew since.
    private static func firstKept(_ snapshot: StoreSnapshot) throws -> EvidenceCheckpoint? {
        for kept in try snapshot.checkpoints() {
            let checkpoint = try Checkpoint(note: kept.note)
            guard checkpoint.size > 0, checkpoint.size < snapshot.checkpoint.size else { continue }
            return EvidenceCheckpoint(
                origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root,
                note: String(decoding: kept.note.bytes, as: UTF8.self))
        }
        return nil
    }

    private static func binarySHA256() throws -> String {
        guard let handle = FileHandle(forReadingAtPath: "/proc/self/exe") else { throw VerbError.failed("/proc/self/exe cannot be read") }
        var hasher = SHA256()
        while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty { hasher.update(Array(part)) }
        return hasher.finalize().hex
    }

    private static func host() -> String {
        var name = [CChar](repeating: 0, count: 256)
        return gethostname(&name, name.count - 1) == 0
            ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "unknown"
    }
}

extension PackRequest.Level: ExpressibleByArgument {}
