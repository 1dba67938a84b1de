internal import Cryptography

/// What identifies a key of signed notes: its name, its algorithm, and four bytes of hash (c2sp.org/signed-note).
public struct NoteKey: Hashable, Sendable {
    /// How a key signs. The raw value is the signature type byte.
    public enum Algorithm: UInt8, Hashable, Sendable {
        /// Ed25519 over the note's text: how a log signs its checkpoints.
        case ed25519 = 0x01
        /// Ed25519 over a time and the note's text: how a witness cosigns (c2sp.org/tlog-cosignature).
        case cosignatureV1 = 0x04
    }

    /// The key's name, for a log its origin. Not empty, without spaces and plus signs.
    public let name: String
    public let algorithm: Algorithm
    /// First four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ public key). A hint for finding the key, not a proof of anything.
    public let id: UInt32

    init(name: String, algorithm: Algorithm, publicKey: [UInt8]) throws(TransparencyLogError) {
        guard Self.isValid(name: name) else {
            throw TransparencyLogError(
                .malformedKey, "\(name.debugDescription) is no key name: it must not be empty nor have spaces, control characters or a plus sign")
        }
        self.name = name
        self.algorithm = algorithm
        let digest = SHA256.hash(Array(name.utf8) + [0x0a, algorithm.rawValue] + publicKey)
        id = digest.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The id as the eight hex digits of key strings.
    var idHex: String {
        Hex.encode(withUnsafeBytes(of: id.bigEndian) { Array($0) })
    }

    static func isValid(name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.value >= 0x20 && scalar != "+" && !scalar.properties.isWhitespace
            }
    }
}
