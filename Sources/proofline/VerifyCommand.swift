import ArgumentParser
import AuditModel
import Cryptography
import EvidenceVerifier
import Foundation
import TransparencyLog

/// `proofline verify`: checks an evidence pack with nothing but the pack and what the auditor trusts.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an evidence pack offline.",
        discussion: """
            Example: proofline verify EP-2026Q3-soc2-r1 --policy policy.txt --root root.pem

            Policy and root certificates must reach you by another way than the pack: whoever can forge a pack can forge the \
            copies inside it. No network connection is opened. The printed page can be filed.

            Exit codes: 0 verified, 10 a file was changed, 11 another set of files, 12 signature, 13 approval, 14 timestamp, \
            15 checkpoint or witness, 16 inclusion, 17 consistency, 18 coverage, 19 redaction, 2 usage, 3 failed. The first \
            finding decides the code, all are printed.
            """)

    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    @Argument(help: "The pack's folder.") var pack: String
    @Option(help: "A C2SP tlog-policy file: the logs and witnesses that you believe.") var policy: String
    @Option(help: "PEM file of the root certificates that you trust for signatures; may be given several times.") var root: [String]
    @Option(help: "PEM file of the roots that you trust for timestamps; by default those of --root.") var tsaRoot: [String] = []
    @Option(help: "A checkpoint that you kept from an earlier pack: the log must only have grown since.") var lastCheckpoint: String?
    @Flag(help: "Accept a pack that is not signed, approved or timestamped yet.") var allowDraft = false
    @Option(help: "text or json.") var format: OutputFormat = .text

    func run() throws {
        let trust = PackVerifier.Trust(
            policy: try readPolicy(), roots: try root.flatMap(readRoots),
            timestampRoots: tsaRoot.isEmpty ? nil : try tsaRoot.flatMap(readRoots),
            lastCheckpoint: try lastCheckpoint.map(readCheckpoint))
        let report: VerificationReport
        do {
            report = try PackVerifier(trust: trust, completeness: allowDraft ? .draft : .final).verify(pack)
        } catch {
            throw VerbError.failed(error.message)
        }
        switch format {
        case .text: print(VerificationPage(report).text, terminator: "")
        case .json: print(report.json.prettyText())
        }
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    private func readPolicy() throws -> LogPolicy {
        do {
            return try LogPolicy(parsing: try read(policy), path: policy)
        } catch let error as TransparencyLogError {
            throw VerbError.usage("\(error)")
        }
    }

    private func readRoots(_ path: String) throws -> [X509Certificate] {
        let bytes = try read(path)
        do {
            return try X509Certificate.read(pem: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw VerbError.usage("\(path): \(error)")
        }
    }

    private func readCheckpoint(_ path: String) throws -> SignedNote {
        let bytes = try read(path)
        do {
            let note = try SignedNote(parsing: bytes)
            _ = try Checkpoint(note: note)
            return note
        } catch {
            throw VerbError.usage("\(path): \(error.message)")
        }
    }

    private func read(_ path: String) throws -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw VerbError.usage("\(path) cannot be read; it must come from outside the pack")
        }
    }
}
