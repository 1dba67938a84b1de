import Cryptography
import Foundation
import GRDB

/// How values, salts and keys lie sealed in the rows.
extension Vault {
    func lookupValue(_ identity: Identity) -> Data { Data(lookup(of: identity).bytes) }

    func lookup(of identity: Identity) -> SHA256Digest {
        let scope = identity.namespace.map { [0] + Array($0.utf8) } ?? []
        return lookupKey.authenticate([UInt8(identity.kind.rawValue)] + Array(identity.value.utf8) + scope)
    }

    func openSubjectKey(_ subject: Int64, _ db: Database) throws -> [UInt8] {
        let statement = try db.cachedStatement(sql: "SELECT wrapped_key FROM subject WHERE id = ?")
        guard let wrapped = try Data.fetchOne(statement, arguments: [subject]),
            let key = try? AESGCM.open(Array(wrapped), key: wrapKey, aad: Self.bigEndian(UInt64(bitPattern: subject)))
        else {
            throw VaultError(.damaged, "a subject's key does not open; restore the vault from its backup", path: directory)
        }
        return key
    }

    static func openBox(_ box: Data, _ token: Token, key: [UInt8]) throws -> [UInt8] {
        guard let opened = try? AESGCM.open(Array(box), key: key, aad: aad(token)), opened.count >= 32 else {
            throw VaultError(.damaged, "the value behind \(token) does not open; restore the vault from its backup")
        }
        return opened
    }

    static func aad(_ token: Token) -> [UInt8] { [UInt8(token.kind.rawValue)] + bigEndian(token.bits) }

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
