public import AuditModel
public import TransparencyLog

/// Records of one source that are to be committed together: what ingestion hands to the store.
///
/// The counts must add up: `received = parsed + duplicates + quarantined + skipped`. A batch may have no events.
public struct BatchDraft: Sendable {
    /// Id of the source.
    public var source: String
    /// The deployment the records come from, as configured; absent when there is none.
    public var instance: String?
    /// How the records arrived.
    public var mode: Mode
    /// Holds the events after minimization; nil when there are none. The batch has the rows ``rows`` of it.
    public var block: EventBlock?
    /// Rows of ``block``, in the order that they get their positions.
    public var rows: Range<Int> = 0..<0
    /// The encoded row group that holds the rows, and perhaps those of neighbouring drafts; nil leaves it to the commit to encode them.
    public var rowGroup: EncodedRowGroup?
    /// The tree over the events' leaves; nil leaves it to the commit to write the canonical lines and hash them.
    public var tree: BatchTree?
    /// 32 random bytes that the vault already holds durably under the batch's first position (``EventStore/nextSeq``).
    ///
    /// Empty when there are no events.
    public var batchSalt: [UInt8] = []
    /// Records taken in, and what became of them.
    public var counts = RecordCounts()
    /// How often each field was dropped that the parser definition knows but does not map.
    public var dropped: [String: Int] = [:]
    /// How often minimization changed something, by name (`scrubbed.email`, `secrets`), for the seal.
    public var minimized: [String: Int] = [:]
    /// Where the batch begins in the source: opaque JSON without any text that the source chose.
    public var cursorFrom: JSONValue?
    /// Where the batch ends in the source.
    public var cursorTo: JSONValue?
    /// Cursor rows to insert or replace in the same commit.
    public var cursors: [CursorRow] = []
    /// The stretches of content that the batch accounts for.
    public var ranges: [ContentRange] = []
    /// Keys by which a second copy of the records will be known.
    public var duplicateKeys: [DuplicateKey] = []
    /// Salted Merkle root over the raw records.
    public var rawRoot: MerkleHash?
    /// Tokens that appear for the first time, with their commitments.
    public var bindings: [TokenBinding] = []
    /// For a batch of mode ``Mode/reparse``: which quarantined records its events are. Such a batch receives nothing and moves no cursor.
    public var correction: Correction?
    /// The parser definition that read the records.
    public var parser: DefinitionReference
    /// The minimization policy that was applied.
    public var policy: DefinitionReference

    /// A draft without records.
    public init(
        source: String, instance: String? = nil, mode: Mode = .backfill, parser: DefinitionReference,
        policy: DefinitionReference
    ) {
        self.source = source
        self.instance = instance
        self.mode = mode
        self.parser = parser
        self.policy = policy
    }

    /// The events as values: for tests and small commits.
    ///
    /// Setting builds a block and forgets what was prepared; getting builds every event, so it has no place in a loop.
    public var events: [Event] {
        get { block.map { block in rows.map { block.event($0) } } ?? [] }
        set {
            block = newValue.isEmpty ? nil : EventBlock(newValue)
            rows = 0..<newValue.count
            tree = nil
            rowGroup = nil
        }
    }

    /// Number of events.
    public var eventCount: Int { rows.count }

    /// How records arrive.
    public enum Mode: String, Hashable, Sendable {
        /// Followed as they are written.
        case tail
        /// Read from what was already there.
        case backfill
        /// Quarantined before, and read again by a newer definition.
        case reparse
    }
}

/// What became of records: `received = parsed + duplicates + quarantined + skipped`.
public struct RecordCounts: Hashable, Sendable {
    /// Records read from the source.
    public var received: Int64
    /// Records that gave events.
    public var parsed: Int64
    /// Records that were in the store already.
    public var duplicates: Int64
    /// Records that could not be parsed.
    public var quarantined: Int64
    /// Records that a rule of the parser passes over.
    public var skipped: Int64

    /// Makes counts.
    public init(received: Int64 = 0, parsed: Int64 = 0, duplicates: Int64 = 0, quarantined: Int64 = 0, skipped: Int64 = 0) {
        self.received = received
        self.parsed = parsed
        self.duplicates = duplicates
        self.quarantined = quarantined
        self.skipped = skipped
    }

    /// Whether every record is accounted for once.
    public var isBalanced: Bool {
        [received, parsed, duplicates, quarantined, skipped].allSatisfy { (0...CanonicalJSON.largestInteger).contains($0) }
            && received == parsed + duplicates + quarantined + skipped
    }

    /// Adds member by member.
    public static func += (a: inout RecordCounts, b: RecordCounts) {
        a.received += b.received
        a.parsed += b.parsed
        a.duplicates += b.duplicates
        a.quarantined += b.quarantined
        a.skipped += b.skipped
    }
}

/// A definition file by name, version and hash, as seals name it.
public struct DefinitionReference: Hashable, Sendable {
    /// Its id.
    public var id: String
    /// Its version.
    public var version: String
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    public var sha256: String

    /// Makes a reference.
    public init(id: String, version: String, sha256: String) {
        self.id = id
        self.version = version
        self.sha256 = sha256
    }
}

/// A token's commitment: SHA-256(salt ‖ value), which only the vault can open.
public struct TokenBinding: Hashable, Sendable {
    /// The token.
    public var token: String
    /// The commitment, 32 bytes.
    public var commitment: [UInt8]

    /// Makes a binding.
    public init(token: String, commitment: [UInt8]) {
        self.token = token
        self.commitment = commitment
    }
}

/// What a commit made of one draft.
public struct CommittedBatch: Hashable, Sendable {
    /// Id of the source.
    public let source: String
    /// The seal's place in the log.
    public let logIndex: UInt64
    /// Position of the first event; meaningless when `count` is 0.
    public let firstSeq: Int64
    /// Number of events.
    public let count: Int
    /// The seal's bytes.
    public let entry: [UInt8]
}
