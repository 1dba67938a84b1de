internal import Cryptography

/// A proof that stands alone: an entry's place, its audit path, and the checkpoint it leads to (c2sp.org/tlog-proof@v1).
///
/// Whoever holds the entry's bytes, the log's key and this, needs nothing else to know that the log holds the entry.
public struct TLogProof: Hashable, Sendable {
    /// First line of the file format.
    public static let header = "c2sp.org/tlog-proof@v1"
    /// The largest proof that is read, in bytes.
    public static let maximumSizeBytes = SignedNote.maximumSizeBytes + 100_000

    /// Place of the entry in the log, counted from zero.
    public let index: UInt64
    /// Sibling hashes, from the leaf's level up.
    public let siblings: [MerkleHash]
    /// The signed checkpoint.
    public let checkpoint: SignedNote
    /// Bytes that travel along and that nothing authenticates.
    public let extra: [UInt8]?

    public init(index: UInt64, siblings: [MerkleHash], checkpoint: SignedNote, extra: [UInt8]? = nil) {
        self.index = index
        self.siblings = siblings
        self.checkpoint = checkpoint
        self.extra = extra
    }

    /// The file's bytes.
    public var bytes: [UInt8] {
        var text = Self.header + "\n"
        if let extra { text += "extra \(Base64.encode(extra))\n" }
        text += "index \(index)\n"
        for sibling in siblings { text += sibling.base64 + "\n" }
        return Array(text.utf8) + [0x0a] + checkpoint.bytes
    }

    /// Reads a proof.
    ///
    /// - Throws: ``TransparencyLogError`` with code `malformedProof` naming the line, or `malformedNote` for its checkpoint.
    public init(parsing bytes: [UInt8]) throws(TransparencyLogError) {
        guard bytes.count <= Self.maximumSizeBytes else {
            throw TransparencyLogError(.malformedProof, "a proof has at most \(Self.maximumSizeBytes) bytes")
        }
        var lines = LineReader(bytes)
        guard lines.next() == Self.header else { throw lines.refuse("a proof begins with \(Self.header)") }
        var line = lines.next()
        var extra: [UInt8]?
        if let text = line, text.hasPrefix("extra ") {
            extra = Base64.decode(text.dropFirst(6))
            guard extra != nil else { throw lines.refuse("the extra data is no base64") }
            line = lines.next()
        }
        guard let text = line, text.hasPrefix("index "), let index = DecimalNumber.parse(text.dropFirst(6)) else {
            throw lines.refuse("the line \"index\" and a number without leading zeros is missing")
        }
        var siblings: [MerkleHash] = []
        while let text = lines.next(), !text.isEmpty {
            guard siblings.count < UInt64.bitWidth else { throw lines.refuse("a path has at most 64 hashes") }
            guard let sibling = MerkleHash(base64: text) else { throw lines.refuse("this is no hash of 32 bytes in base64") }
            siblings.append(sibling)
        }
        self.index = index
        self.siblings = siblings
        self.extra = extra
        checkpoint = try SignedNote(parsing: Array(lines.rest))
    }

    /// Checks the audit path against a checkpoint that is known to be genuine: the proof's own, after its policy accepted it.
    public func verify(leaf: MerkleHash, checkpoint: Checkpoint) throws(InclusionProof.Rejection) {
        try InclusionProof(leafIndex: index, treeSize: checkpoint.size, siblings: siblings)
            .verify(leaf, root: checkpoint.root)
    }

    /// Takes lines off the front of bytes.
    private struct LineReader {
        var rest: ArraySlice<UInt8>
        var number = 0

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        mutating func next() -> String? {
            number += 1
            guard let end = rest.firstIndex(of: 0x0a) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }

        func refuse(_ why: String) -> TransparencyLogError {
            TransparencyLogError(.malformedProof, why, line: number)
        }
    }
}
