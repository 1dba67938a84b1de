import AuditModel
import Foundation
import GRDB
import Testing

@testable import Vault

struct FlushTests {
    private func give(_ vault: Vault, _ values: [(String, Identity.Role)], namespace: String = "okta") throws -> [UInt64] {
        let scratch = IdentityScratch()
        for (value, role) in values { scratch.add(Identity(.user, value, role: role)) }
        var bits: [UInt64] = []
        try vault.tokens(ofPerson: scratch, namespace: namespace, into: &bits)
        return bits
    }

    private func text(_ bits: UInt64) -> String { Token(kind: .user, bits: bits).description }

    @Test func `tokens are in the file after a flush, not before`() throws {
        let temporary = try TemporaryVault()
        let bits = try give(temporary.vault, [("00u1", .id), ("alice@example.com", .email)])
        #expect(try give(temporary.vault, [("alice@example.com", .email)]) == [bits[1]])
        #expect(try temporary.vault.takePendingBindings() == [])
        let other = try Vault.open(directory: temporary.directory, access: .reader, environment: [:])
        #expect(try other.lookup("00u1") == [])
        try temporary.vault.flush(salts: [(.rows(firstSeq: 3), [UInt8](repeating: 7, count: 32))])
        #expect(try other.lookup("00u1") == [text(bits[0])])
        #expect(try other.batchSalt(firstSeq: 3) == [UInt8](repeating: 7, count: 32))
        #expect(try temporary.vault.takePendingBindings().map(\.token) == bits.map(text).sorted())
        try temporary.reopen()
        #expect(try give(temporary.vault, [("00u1", .id), ("alice@example.com", .email)]) == bits)
    }

    @Test func `a flush that fails leaves nothing, and blocks from before it are refused`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let epoch = vault.epoch
        let lost = try give(vault, [("00u1", .id)])
        try vault.database.write { try $0.execute(sql: "ALTER TABLE pending RENAME TO elsewhere") }
        #expect { try vault.flush(epoch: epoch) } throws: { ($0 as? VaultError)?.code == .storage }
        try vault.database.write { try $0.execute(sql: "ALTER TABLE elsewhere RENAME TO pending") }
        #expect { try vault.flush(epoch: epoch) } throws: { ($0 as? VaultError)?.code == .tokensLost }
        #expect(try vault.lookup("00u1") == [])
        let again = try give(vault, [("00u1", .id)])
        #expect(again != lost)
        try vault.flush(epoch: vault.epoch)
        #expect(try vault.lookup("00u1") == again.map(text))
    }

    @Test func `subjects that meet before and after a flush become one, and their values stay readable`() throws {
        for isFlushed in [false, true] {
            let temporary = try TemporaryVault()
            let vault = temporary.vault
            let id = try give(vault, [("00u1", .id), ("Alice Ex", .name)])
            if isFlushed { try vault.flush() }
            let email = try give(vault, [("alice@example.com", .email)])
            let both = try give(vault, [("00u1", .id), ("alice@example.com", .email)])
            #expect(both == [id[0], email[0]])
            // The union has an id of this source now: another id's meeting stays an alias.
            _ = try give(vault, [("00u2", .id), ("alice@example.com", .email)])
            try vault.flush()
            #expect(try vault.tokens(ofPersonWith: "alice@example.com") == (id + email).map(text).sorted())
            #expect(try vault.status().aliases == 1)
            try temporary.reopen()
            let request = RevealRequest(reason: "test", requestedBy: "a", approvedBy: "b", expires: .latest)
            #expect(try temporary.vault.reveal(text(email[0]), request: request, now: .earliest).value == "alice@example.com")
        }
    }

    @Test func `an unknown value is asked for in a large vault and a known one is found`() throws {
        let temporary = try TemporaryVault()
        let first = try (0..<700).map { try give(temporary.vault, [("user\($0)@example.com", .email)])[0] }
        try temporary.vault.flush()
        try temporary.reopen()
        // More questions in vain than it takes to read the look-ups ahead.
        for number in 0..<600 { _ = try give(temporary.vault, [("other\(number)@example.com", .email)]) }
        #expect(try (0..<700).map { try give(temporary.vault, [("user\($0)@example.com", .email)])[0] } == first)
        try temporary.vault.flush()
        #expect(try temporary.vault.status().tokens == ["usr": 1_300])
    }

    @Test func `what was given and not flushed is erased with the person`() throws {
        let temporary = try TemporaryVault()
        let bits = try give(temporary.vault, [("00u1", .id), ("alice@example.com", .email)])
        let receipt = try temporary.vault.erase(personWith: "alice@example.com", now: Timestamp(microseconds: 1))
        #expect(receipt.tokens == bits.map(text).sorted())
        #expect(try temporary.vault.takePendingBindings() == [])
    }
}
