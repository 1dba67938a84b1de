import AuditModel
import Cryptography
import TransparencyLog

/// A log for fixtures: entries as a store would write them, in canonical JSON.
struct FixtureLog {
    static let origin = "log.example/muster"

    private(set) var entries: [[UInt8]] = []
    /// Canonical event lines by log index of their seal.
    private(set) var lines: [Int: [[UInt8]]] = [:]
    private(set) var sources: [Int: String] = [:]
    private var last: [String: SHA256Digest] = [:]
    private var nextSeq: Int64 = 0
    private var epoch: Int64 = 1
    private var seals: [String: Int64] = [:]
    private var minute: Int64 = 0

    private static func time(_ minutes: Int64) -> String {
        Timestamp(microseconds: 1_790_000_000_000_000 + minutes * 60_000_000).description
    }

    mutating func append(_ members: [String: JSONValue]) {
        entries.append(JSONValue.object(members.merging(["v": 1]) { own, _ in own }).canonicalBytes)
    }

    mutating func config(_ source: String) {
        append(["type": "config", "at": .string(Self.time(minute)), "source": .string(source), "what": "source"])
    }

    mutating func release() { append(["type": "release", "at": .string(Self.time(minute))]) }

    /// A batch of `count` invented events.
    mutating func batch(_ source: String, count: Int, change: (inout [String: JSONValue]) -> Void = { _ in }) {
        let lines = (0..<count).map { index -> [UInt8] in
            JSONValue.object([
                "action": "auth.session.create", "actor": ["id": "usr_0123456789abc"], "outcome": "success", "schema": 1,
                "salt": .string(String(SHA256.hash("salt \(nextSeq) \(index)").hex.prefix(32))), "source": .string(source),
                "time": .string(Self.time(minute)),
            ]).canonicalBytes
        }
        var members: [String: JSONValue] = [
            "type": "batch", "source": .string(source), "mode": "backfill", "committed": .string(Self.time(minute)),
            "epoch": .integer(epoch), "firstSeq": .integer(nextSeq), "count": .integer(Int64(count)), "events": .integer(Int64(count)),
            "received": .integer(Int64(count + 3)), "parsed": .integer(Int64(count)), "duplicates": 1, "quarantined": 1, "skipped": 1,
            "schema": 1,
        ]
        if count > 0 { members["rowsRoot"] = .string(MerkleTree.root(of: lines.map { .leaf($0) }).hex) }
        members["prevSeal"] = last[source].map { .string($0.hex) }
        change(&members)
        append(members)
        last[source] = SHA256.hash(entries[entries.count - 1])
        self.lines[entries.count - 1] = lines
        sources[entries.count - 1] = source
        nextSeq += Int64(count)
        seals[source, default: 0] += 1
    }

    /// Ends the epoch.
    mutating func heartbeat(change: (inout [String: JSONValue]) -> Void = { _ in }) {
        var members: [String: JSONValue] = [
            "type": "heartbeat", "at": .string(Self.time(minute + 5)), "epoch": .integer(epoch), "from": .string(Self.time(minute)),
            "to": .string(Self.time(minute + 5)), "session": "ingest", "state": "closed", "seals": .integer(seals.values.reduce(0, +)),
            "sources": .array(
                seals.sorted { $0.key < $1.key }.map { ["source": .string($0.key), "seals": .integer($0.value)] }),
        ]
        change(&members)
        append(members)
        epoch += 1
        minute += 5
        seals = [:]
    }

    var tree: MerkleTree { MerkleTree(leaves: entries.map { .leaf($0) }) }
}
