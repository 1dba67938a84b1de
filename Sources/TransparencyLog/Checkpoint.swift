internal import Cryptography

/// What a log says of itself at one moment: its name, how many entries it has, and the hash over all of them
/// (c2sp.org/tlog-checkpoint).
///
/// Without extension lines and without a time: how old a checkpoint may be is the witnesses' business.
public struct Checkpoint: Hashable, Sendable {
    /// The log's name, the same as its key's.
    public let origin: String
    /// Number of entries.
    public let size: UInt64
    /// Root hash over the entries.
    public let root: MerkleHash

    public init(origin: String, size: UInt64, root: MerkleHash) {
        precondition(NoteKey.isValid(name: origin), "the origin must be a key name")
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The three lines that are signed.
    public var text: [UInt8] {
        Array("\(origin)\n\(size)\n\(root.base64)\n".utf8)
    }

    /// Reads the text of a note.
    ///
    /// - Throws: ``TransparencyLogError`` with code `malformedCheckpoint`.
    public init(text: [UInt8]) throws(TransparencyLogError) {
        func refuse(_ why: String) -> TransparencyLogError { TransparencyLogError(.malformedCheckpoint, why) }
        let lines = text.split(separator: 0x0a, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == 4, lines[3].isEmpty else {
            throw refuse("a checkpoint has three lines: origin, size and root hash")
        }
        guard NoteKey.isValid(name: lines[0]) else { throw refuse("a checkpoint's origin has no spaces and is not empty") }
        guard let size = DecimalNumber.parse(lines[1]) else {
            throw refuse("a checkpoint's size is a number below 2^64 without leading zeros")
        }
        guard let root = MerkleHash(base64: lines[2]) else { throw refuse("a checkpoint's root hash is 32 bytes in base64") }
        origin = lines[0]
        self.size = size
        self.root = root
    }

    /// Reads a signed checkpoint, without checking who signed it: that is the policy's part.
    public init(note: SignedNote) throws(TransparencyLogError) {
        try self.init(text: note.text)
    }

    /// The checkpoint as a signed note.
    ///
    /// - Precondition: The signer's name is ``origin``.
    public func signed(by signer: NoteSigner) throws -> SignedNote {
        precondition(signer.verifier.key.name == origin, "a log signs with a key of its own name")
        return try SignedNote(text: text, signers: [signer])
    }
}

/// Decimal numbers as C2SP writes them: ASCII digits, no sign, no leading zero.
enum DecimalNumber {
    static func parse(_ text: some StringProtocol) -> UInt64? {
        guard let first = text.utf8.first, first != UInt8(ascii: "0") || text.utf8.count == 1,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return UInt64(text)
    }
}
