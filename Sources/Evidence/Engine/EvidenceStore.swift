public import AuditModel
public import TransparencyLog

/// What reports and packs read of a store: one immutable view as of a checkpoint.
///
/// Populations are built by full scan through ``forEachBatch(_:)``, never through an index; the engine recomputes every
/// `rowsRoot` on the way and trusts nothing that the seals do not prove.
public protocol EvidenceStore: Sendable {
    /// The tree head that the view ends at.
    var checkpoint: EvidenceCheckpoint { get }

    /// The sources that the store was configured with or has batches of, by id.
    var sources: [EvidenceSource] { get }

    /// Stretches that are missing, silent or unexplained, over all of the store's time, ascending by source and start.
    var gaps: [EvidenceGap] { get }

    /// The log's entries below the checkpoint's size, in order: exact bytes.
    func logEntries() throws -> [[UInt8]]

    /// Calls `body` with each batch in log order: its log index and its rows in index order.
    func forEachBatch(_ body: (UInt64, [Event]) throws -> Void) throws

    /// The 32 bytes that the salts of a batch's lines are made of; nil when they were destroyed with its last event.
    func batchSalt(firstSeq: Int64) throws -> [UInt8]?

    /// Proof that a log entry is covered by the checkpoint.
    func inclusionProof(logIndex: UInt64) throws -> InclusionProof

    /// Proof that the log at the checkpoint begins with its first `oldSize` entries.
    func consistencyProof(from oldSize: UInt64) throws -> ConsistencyProof

    /// The person that a token stands for, as an opaque name that all tokens of that person share; nil for an unknown token.
    func person(of token: String) throws -> String?

    /// The tokens that a name (e-mail, login) stands for; empty where the vault does not know it. Creates none.
    func tokens(of name: String) throws -> [String]
}

/// A tree head with its signed note.
public struct EvidenceCheckpoint: Hashable, Sendable {
    public let origin: String
    public let size: UInt64
    public let root: MerkleHash
    /// The C2SP signed note, byte for byte.
    public let note: String

    public init(origin: String, size: UInt64, root: MerkleHash, note: String) {
        self.origin = origin
        self.size = size
        self.root = root
        self.note = note
    }

    /// As manifests name it: `{"origin","size","root"}`.
    var json: JSONValue { ["origin": .string(origin), "size": .integer(Int64(size)), "root": .string(root.base64)] }
}

/// A source as reports see it.
public struct EvidenceSource: Hashable, Sendable {
    public let id: String
    /// Id of the parser that reads it.
    public let parser: String
    /// Longest silence that is normal, in microseconds; nil when silence is not judged.
    public let expectedIntervalMicroseconds: Int64?
    /// Whether the configuration names it. A source with batches that no configuration names is absent from the inventory.
    public let isConfigured: Bool

    public init(id: String, parser: String, expectedIntervalMicroseconds: Int64?, isConfigured: Bool) {
        self.id = id
        self.parser = parser
        self.expectedIntervalMicroseconds = expectedIntervalMicroseconds
        self.isConfigured = isConfigured
    }
}

/// A stretch of a source that is missing, silent or unexplained.
public struct EvidenceGap: Hashable, Sendable {
    public let source: String
    public let from: Timestamp
    public let to: Timestamp
    /// `silence`, `cursor_hole`, `heartbeat_missing`, `not_running`, `sequence_hole`.
    public let cause: String
    /// The same for people, one sentence.
    public let explanation: String

    public init(source: String, from: Timestamp, to: Timestamp, cause: String, explanation: String) {
        self.source = source
        self.from = from
        self.to = to
        self.cause = cause
        self.explanation = explanation
    }

    /// Length in microseconds.
    public var microseconds: Int64 { to.microseconds - from.microseconds }

    func overlaps(_ start: Timestamp, _ end: Timestamp) -> Bool { from < end && to > start }
}
