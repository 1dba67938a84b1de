import AuditModel
import Cryptography
import Testing

@testable import Vault

struct BindingTests {
    @Test func `a commitment is SHA-256 of salt and value, and stays pending until a seal holds it`() throws {
        let temporary = try TemporaryVault()
        let token = try temporary.vault.token(for: Identity(.user, "Alice@Example.com"))
        let taken = try temporary.vault.takePendingBindings()
        #expect(taken.map(\.token) == [token])
        let request = RevealRequest(reason: "audit", requestedBy: "a", approvedBy: "b", expires: .latest)
        let disclosure = try temporary.vault.reveal(token, request: request, now: .earliest)
        #expect(SHA256.hash(disclosure.salt + Array("alice@example.com".utf8)) == taken[0].commitment)
        #expect(try temporary.vault.takePendingBindings() == [])
        // A crash before the store's commit, or before the mark.
        try temporary.reopen()
        #expect(try temporary.vault.takePendingBindings() == taken)
        try temporary.vault.markBound([token])
        try temporary.vault.markBound([token, "usr_aaaaaaaaaaaaa", "no token"])
        try temporary.reopen()
        #expect(try temporary.vault.takePendingBindings() == [])
    }

    @Test func `bindings of a failed commit come again`() throws {
        let temporary = try TemporaryVault()
        _ = try temporary.vault.token(for: Identity(.user, "alice@example.com"))
        let taken = try temporary.vault.takePendingBindings()
        temporary.vault.returnBindings(taken)
        #expect(try temporary.vault.takePendingBindings() == taken)
    }

    @Test func `a batch salt is kept, replaced before its commit, and destroyed`() throws {
        let temporary = try TemporaryVault()
        let key = BatchSaltKey.rows(firstSeq: 7)
        let first = try temporary.vault.newBatchSalt(for: key)
        #expect(first.count == 32)
        #expect(try temporary.vault.batchSalt(firstSeq: 7) == first)
        let second = try temporary.vault.newBatchSalt(for: key)
        #expect(second != first)
        let raw = BatchSaltKey.raw(root: SHA256.hash("raw"))
        try temporary.vault.putBatchSalts([(raw, [UInt8](repeating: 1, count: 32))])
        try temporary.reopen()
        #expect(try temporary.vault.batchSalt(for: key) == second)
        #expect(try temporary.vault.batchSalt(for: raw) == [UInt8](repeating: 1, count: 32))
        try temporary.vault.destroyBatchSalts([key])
        try temporary.vault.destroyBatchSalts([key])
        #expect(try temporary.vault.batchSalt(for: key) == nil)
        #expect(try temporary.vault.batchSalt(for: raw) != nil)
    }
}
