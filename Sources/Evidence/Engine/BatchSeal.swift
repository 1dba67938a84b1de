import AuditModel
import TransparencyLog

/// The log entry that commits a batch, as far as evidence reads it (docs/formats/seal.md).
struct BatchSeal: Sendable {
    let logIndex: UInt64
    let source: String
    let parser: String
    let mode: String
    let instance: String?
    let firstSeq: Int64
    let count: Int
    let rowsRoot: MerkleHash?
    let received: Int64
    let parsed: Int64
    let quarantined: Int64
    let duplicates: Int64
    let skipped: Int64
    /// Records that earlier seals count as quarantined, and that this one's definition read.
    let resolved: Int64
    /// When the batch was committed: since then nothing in it can change unnoticed.
    let committed: Timestamp?
    let minTime: Timestamp?
    let maxTime: Timestamp?

    /// Reads an entry; nil where it is not a batch seal.
    ///
    /// - Throws: ``EvidenceError`` with code `integrity` for a batch seal without the members needed.
    init?(_ entry: JSONValue, logIndex: UInt64) throws(EvidenceError) {
        guard entry["type"]?.string == "batch" else { return nil }
        guard let source = entry["source"]?.string, let count = entry["count"]?.integer, count >= 0,
            let firstSeq = entry["firstSeq"]?.integer ?? (count == 0 ? 0 : nil)
        else {
            throw EvidenceError(.integrity, "log entry \(logIndex) is a batch seal without source, firstSeq or count; run `proofline fsck`")
        }
        self.logIndex = logIndex
        self.source = source
        self.count = Int(count)
        self.firstSeq = firstSeq
        parser = entry["parser"]?["id"]?.string ?? ""
        mode = entry["mode"]?.string ?? ""
        instance = entry["instance"]?.string
        rowsRoot = entry["rowsRoot"]?.string.flatMap { MerkleHash(hex: $0) ?? MerkleHash(base64: $0) }
        func number(_ name: String) -> Int64 { entry[name]?.integer ?? 0 }
        received = number("received")
        parsed = number("parsed")
        quarantined = number("quarantined")
        duplicates = number("duplicates")
        skipped = number("skipped")
        resolved = entry["resolved"]?["records"]?.integer ?? 0
        func time(_ name: String) -> Timestamp? { entry[name]?.string.flatMap { Timestamp(rfc3339: $0) } }
        committed = time("committed")
        minTime = time("minTime")
        maxTime = time("maxTime")
        if count > 0, rowsRoot == nil {
            throw EvidenceError(.integrity, "log entry \(logIndex) seals \(count) events without a rowsRoot; run `proofline fsck`")
        }
    }
}
