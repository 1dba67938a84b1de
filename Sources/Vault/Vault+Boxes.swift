import Cryptography
import GRDB

/// Look-ups of values, and numbers as bytes.
extension Vault {
    func lookup(of identity: Identity) -> SHA256Digest {
        let scope = identity.namespace.map { [0] + Array($0.utf8) } ?? []
        return lookupKey.authenticate([UInt8(identity.kind.rawValue)] + Array(identity.value.utf8) + scope)
    }

    static func bigEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
    }

    /// The token of a row whose first columns are bits and kind.
    static func token(_ row: Row) throws -> Token {
        guard let kind = IdentityKind(rawValue: row[1]) else {
            throw VaultError(.damaged, "a token of an unknown kind; restore the vault from its backup")
        }
        return Token(kind: kind, bits: UInt64(bitPattern: row[0] as Int64))
    }
}
