public import ArgumentParser
import AuditModel
import Cryptography
import EvidenceVerifier
import Foundation
import TransparencyLog

/// What it takes to check a pack from the command line: `proofline verify`, and `proofline-verify`, which holds nothing else.
public struct VerifierCall: ParsableArguments {
    enum OutputFormat: String, ExpressibleByArgument { case text, json }

    @Argument(help: "The pack's folder.") var pack: String
    @Option(help: "A C2SP tlog-policy file: the logs and witnesses that you believe.") var policy: String
    @Option(help: "PEM file of the root certificates that you trust for signatures; may be given several times.") var root: [String]
    @Option(help: "PEM file of the roots that you trust for timestamps; by default those of --root.") var tsaRoot: [String] = []
    @Option(help: "A checkpoint that you kept from an earlier pack: the log must only have grown since.") var lastCheckpoint: String?
    @Option(help: "The signed list of packs that were taken back, from whoever issues packs.") var revocations: String?
    @Flag(help: "Accept a pack that is not signed, approved or timestamped yet.") var allowDraft = false
    @Option(help: "text or json.") var format: OutputFormat = .text

    public init() {}

    /// Why there is no answer.
    public enum Failure: Error, Equatable, Sendable {
        /// The call was wrong: the line says how (exit 2).
        case usage(String)
        /// The pack could not be looked at (exit 3).
        case failed(String)
    }

    /// Help on codes and on what must come from outside.
    public static let discussion = """
        Policy and root certificates must reach you by another way than the pack: whoever can forge a pack can forge the \
        copies inside it. No network connection is opened. The printed page can be filed.

        Exit codes: 0 verified, 10 a file was changed, 11 another set of files, 12 signature, 13 approval, 14 timestamp, \
        15 checkpoint or witness, 16 inclusion, 17 consistency, 18 coverage, 19 redaction, 20 revoked, 2 usage, 3 failed. The first \
        finding decides the code, all are printed.
        """

    /// Checks the pack and prints the page.
    ///
    /// - Returns: The exit code: 0, or that of the first finding.
    /// - Throws: ``Failure``.
    public func run() throws -> Int32 {
        let roots = try root.flatMap(readRoots)
        let trust = PackVerifier.Trust(
            policy: try readPolicy(), roots: roots,
            timestampRoots: tsaRoot.isEmpty ? nil : try tsaRoot.flatMap(readRoots),
            lastCheckpoint: try lastCheckpoint.map(readCheckpoint),
            revocations: try revocations.map { try readRevocations($0, roots) })
        let report: VerificationReport
        do {
            report = try PackVerifier(trust: trust, completeness: allowDraft ? .draft : .final).verify(pack)
        } catch {
            throw Failure.failed(error.message)
        }
        switch format {
        case .text: print(VerificationPage(report).text, terminator: "")
        case .json: print(report.json.prettyText())
        }
        return report.exitCode
    }

    private func readPolicy() throws -> LogPolicy {
        do {
            return try LogPolicy(parsing: try read(policy), path: policy)
        } catch let error as TransparencyLogError {
            throw Failure.usage("\(error)")
        }
    }

    private func readRoots(_ path: String) throws -> [X509Certificate] {
        let bytes = try read(path)
        do {
            return try X509Certificate.read(pem: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw Failure.usage("\(path): \(error)")
        }
    }

    private func readRevocations(_ path: String, _ roots: [X509Certificate]) throws -> RevocationList {
        let bytes = try read(path)
        do { return try RevocationList(verifying: bytes, roots: roots) } catch { throw Failure.usage("\(path): \(error.message)") }
    }

    private func readCheckpoint(_ path: String) throws -> SignedNote {
        let bytes = try read(path)
        do {
            let note = try SignedNote(parsing: bytes)
            _ = try Checkpoint(note: note)
            return note
        } catch {
            throw Failure.usage("\(path): \(error.message)")
        }
    }

    private func read(_ path: String) throws -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure.usage("\(path) cannot be read; it must come from outside the pack")
        }
    }
}
