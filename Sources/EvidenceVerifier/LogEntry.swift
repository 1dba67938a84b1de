import AuditModel
import Cryptography
import TransparencyLog

/// An entry of the log as the pack carries it: its exact bytes, its place, and what it says.
struct LogEntry {
    /// The largest entry of a log, in bytes.
    static let maximumSizeBytes = 16 << 10

    let logIndex: UInt64
    let bytes: ArraySlice<UInt8>
    let json: JSONValue
    let type: String
    /// The seal, when the entry is one.
    let seal: Seal?
    /// The heartbeat, when the entry is one.
    let heartbeat: Heartbeat?

    /// A batch's seal (docs/formats/seal.md).
    struct Seal {
        let source: String
        let epoch: Int64
        let committed: Timestamp
        let firstSeq: Int64
        let count: Int64
        let rowsRoot: MerkleHash?
        let previousSeal: SHA256Digest?
        let received: Int64
        let parsed: Int64
        let duplicates: Int64
        let quarantined: Int64
        /// Records that earlier seals count as quarantined and that this one resolves.
        let resolved: Int64
        let skipped: Int64
    }

    /// The end of an epoch, with what each source committed in it.
    struct Heartbeat {
        let epoch: Int64
        let from: Timestamp
        let to: Timestamp
        /// Seals of the whole epoch, by all sources.
        let seals: Int64
        /// Seals by source, as far as they are listed.
        let sealsBySource: [String: Int64]
        /// Sources that the entry had no room for.
        let omitted: Int64
    }

    /// - Throws: ``Fault``.
    init(logIndex: UInt64, bytes: ArraySlice<UInt8>) throws(Fault) {
        guard bytes.count <= Self.maximumSizeBytes else { throw Fault("an entry has at most \(Self.maximumSizeBytes) bytes") }
        guard let json = try? JSONValue(parsing: bytes, maximumDepth: 16), json.canonicalBytes.elementsEqual(bytes) else {
            throw Fault("the entry is no canonical JSON")
        }
        let reader = MemberReader(json)
        guard try reader.count("v") == 1 else { throw Fault("the entry is of a newer version: use a newer proofline") }
        self.logIndex = logIndex
        self.bytes = bytes
        self.json = json
        type = try reader.text("type")
        seal = type == "batch" ? try Self.seal(reader) : nil
        heartbeat = type == "heartbeat" ? try Self.heartbeat(reader) : nil
    }

    private static func seal(_ reader: MemberReader) throws(Fault) -> Seal {
        func hash(_ name: String) throws(Fault) -> SHA256Digest? {
            guard reader.json[name] != nil else { return nil }
            guard let digest = SHA256Digest(hex: try reader.text(name)) else { throw Fault("the member \(name) is no hash") }
            return digest
        }
        let count = try reader.count("count")
        let root = try hash("rowsRoot").map { MerkleHash($0) }
        guard (count > 0) == (root != nil) else { throw Fault("a seal has a rowsRoot exactly when it has rows") }
        guard count <= 65_536, try reader.count("events") == count else { throw Fault("a seal has at most 65,536 events, counted once") }
        let firstSeq = try reader.count("firstSeq")
        return Seal(
            source: try reader.text("source"), epoch: try reader.count("epoch"), committed: try reader.time("committed"),
            firstSeq: firstSeq, count: count, rowsRoot: root, previousSeal: try hash("prevSeal"),
            received: try reader.count("received"), parsed: try reader.count("parsed"), duplicates: try reader.count("duplicates"),
            quarantined: try reader.count("quarantined"), resolved: reader.json["resolved"]?["records"]?.integer ?? 0,
            skipped: try reader.count("skipped"))
    }

    private static func heartbeat(_ reader: MemberReader) throws(Fault) -> Heartbeat {
        let sources = try reader.list("sources") { (item: MemberReader) throws(Fault) in
            (try item.text("source"), try item.count("seals"))
        }
        var sealsBySource: [String: Int64] = [:]
        for (source, seals) in sources {
            guard sealsBySource.updateValue(seals, forKey: source) == nil else { throw Fault("a source is listed twice") }
        }
        return Heartbeat(
            epoch: try reader.count("epoch"), from: try reader.time("from"), to: try reader.time("to"),
            seals: try reader.count("seals"), sealsBySource: sealsBySource, omitted: try reader.optionalCount("omitted") ?? 0)
    }
}
