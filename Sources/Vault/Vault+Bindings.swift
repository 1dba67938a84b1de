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
    /// Commitments of durable tokens that no seal holds and that this process has not taken yet, sorted by token.
    ///
    /// After a crash all unmarked ones come again: before taking, mark those that the store's last side files already hold. A commitment
    /// that two seals hold does no harm, one that none holds does.
    public func takePendingBindings() throws -> [Binding] {
        lock.lock()
        defer { lock.unlock() }
        try loadBindings()
        return bindings.take()
    }

    /// Gives back bindings whose commit failed, so that the next ``takePendingBindings()`` returns them.
    public func returnBindings(_ taken: [Binding]) {
        lock.withLock { bindings.giveBack(Set(taken.compactMap { Token($0.token)?.bits })) }
    }

    /// Notes that a committed seal holds these. Idempotent; unknown and erased tokens are passed over.
    public func markBound(_ tokens: some Sequence<String>) throws {
        let tokens = Array(tokens)
        guard !tokens.isEmpty else { return }
        lock.lock()
        defer { lock.unlock() }
        try loadBindings()
        try write { db in
            guard try !bindings.remove(allTaken: tokens, db) else { return }
            try bindings.remove(Set(tokens.compactMap { Token($0)?.bits }), db)
        }
    }

    func loadBindings() throws { try read { file, db in try bindings.load(file, db) } }
}
