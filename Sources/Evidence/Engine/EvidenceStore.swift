public import AuditModel
import Cryptography
public import Timeline
public import TransparencyLog

/// What reports and packs read of a store: one immutable view as of a checkpoint.
///
/// Populations are built by full scan through ``batch(logIndex:)``, never through an index; the engine compares every
/// recomputed root with the seal's `rowsRoot` and trusts nothing that the seals do not prove.
public protocol EvidenceStore: Sendable {
    /// The tree head that the view ends at.
    var checkpoint: EvidenceCheckpoint { get }

    /// The log's public key.
    var logKey: NoteVerifier { get }

    /// The sources that the store was configured with or has batches of, by id.
    var sources: [EvidenceSource] { get }

    /// Stretches that are missing, silent or unexplained, over all of the store's time, ascending by source and start.
    var gaps: [Gap] { get }

    /// The log's entries below the checkpoint's size, in order: exact bytes.
    func logEntries() throws -> [[UInt8]]

    /// Reads the rows of a batch and makes the tree over their canonical lines.
    ///
    /// - Throws: ``EvidenceError`` with code `noLongerWhole` where rows or salt were destroyed; other errors where they cannot be read.
    func batch(logIndex: UInt64) throws -> EvidenceBatch

    /// Reads the rows of a batch as columns, for a full scan, and makes the tree over their canonical lines. Any number of threads may ask.
    ///
    /// - Throws: As ``batch(logIndex:)``.
    func block(logIndex: UInt64) throws -> EvidenceBlock

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

/// A batch as columns, with the tree over its lines.
public struct EvidenceBlock {
    /// In any order, without those that retention deleted.
    public let block: EventBlock
    /// For each row its index in the batch.
    public let indexes: [Int]
    /// RFC 6962 over the lines in index order, with hashes in the place of deleted ones.
    public let tree: MerkleTree

    public init(block: EventBlock, indexes: [Int], tree: MerkleTree) {
        self.block = block
        self.indexes = indexes
        self.tree = tree
    }
}

extension EvidenceStore {
    /// The same from whole events.
    public func block(logIndex: UInt64) throws -> EvidenceBlock {
        let batch = try batch(logIndex: logIndex)
        return EvidenceBlock(block: EventBlock(batch.events), indexes: batch.indexes, tree: batch.tree)
    }
}

/// A batch with its lines and their tree.
public struct EvidenceBatch: Sendable {
    /// In index order, without those that retention deleted.
    public let events: [Event]
    /// For each event its index in the batch.
    public let indexes: [Int]
    /// Canonical lines, salt inside, without line feed.
    public let lines: [[UInt8]]
    /// RFC 6962 over the lines, with hashes in the place of deleted ones.
    public let tree: MerkleTree

    /// - Parameter indexes: nil for a whole batch.
    public init(events: [Event], lines: [[UInt8]], tree: MerkleTree, indexes: [Int]? = nil) {
        self.events = events
        self.indexes = indexes ?? Array(events.indices)
        self.lines = lines
        self.tree = tree
    }

    /// Where the event with an index of the batch stands in ``events``; nil for a deleted one.
    func place(of index: Int) -> Int? {
        var low = 0
        var high = indexes.count
        while low < high {
            let middle = (low + high) / 2
            if indexes[middle] < index { low = middle + 1 } else { high = middle }
        }
        return low < indexes.count && indexes[low] == index ? low : nil
    }

    /// Renders the lines and makes the tree.
    public init(events: [Event], batchSalt: [UInt8]) {
        let lines = events.enumerated().map { $1.canonicalLine(salt: Self.salt(batchSalt, index: UInt64($0))) }
        self.init(events: events, lines: lines, tree: MerkleTree(leaves: lines.map { MerkleHash.leaf($0) }))
    }

    /// First 16 bytes, in hex, of SHA-256(batchSalt ‖ index as eight bytes, big-endian).
    static func salt(_ batchSalt: [UInt8], index: UInt64) -> String {
        var bytes = batchSalt
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: index >> UInt64(shift))) }
        return Hex.encode(Array(SHA256.hash(bytes).bytes.prefix(16)))
    }
}
