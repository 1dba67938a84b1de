import Cryptography
import Foundation
import GRDB

/// A token's salted commitment, as a batch's side file lists it under `bindingsRoot`.
public struct Binding: Hashable, Sendable {
    public let token: String
    /// SHA-256(salt ‖ value): 32 bytes of salt, then the normalized value in UTF-8.
    public let commitment: SHA256Digest

    public init(token: String, commitment: SHA256Digest) {
        self.token = token
        self.commitment = commitment
    }
}

/// Commitments stay pending in the vault until a seal holds them.
extension Vault {
    /// Commitments that no seal holds and that this process has not taken yet, sorted by token.
    ///
    /// After a crash all unmarked ones come again: before taking, mark those that the store's last side files already hold. A commitment
    /// that two seals hold does no harm, one that none holds does.
    public func takePendingBindings() throws -> [Binding] {
        lock.lock()
        defer { lock.unlock() }
        let rows = try read { db in
            try Row.fetchAll(db, sql: "SELECT bits, kind, commitment FROM token WHERE bound = 0")
        }
        var bindings: [Binding] = []
        for row in rows {
            let token = try Self.token(row)
            guard taken.insert(token.bits).inserted else { continue }
            guard let commitment = SHA256Digest(Array(row[2] as Data)) else {
                throw VaultError(.damaged, "the commitment of \(token) is damaged; restore the vault from its backup", path: directory)
            }
            bindings.append(Binding(token: token.description, commitment: commitment))
        }
        return bindings.sorted { $0.token < $1.token }
    }

    /// Gives back bindings whose commit failed, so that the next ``takePendingBindings()`` returns them.
    public func returnBindings(_ bindings: [Binding]) {
        lock.withLock { for binding in bindings { if let token = Token(binding.token) { taken.remove(token.bits) } } }
    }

    /// Notes that a committed seal holds these. Idempotent; unknown and erased tokens are passed over.
    public func markBound(_ tokens: some Sequence<String>) throws {
        let bits = tokens.compactMap { Token($0)?.bits }
        guard !bits.isEmpty else { return }
        try write { db in
            let statement = try db.cachedStatement(sql: "UPDATE token SET bound = 1 WHERE bits = ? AND bound = 0")
            for value in bits { try statement.execute(arguments: [Int64(bitPattern: value)]) }
        }
        lock.withLock { for value in bits { taken.remove(value) } }
    }
}
