import AuditModel
import Cryptography
import TransparencyLog

/// The rows of a pack and the proofs that lead from each of them to the checkpoint.
struct PackProofs {
    /// An entry carried in seals.jsonl.
    struct Entry {
        let logIndex: UInt64
        let bytes: [UInt8]
        let seal: BatchSeal?
        /// Rows of it in the pack, index ascending.
        var rows: [Int] = []
    }

    /// Ascending by log index.
    let entries: [Entry]
    private(set) var events: [UInt8] = []
    private(set) var seals: [UInt8] = []
    private(set) var inner: [UInt8] = []
    /// Path in the pack to content.
    private(set) var sealProofs: [(path: String, bytes: [UInt8])] = []
    /// The rows in the pack with their canonical lines, in the order of events.jsonl.
    private(set) var rows: [(row: EventRow, line: [UInt8])] = []

    /// - Parameter selected: Row indexes by log index, ascending.
    init(_ store: any EvidenceStore, scan: PopulationScan, scope: Set<String>, selected: [UInt64: [Int]]) throws {
        let sealByIndex = Dictionary(scan.seals.map { ($0.logIndex, $0) }, uniquingKeysWith: { first, _ in first })
        var entries: [Entry] = []
        for (index, bytes) in scan.entries.enumerated() {
            let logIndex = UInt64(index)
            if let seal = sealByIndex[logIndex] {
                if scope.contains(seal.source) {
                    entries.append(Entry(logIndex: logIndex, bytes: bytes, seal: seal, rows: selected[logIndex] ?? []))
                }
            } else {
                // Every other entry is carried, so that a reader can account for each place of the log.
                entries.append(Entry(logIndex: logIndex, bytes: bytes, seal: nil))
            }
        }
        self.entries = entries
        let note = try SignedNote(parsing: Array(store.checkpoint.note.utf8))
        for (number, entry) in entries.enumerated() {
            seals += entry.bytes + [10]
            let proof = try store.inclusionProof(logIndex: entry.logIndex)
            let file = TLogProof(index: entry.logIndex, siblings: proof.siblings, checkpoint: note)
            sealProofs.append(("proofs/seals/\(entry.logIndex).tlog-proof", file.bytes))
            if !entry.rows.isEmpty, let seal = entry.seal { try addRows(of: entry, seal, number: number, store) }
        }
    }

    private mutating func addRows(of entry: Entry, _ seal: BatchSeal, number: Int, _ store: any EvidenceStore) throws {
        let batch = try store.batch(logIndex: entry.logIndex)
        for index in entry.rows {
            guard let place = batch.place(of: index) else {
                throw EvidenceError(.integrity, "the event \(index) of log entry \(entry.logIndex) was deleted by retention and cannot be in a pack")
            }
            let line = batch.lines[place]
            events += line + [10]
            rows.append(
                (EventRow(seq: seal.firstSeq + Int64(index), logIndex: entry.logIndex, index: index, event: batch.events[place]), line))
            let path = batch.tree.inclusionPath(index: UInt64(index)).map { JSONValue.string($0.base64) }
            let proof: JSONValue = [
                "seal": .integer(Int64(number)), "logIndex": .integer(Int64(entry.logIndex)), "index": .integer(Int64(index)),
                "path": .array(path),
            ]
            inner += proof.canonicalBytes + [10]
        }
    }

    /// `seals` of the manifest.
    var manifestSeals: JSONValue {
        .array(
            entries.compactMap { entry in
                entry.seal.map {
                    [
                        "logIndex": .integer(Int64($0.logIndex)), "source": .string($0.source), "count": .integer(Int64($0.count)),
                        "inPack": .integer(Int64(entry.rows.count)),
                    ]
                }
            })
    }

    /// Sealed events of the scope that the pack leaves out.
    var leftOutCount: Int { entries.reduce(0) { $0 + (($1.seal?.count ?? 0) - $1.rows.count) } }

    /// The consistency proof's file (docs/formats/pack.md).
    static func consistencyFile(_ proof: ConsistencyProof) -> String {
        (["proofline-consistency/1", "start \(proof.oldSize)", "end \(proof.newSize)"] + proof.hashes.map(\.base64)).joined(separator: "\n")
            + "\n"
    }

    /// SPKI PEM of an Ed25519 key (RFC 8410).
    static func pem(_ key: Ed25519PublicKey) -> String {
        let prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        return "-----BEGIN PUBLIC KEY-----\n\(Base64.encode(prefix + key.bytes))\n-----END PUBLIC KEY-----\n"
    }
}
