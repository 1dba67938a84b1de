import AuditModel
import Cryptography
import Foundation
import GRDB

/// What a person must bring to see an identity.
public struct RevealRequest: Hashable, Sendable {
    public var reason: String
    public var requestedBy: String
    /// Another person.
    public var approvedBy: String
    /// When the permission ends.
    public var expires: Timestamp
    /// The pack that will hold the disclosure, if one will: its erasure certificate names it.
    public var pack: String?

    public init(reason: String, requestedBy: String, approvedBy: String, expires: Timestamp, pack: String? = nil) {
        self.reason = reason
        self.requestedBy = requestedBy
        self.approvedBy = approvedBy
        self.expires = expires
        self.pack = pack
    }
}

/// An identity in the open, with what proves that it is the one the token stood for.
public struct Disclosure: Hashable, Sendable {
    public let token: String
    public let value: String
    /// 32 bytes; SHA-256(salt ‖ value) is the commitment in the batch's side file.
    public let salt: [UInt8]
}

extension Vault {
    /// Turns a token back into its identity and records who asked, who agreed and why, durably, before anything is returned.
    ///
    /// The caller also writes the reveal as an event on the timeline.
    ///
    /// - Throws: ``VaultError`` `revealRefused`, `unknownToken`, `erased`, `damaged`.
    public func reveal(_ token: String, request: RevealRequest, now: Timestamp) throws -> Disclosure {
        try check(request, now: now)
        guard let token = Token(token) else {
            throw VaultError(.unknownToken, "this is no token; tokens look like usr_abcdefghijklm")
        }
        return try write { file, db in
            let bits = Int64(bitPattern: token.bits)
            guard let found = try file.find(token) else {
                let isErased = try Bool.fetchOne(db, sql: "SELECT 1 FROM erased WHERE bits = ?", arguments: [bits]) ?? false
                throw isErased
                    ? VaultError(.erased, "the identity behind \(token) was erased; nobody can reveal it any more")
                    : VaultError(.unknownToken, "this vault never gave \(token); is it from another store?")
            }
            let (salt, value) = try file.open(found)
            try db.execute(
                sql: """
                    INSERT INTO disclosure (bits, kind, reason, requested_by, approved_by, at, expires, pack)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    bits, token.kind.rawValue, request.reason, request.requestedBy, request.approvedBy, now.microseconds,
                    request.expires.microseconds, request.pack,
                ])
            return Disclosure(token: token.description, value: String(decoding: value, as: UTF8.self), salt: salt)
        }
    }

    private func check(_ request: RevealRequest, now: Timestamp) throws {
        if let fault = DualControl.fault("a reveal", reason: request.reason, requestedBy: request.requestedBy, approvedBy: request.approvedBy) {
            throw VaultError(.revealRefused, fault)
        }
        guard request.expires > now else { throw VaultError(.revealRefused, "the permission to reveal has expired; ask again") }
    }
}
