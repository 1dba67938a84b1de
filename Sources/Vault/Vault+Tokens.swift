import Foundation
import GRDB

/// Giving tokens: to many threads at once, and durable when the store asks for it.
extension Vault {
    /// Runs `body` and makes durable what it gave, or takes it back when it throws.
    ///
    /// The session must not leave the closure, and the vault is locked meanwhile. What other threads were given before is made durable too. A batch
    /// that meets only known identities writes and syncs nothing.
    public func batch<T>(_ body: (VaultSession) throws -> T) throws -> T {
        try requireWriter()
        lock.lock()
        defer { lock.unlock() }
        try write([])
        do {
            let result = try storage(directory) { try body(VaultSession(desk: openDesk())) }
            try write([])
            return result
        } catch {
            takeBack()
            throw error
        }
    }

    /// Throws unless this process may give tokens.
    package func requireWriting() throws { try requireWriter() }

    /// The token of one identity, made if need be. A transaction of its own: use ``batch(_:)`` for more than a few.
    public func token(for identity: Identity) throws -> String {
        try batch { try $0.token(for: identity) }
    }

    /// The tokens' bits of the values of one person, as ``VaultSession/tokens(ofPerson:namespace:)`` gives them, before they are durable.
    ///
    /// Thread-safe. Nothing that holds them may be committed before ``flush(epoch:salts:)`` succeeded.
    package func tokens(ofPerson scratch: IdentityScratch, namespace: String, into bits: inout [UInt64]) throws {
        lock.lock()
        defer { lock.unlock() }
        try storage(directory) { try openDesk().tokens(ofPerson: scratch, namespace: namespace, into: &bits) }
    }

    /// The token's bits of the one value in `scratch`, on a subject of its own where it is new, before they are durable. Thread-safe.
    package func token(of scratch: IdentityScratch) throws -> UInt64 {
        lock.lock()
        defer { lock.unlock() }
        return try storage(directory) { try openDesk().token(scratch, 0) }
    }

    /// Grows whenever tokens that were given may not be used any more: after a failed flush or batch, and after an erasure.
    ///
    /// Whoever remembers tokens forgets them then.
    public var epoch: UInt64 { lock.withLock { lostCount } }

    /// Makes every token that was given so far durable, and salts of batches with them, in one transaction with a full sync.
    ///
    /// The committer calls it before the store's commit. Their commitments are ready for ``takePendingBindings()`` from then on.
    ///
    /// - Parameter epoch: The epoch in which the tokens of what is about to be committed were given, nil for any.
    /// - Throws: ``VaultError`` `tokensLost` when the vault is in another epoch: what holds those tokens must not be committed. Else what failed; then all
    ///   tokens since the last flush are forgotten and the epoch grows.
    public func flush(epoch: UInt64? = nil, salts: [(key: BatchSaltKey, salt: [UInt8])] = []) throws {
        try requireWriter()
        lock.lock()
        defer { lock.unlock() }
        guard epoch ?? lostCount == lostCount else {
            throw VaultError(
                .tokensLost, "tokens were taken back or erased while their events were on the way; run it again", path: directory)
        }
        try write(salts)
    }

    /// The desk, made at first use. Under the lock.
    func openDesk() throws -> TokenDesk {
        if let desk { return desk }
        try requireWriter()
        // From here on new bindings are added in memory.
        try loadBindings()
        let made = try TokenDesk(lookupKey: lookupKey, file: openFile())
        desk = made
        return made
    }

    /// Writes what is pending. Under the lock.
    private func write(_ salts: [(key: BatchSaltKey, salt: [UInt8])]) throws {
        let isIdle = desk?.pending.isEmpty ?? true
        guard !isIdle || !salts.isEmpty else { return }
        do {
            let written = try storage(directory) {
                try database.write { db in
                    try put(salts, db)
                    return isIdle ? nil : try desk?.write(db)
                }
            }
            guard let written, let desk else { return }
            bindings.add(desk.pending.tokens, written)
            try desk.wrote(written)
        } catch {
            takeBack()
            throw error
        }
    }

    /// Forgets everything that is not durable. Under the lock.
    func takeBack() {
        lostCount += 1
        do {
            try desk?.rollBack()
        } catch {
            // The file cannot even be asked: the next use opens it anew, and fails if it must.
            desk = nil
            file = nil
        }
    }
}
