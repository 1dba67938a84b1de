import AuditModel
import Cryptography
import Timeline
import TransparencyLog

/// A store in memory: batches with real seals, tree and signed checkpoint. Fixtures of reports and tests are judged over it.
///
/// It signs with a key that everybody can read here, so its checkpoints prove nothing to anybody.
final class MemoryEvidence: EvidenceStore, @unchecked Sendable {
    static let origin = "log.example.com/test"

    // Written only while it is set up.
    private(set) var entries: [[UInt8]] = []
    private var batches: [UInt64: EvidenceBatch] = [:]
    private var nextSeq: Int64 = 0
    private var previous: [String: String] = [:]
    private let signer: NoteSigner
    var sources: [EvidenceSource] = []
    var gaps: [Gap] = []
    /// Tokens to persons.
    var persons: [String: String] = [:]
    /// Names as queries spell them to tokens, where they are not those of ``persons``.
    var tokensByName: [String: [String]] = [:]
    /// Batches whose rows are answered with something else than was sealed.
    var tampered: [UInt64: [Event]] = [:]
    /// Batches whose salt is gone.
    var forgotten: Set<UInt64> = []
    /// Rows that retention deleted, by batch.
    private var deleted = DeletedRows()

    init() {
        guard
            let signer = try? NoteSigner(
                name: Self.origin, algorithm: .ed25519, privateKey: Ed25519PrivateKey(seed: Array(repeating: 7, count: 32)))
        else { preconditionFailure("a key can be made from 32 bytes") }
        self.signer = signer
    }

    func addSource(_ id: String, parser: String? = nil, expectedHours: Int64? = nil, isConfigured: Bool = true) {
        add(
            EvidenceSource(
                id: id, parser: parser ?? id, expectedIntervalMicroseconds: expectedHours.map { $0 * 3_600_000_000 },
                isConfigured: isConfigured))
    }

    func add(_ source: EvidenceSource) {
        sources.append(source)
        sources.sort { $0.id < $1.id }
    }

    /// Records of a batch that gave no event.
    struct Ledger: Hashable, Sendable {
        var quarantined: Int64 = 0
        var duplicates: Int64 = 0
        /// Neither parsed nor explained: a hole in the ledger.
        var unexplained: Int64 = 0
    }

    /// Seals a batch of one source.
    @discardableResult
    func seal(_ source: String, _ events: [Event], quarantined: Int64 = 0, unexplained: Int64 = 0) -> UInt64 {
        seal(source, events, Ledger(quarantined: quarantined, unexplained: unexplained), committed: "2026-10-02T08:00:00.000000Z")
    }

    /// Seals a batch of one source, saying when it was committed.
    @discardableResult
    func seal(_ source: String, _ events: [Event], _ ledger: Ledger, committed: String) -> UInt64 {
        let parser = sources.first { $0.id == source }?.parser ?? source
        let stamped = events.map { event in
            var event = event
            event[.source] = source
            event[.parser] = parser
            return event
        }
        let batch = EvidenceBatch(events: stamped, batchSalt: Array(repeating: UInt8(truncatingIfNeeded: entries.count), count: 32))
        let logIndex = UInt64(entries.count)
        let count = Int64(events.count)
        var seal: [String: JSONValue] = [
            "v": 1, "type": "batch", "source": .string(source), "mode": "backfill", "epoch": 1, "committed": .string(committed),
            "firstSeq": .integer(nextSeq), "count": .integer(count), "rowsRoot": .string(batch.tree.root.hex),
            "received": .integer(count + ledger.quarantined + ledger.duplicates + ledger.unexplained), "parsed": .integer(count),
            "quarantined": .integer(ledger.quarantined), "duplicates": .integer(ledger.duplicates), "skipped": 0, "events": .integer(count),
            "parser": ["id": .string(parser), "version": "1", "sha256": "00"],
        ]
        seal["prevSeal"] = previous[source].map { .string($0) }
        let times = stamped.compactMap(\.time)
        if let first = times.min(), let last = times.max() {
            seal["minTime"] = .string(first.description)
            seal["maxTime"] = .string(last.description)
        }
        let bytes = JSONValue.object(seal).canonicalBytes
        entries.append(bytes)
        previous[source] = SHA256.hash(bytes).hex
        batches[logIndex] = batch
        nextSeq += count
        return logIndex
    }

    func heartbeat() { append("heartbeat", ["epoch": 5_970_000]) }

    /// Appends a `release` entry.
    func append(_ fields: [String: JSONValue]) -> UInt64 { append("release", fields) }

    /// Appends an entry of any type but `batch`. Rows that a `retention` entry names are deleted.
    @discardableResult
    func append(_ type: String, _ fields: [String: JSONValue]) -> UInt64 {
        var fields = fields
        fields["type"] = .string(type)
        fields["v"] = 1
        let entry = JSONValue.object(fields)
        deleted.add(entry)
        entries.append(entry.canonicalBytes)
        return UInt64(entries.count - 1)
    }

    /// The `batches` of a `retention` entry that deletes a source's events before a moment.
    func rows(of source: String, before: Timestamp) -> JSONValue {
        .array(
            batches.keys.sorted().compactMap { logIndex in
                let old = (batches[logIndex]?.events ?? []).enumerated().filter {
                    $1[.source] == source && ($1.time ?? .latest) < before && !deleted.contains(logIndex, $0)
                }
                guard !old.isEmpty else { return nil }
                let removed = old.map { JSONValue.array([.integer(Int64($0.offset)), .integer(Int64($0.offset) + 1)]) }
                return ["batch": .integer(Int64(logIndex)), "removed": .array(removed)]
            })
    }

    private var tree: MerkleTree { MerkleTree(leaves: entries.map { MerkleHash.leaf($0) }) }

    // MARK: EvidenceStore

    var logKey: NoteVerifier { signer.verifier }

    var checkpoint: EvidenceCheckpoint {
        let plain = Checkpoint(origin: Self.origin, size: UInt64(entries.count), root: tree.root)
        guard let note = try? plain.signed(by: signer) else { preconditionFailure("a checkpoint can be signed") }
        return EvidenceCheckpoint(
            origin: plain.origin, size: plain.size, root: plain.root, note: String(decoding: note.bytes, as: UTF8.self))
    }

    func logEntries() throws -> [[UInt8]] { entries }

    func batch(logIndex: UInt64) throws -> EvidenceBatch {
        if forgotten.contains(logIndex) { throw EvidenceError(.noLongerWhole, "the salt is gone") }
        if let events = tampered[logIndex] { return EvidenceBatch(events: events, batchSalt: Array(repeating: UInt8(logIndex), count: 32)) }
        guard let batch = batches[logIndex] else { throw EvidenceError(.noLongerWhole, "the rows are gone") }
        guard deleted.count(logIndex) > 0 else { return batch }
        let kept = batch.indexes.filter { !deleted.contains(logIndex, $0) }
        return EvidenceBatch(events: kept.map { batch.events[$0] }, lines: kept.map { batch.lines[$0] }, tree: batch.tree, indexes: kept)
    }

    func inclusionProof(logIndex: UInt64) throws -> InclusionProof { tree.inclusionProof(index: logIndex) }
    func consistencyProof(from oldSize: UInt64) throws -> ConsistencyProof { tree.consistencyProof(from: oldSize) }
    func person(of token: String) throws -> String? { persons[token] }
    func tokens(of name: String) throws -> [String] { tokensByName[name] ?? persons.filter { $0.value == name }.map(\.key).sorted() }
}
