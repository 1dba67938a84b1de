import Cryptography
import TransparencyLog

/// Draws items so that neither side chooses: the population is frozen under a checkpoint first, the auditor's nonce comes after.
public struct SampleDraw: Hashable, Sendable {
    /// What the auditor gave.
    public let nonce: String
    /// `base64(checkpoint root):nonce`.
    public let seed: String

    /// - Throws: ``EvidenceError`` with code `usage` for an empty nonce or one with line breaks.
    public init(root: MerkleHash, nonce: String) throws(EvidenceError) {
        guard !nonce.isEmpty, nonce.utf8.count <= 256, nonce.utf8.allSatisfy({ (32...126).contains($0) }) else {
            throw EvidenceError(.usage, "the nonce must be 1 to 256 printable ASCII characters")
        }
        self.nonce = nonce
        seed = "\(root.base64):\(nonce)"
    }

    /// The positions of the `size` items with the smallest SHA-256(seed ‖ "\n" ‖ itemId), in order of that hash.
    public func positions(of itemIDs: [String], size: Int) -> [Int] {
        let ranked = itemIDs.enumerated().map { (hash: SHA256.hash("\(seed)\n\($1)"), position: $0) }
        return ranked.sorted { ($0.hash, $0.position) < ($1.hash, $1.position) }.prefix(max(0, size)).map(\.position)
    }
}
