import AuditModel
import Cryptography
import TransparencyLog

/// The side file with the commitments of a batch's new tokens (docs/formats/seal.md).
enum BindingsFile {
    /// One canonical JSON line per binding, sorted by the bytes of the token.
    static func lines(_ bindings: [TokenBinding]) -> [[UInt8]] {
        bindings.sorted { $0.token.utf8.lexicographicallyPrecedes($1.token.utf8) }.map { binding in
            let json: JSONValue = ["token": .string(binding.token), "commitment": .string(Hex.encode(binding.commitment))]
            return json.canonicalBytes
        }
    }

    /// RFC 6962 root over the lines; nil when there are none.
    static func root(_ lines: [[UInt8]]) -> MerkleHash? {
        lines.isEmpty ? nil : MerkleTree.root(of: lines.map { MerkleHash.leaf($0) })
    }

    /// The file: each line ended by a line feed.
    static func bytes(_ lines: [[UInt8]]) -> [UInt8] {
        lines.flatMap { $0 + [0x0A] }
    }
}
