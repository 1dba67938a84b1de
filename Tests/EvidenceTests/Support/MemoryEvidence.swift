import AuditModel
import Cryptography
import Timeline
import TransparencyLog

@testable import Evidence

/// A store in memory: batches with real seals, tree and signed checkpoint.
final class MemoryEvidence: EvidenceStore, @unchecked Sendable {
    // Written only while a test sets it up.
    private(set) var entries: [[UInt8]] = []
    private var batches: [UInt64: EvidenceBatch] = [:]
    private var nextSeq: Int64 = 0
    private var previous: [String: String] = [:]
    private let signer: NoteSigner
    var sources: [EvidenceSource] = []
    var gaps: [Gap] = []
    /// Tokens to persons.
    var persons: [String: String] = [:]
    /// Batches whose rows are answered with something else than was sealed.
    var tampered: [UInt64: [Event]] = [:]
    /// Batches whose salt is gone.
    var forgotten: Set<UInt64> = []

    init() {
        signer = try! NoteSigner(
            name: "log.example.com/test", algorithm: .ed25519, privateKey: Ed25519PrivateKey(seed: Array(repeating: 7, count: 32)))
    }

    func addSource(_ id: String, parser: String? = nil, expectedHours: Int64? = nil, isConfigured: Bool = true) {
        sources.append(
            EvidenceSource(
                id: id, parser: parser ?? id, expectedIntervalMicroseconds: expectedHours.map { $0 * 3_600_000_000 },
                isConfigured: isConfigured))
        sources.sort { $0.id < $1.id }
    }

    /// Seals a batch of one source.
    @discardableResult
    func seal(_ source: String, _ events: [Event], quarantined: Int64 = 0, unexplained: Int64 = 0) -> UInt64 {
        let parser = sources.first { $0.id == source }?.parser ?? source
        let stamped = events.map { event in
            var event = event
            event[.source] = source
            event[.parser] = parser
            return event
        }
        let batch = EvidenceBatch(events: stamped, batchSalt: Array(repeating: UInt8(entries.count), count: 32))
        let logIndex = UInt64(entries.count)
        var seal: [String: JSONValue] = [
            "v": 1, "type": "batch", "source": .string(source), "mode": "backfill", "epoch": 1, "committed": "2026-10-02T08:00:00.000000Z",
            "firstSeq": .integer(nextSeq),
            "count": .integer(Int64(events.count)), "rowsRoot": .string(batch.tree.root.hex),
            "received": .integer(Int64(events.count) + quarantined + unexplained), "parsed": .integer(Int64(events.count)),
            "quarantined": .integer(quarantined),
            "duplicates": 0, "skipped": 0, "events": .integer(Int64(events.count)),
            "parser": ["id": .string(parser), "version": "1", "sha256": "00"],
        ]
        seal["prevSeal"] = previous[source].map { .string($0) }
        if let first = stamped.compactMap(\.time).min() { seal["minTime"] = .string(first.description) }
        let bytes = JSONValue.object(seal).canonicalBytes
        entries.append(bytes)
        previous[source] = SHA256.hash(bytes).hex
        batches[logIndex] = batch
        nextSeq += Int64(events.count)
        return logIndex
    }

    func heartbeat() { entries.append(JSONValue.object(["v": 1, "type": "heartbeat", "epoch": 5_970_000]).canonicalBytes) }

    /// Appends a `release` entry.
    func append(_ fields: [String: JSONValue]) -> UInt64 {
        var fields = fields
        fields["type"] = "release"
        fields["v"] = 1
        entries.append(JSONValue.object(fields).canonicalBytes)
        return UInt64(entries.count - 1)
    }

    private var tree: MerkleTree { MerkleTree(leaves: entries.map { MerkleHash.leaf($0) }) }

    // MARK: EvidenceStore

    var logKey: NoteVerifier { signer.verifier }

    var checkpoint: EvidenceCheckpoint {
        let plain = Checkpoint(origin: "log.example.com/test", size: UInt64(entries.count), root: tree.root)
        guard let note = try? plain.signed(by: signer) else { preconditionFailure("a checkpoint can be signed") }
        return EvidenceCheckpoint(
            origin: plain.origin, size: plain.size, root: plain.root, note: String(decoding: note.bytes, as: UTF8.self))
    }

    func logEntries() throws -> [[UInt8]] { entries }

    func batch(logIndex: UInt64) throws -> EvidenceBatch {
        if forgotten.contains(logIndex) { throw EvidenceError(.noLongerWhole, "the salt is gone") }
        if let events = tampered[logIndex] { return EvidenceBatch(events: events, batchSalt: Array(repeating: UInt8(logIndex), count: 32)) }
        guard let batch = batches[logIndex] else { throw EvidenceError(.noLongerWhole, "the rows are gone") }
        return batch
    }

    func inclusionProof(logIndex: UInt64) throws -> InclusionProof { tree.inclusionProof(index: logIndex) }
    func consistencyProof(from oldSize: UInt64) throws -> ConsistencyProof { tree.consistencyProof(from: oldSize) }
    func person(of token: String) throws -> String? { persons[token] }
    func tokens(of name: String) throws -> [String] { persons.filter { $0.value == name }.map(\.key).sorted() }
}

extension Event {
    /// An event for tests.
    static func at(
        _ time: String, _ action: String? = nil, actor: String? = nil, target: String? = nil, outcome: String = "success",
        _ fill: (inout Event) -> Void = { _ in }
    ) -> Event {
        var event = Event()
        event.time = Timestamp(rfc3339: time)
        event[.action] = action
        event[.actorEmail] = actor
        event[.outcome] = outcome
        if let target { event.targets = [Target(type: "user", id: target)] }
        fill(&event)
        return event
    }
}
