/// Which files a pack may have and must have (docs/formats/pack.md, "Layout").
enum PackLayout {
    static let manifest = "manifest.json"
    static let events = "data/events.jsonl"
    static let eventsParquet = "data/events.parquet"
    static let seals = "proofs/seals.jsonl"
    static let sealProofs = "proofs/seals/"
    static let inner = "proofs/inner.jsonl"
    static let checkpointEnd = "proofs/checkpoint-end.txt"
    static let checkpointStart = "proofs/checkpoint-start.txt"
    static let consistency = "proofs/consistency.txt"
    static let logKey = "keys/log.vkey"
    static let builder = "sig/builder.json"
    static let preparer = "sig/SHA256SUMS.preparer.p7s"
    static let approver = "sig/SHA256SUMS.approver.p7s"
    static let timestamp = "sig/SHA256SUMS.approver.p7s.tsr"
    static let envelope = "sig/pack.dsse.json"
    static let release = "sig/release.json"
    static let releaseProof = "sig/release.tlog-proof"

    /// All that may lie in `sig/`.
    static let signatureFiles: Set<String> = [builder, preparer, approver, timestamp, envelope, release, releaseProof]

    private static let topFiles: Set<String> = [
        manifest, "index.html", "index.pdf", "controls.html", "controls.csv", "controls.json", "workbook.xlsx", "oscal/assessment-plan.json",
        "oscal/assessment-results.json", "README.md", "VERIFY.md", "verify.sh", "verify-inclusion.sh", events, eventsParquet,
        checkpointStart, checkpointEnd, consistency, seals, inner, "proofs/policy.txt", "keys/log.pem", logKey, "keys/chain.pem",
    ]
    private static let reportFiles: Set<String> = [
        "report.html", "report.pdf", "ipe.json", "query.txt", "population.csv", "exceptions.csv", "sample.csv",
    ]

    /// Whether a file of the body has a place in the layout.
    static func allows(_ path: String) -> Bool {
        if topFiles.contains(path) { return true }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return false }
        switch (parts[0], parts[1]) {
        case ("reports", _): return reportFiles.contains(String(parts[2]))
        case ("definitions", _): return parts[2] == "report.yaml"
        case ("proofs", "seals"): return sealIndex(path) != nil
        default: return false
        }
    }

    /// The log index in the name of a file of `proofs/seals/`.
    static func sealIndex(_ path: String) -> UInt64? {
        guard path.hasPrefix(sealProofs), path.hasSuffix(".tlog-proof") else { return nil }
        let digits = path.dropFirst(sealProofs.count).dropLast(".tlog-proof".count)
        guard let index = UInt64(digits), String(index) == digits else { return nil }
        return index
    }

    static func ipe(_ report: String) -> String { "reports/\(report)/ipe.json" }
    static func population(_ report: String) -> String { "reports/\(report)/population.csv" }
    static func exceptions(_ report: String) -> String { "reports/\(report)/exceptions.csv" }
    static func sample(_ report: String) -> String { "reports/\(report)/sample.csv" }
    static func definition(_ report: String) -> String { "definitions/\(report)/report.yaml" }
}
