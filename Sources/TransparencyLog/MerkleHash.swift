public import Cryptography

/// A node of an RFC 6962 Merkle tree: a SHA-256 digest that was made with the tree's domain separation.
///
/// A type of its own so that a digest of something else is never taken for a leaf.
public struct MerkleHash: Hashable, Sendable, CustomStringConvertible {
    public static let sizeBytes = SHA256Digest.sizeBytes

    public let digest: SHA256Digest

    /// Takes a digest that is known to be a node: read from a proof, a tile or a seal.
    public init(_ digest: SHA256Digest) {
        self.digest = digest
    }

    /// The node with these 32 bytes, or nil for another number of bytes.
    public init?(_ bytes: some Sequence<UInt8>) {
        guard let digest = SHA256Digest(bytes) else { return nil }
        self.digest = digest
    }

    /// The node written as 44 characters of standard base64, or nil for anything else.
    public init?(base64: some StringProtocol) {
        guard base64.utf8.count == 44, let bytes = Base64.decode(base64) else { return nil }
        self.init(bytes)
    }

    /// The node written as 64 lower-case hex digits, or nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let digest = SHA256Digest(hex: hex) else { return nil }
        self.digest = digest
    }

    /// Hash of an entry: SHA-256(0x00 ‖ bytes), RFC 6962 §2.1.
    public static func leaf(_ bytes: UnsafeRawBufferPointer) -> MerkleHash {
        MerkleHash(SHA256.hash(prefix: 0, bytes))
    }

    /// Hash of an entry: SHA-256(0x00 ‖ bytes), RFC 6962 §2.1.
    public static func leaf(_ bytes: [UInt8]) -> MerkleHash {
        bytes.withUnsafeBytes { leaf($0) }
    }

    /// Hash of two subtrees: SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1.
    public static func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        MerkleHash(SHA256.hash(prefix: 1, left.digest, right.digest))
    }

    /// Root of the tree without leaves: the digest of nothing.
    public static let empty = MerkleHash(SHA256.hash([]))

    public var bytes: [UInt8] { digest.bytes }
    public var hex: String { digest.hex }
    public var base64: String { digest.base64 }
    public var description: String { digest.base64 }
}
