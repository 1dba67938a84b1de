import ArgumentParser
import AuditModel
import EventStore
import EvidenceVerifier
import Foundation
import PackDiff
import TransparencyLog

/// `proofline pack diff`: what changed from one pack to the next.
struct PackDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two packs: what is new, closed, repeated, worse.",
        discussion: """
            Example: proofline pack diff packs/EP-2026Q2-soc2-r1 packs/EP-2026Q3-soc2-r1 --as html --out changes.html
            Exit codes: 0 nothing changed for the worse; 1 new exceptions, a worse outcome, a report or source that is gone, a new report that did not \
            pass, a gap between the periods, or a log that is inconsistent; 2 usage; 3 failed; 10 and above, as of `verify`: a pack is not the one that was \
            built, and nothing is compared. Signatures and proofs within the packs are `verify`'s to check.
            """)

    enum Form: String, ExpressibleByArgument { case text, json, html }

    @Argument(help: "The older pack's folder.") var old: String
    @Argument(help: "The newer pack's folder.") var new: String
    @Option(name: .customLong("as"), help: "text, json or html.") var form: Form = .text
    @Option(help: "The file to write; standard output by default.") var out: String?
    @Option(help: "The store that both were built from: proves that the log only grew where the newer pack does not.") var store: String?

    func run() throws {
        let (before, after) = (try read(old), try read(new))
        for (path, pack) in [(old, before), (new, after)] where pack.level == "customer" {
            throw VerbError.usage("\(path) is a customer's pack: it lists no exceptions and hides small counts; compare packs of level auditor or internal")
        }
        guard before.start <= after.start else {
            throw VerbError.usage("\(old) is about a later period than \(new); name the older pack first")
        }
        let comparison = PackComparison(before, after, stored: try store.flatMap { try proof($0, before, after) })
        try write(try rendered(comparison))
        if !comparison.worse.isEmpty { throw VerbError.findings }
    }

    private func read(_ path: String) throws -> ReadPack {
        do {
            return try ReadPack(try CheckedPack(path: path))
        } catch let refusal as CheckedPack.Refusal {
            for finding in refusal.findings {
                ExitStatus.printError("\(path): \(finding.rule.rawValue)\(finding.path.map { " \($0)" } ?? ""): \(finding.message)")
            }
            throw ExitCode(refusal.exitCode)
        } catch let failure as PackVerifier.Failure {
            throw VerbError.failed(failure.message)
        }
    }

    /// The store's proof between the packs' ends; nil where the sizes already tell that there can be none.
    private func proof(_ store: String, _ old: ReadPack, _ new: ReadPack) throws -> ConsistencyProof? {
        let eventStore = try EventStore.open(directory: store, access: .reader)
        defer { eventStore.close() }
        let snapshot = try eventStore.snapshot()
        guard snapshot.checkpoint.origin == new.checkpointEnd.origin, new.checkpointEnd.size <= snapshot.checkpoint.size else {
            throw VerbError.usage("the newer pack comes from another log than this store's (\(snapshot.checkpoint.origin), \(snapshot.checkpoint.size) entries)")
        }
        guard old.checkpointEnd.size > 0, old.checkpointEnd.size < new.checkpointEnd.size else { return nil }
        return try snapshot.consistencyProof(from: old.checkpointEnd.size, to: new.checkpointEnd.size)
    }

    private func rendered(_ comparison: PackComparison) throws -> String {
        switch form {
        case .text: return ComparisonText(comparison).text
        case .json: return ComparisonDocument(comparison).json.prettyText() + "\n"
        case .html:
            let path = try ReportFolders.shipped() + "/templates/report.css"
            guard let css = FileManager.default.contents(atPath: path) else {
                throw VerbError.failed("\(path) cannot be read; reinstall proofline or set PROOFLINE_HOME")
            }
            return ComparisonPage(comparison, css: String(decoding: css, as: UTF8.self)).html
        }
    }

    private func write(_ text: String) throws {
        guard let out else { return print(text, terminator: "") }
        do { try Data(text.utf8).write(to: URL(filePath: out), options: .atomic) } catch {
            throw VerbError.failed("\(out) cannot be written; name a file in a folder that exists and that you may write to")
        }
    }
}
