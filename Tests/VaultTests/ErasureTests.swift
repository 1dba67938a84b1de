import AuditModel
import Cryptography
import Foundation
import GRDB
import Testing

@testable import Vault

struct ErasureTests {
    private let now = Timestamp(microseconds: 1_000)

    private func code(_ body: () throws -> Void) -> VaultError.Code? {
        do { try body() } catch let error as VaultError { return error.code } catch {}
        return nil
    }

    private func request(
        _ reason: String = "ticket 1", by: String = "ana", and: String = "ben", expires: Int64 = 2_000, pack: String? = nil
    ) -> RevealRequest {
        RevealRequest(reason: reason, requestedBy: by, approvedBy: and, expires: Timestamp(microseconds: expires), pack: pack)
    }

    @Test func `an erased person is nobody, and returns as somebody new`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let person = [Identity(.user, "00u1", role: .id), Identity(.user, "planted.person@example.com", role: .email)]
        let tokens = try vault.batch { try $0.tokens(ofPerson: person, namespace: "okta") }
        let address = try vault.token(for: Identity(.address, "192.0.2.1"))
        let salt = try vault.reveal(tokens[1], request: request(pack: "EP-2026Q3-r1"), now: now).salt
        let lookups = person.map { Array(vault.lookup(of: $0).bytes.prefix(16)) }
        #expect(try lookups.allSatisfy { try temporary.bytes().holds($0) })

        let receipt = try vault.erase(personWith: "PLANTED.person@example.com", now: now)
        #expect(receipt.tokens == tokens.sorted())
        #expect(receipt.erasedNow == 2)
        #expect(receipt.packs == ["EP-2026Q3-r1"])
        #expect(receipt.isLogTruncated)
        #expect(try vault.lookup("00u1") == [])
        #expect(try vault.lookup("192.0.2.1") == [address])
        #expect(code { _ = try vault.reveal(tokens[0], request: request(), now: now) } == .erased)
        let bytes = try temporary.bytes()
        for gone in lookups + [salt] { #expect(!bytes.holds(gone)) }

        let again = try vault.batch { try $0.tokens(ofPerson: person, namespace: "okta") }
        #expect(Set(again).isDisjoint(with: tokens))
    }

    @Test func `erasing twice is erasing once`() throws {
        let temporary = try TemporaryVault()
        let token = try temporary.vault.token(for: Identity(.user, "alice@example.com"))
        let first = try temporary.vault.erase([token], now: now)
        let second = try temporary.vault.erase([token], now: now)
        #expect(first.tokens == second.tokens)
        #expect(second.erasedNow == 0)
        #expect(try temporary.vault.status().erasedTokens == 1)
    }

    @Test func `a restored backup forgets again what was erased after it`() throws {
        let temporary = try TemporaryVault()
        let token = try temporary.vault.token(for: Identity(.user, "alice@example.com"))
        _ = try temporary.vault.truncateLog()
        let path = temporary.directory + "/vault.sqlite"
        let backup = try #require(FileManager.default.contents(atPath: path))
        let receipt = try temporary.vault.erase(personWith: "alice@example.com", now: now)
        try temporary.vault.shut()
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try backup.write(to: URL(fileURLWithPath: path))
        try temporary.reopen()
        #expect(try temporary.vault.lookup("alice@example.com") == [token])
        _ = try temporary.vault.erase(receipt.tokens, now: now)
        #expect(try temporary.vault.lookup("alice@example.com") == [])
    }

    @Test func `a pending binding of an erased person is gone`() throws {
        let temporary = try TemporaryVault()
        let token = try temporary.vault.token(for: Identity(.user, "alice@example.com"))
        _ = try temporary.vault.erase([token], now: now)
        #expect(try temporary.vault.takePendingBindings() == [])
    }

    @Test func `a reveal needs a reason, two persons and time`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let token = try vault.token(for: Identity(.user, "alice@example.com"))
        for refused in [request(" "), request(by: ""), request(and: " "), request(by: "Ana", and: "ana "), request(expires: 1_000)] {
            #expect(code { _ = try vault.reveal(token, request: refused, now: now) } == .revealRefused)
        }
        #expect(try vault.status().disclosures == 0)
        #expect(try vault.reveal(token, request: request(), now: now).value == "alice@example.com")
        #expect(try vault.status().disclosures == 1)
        #expect(code { _ = try vault.reveal("alice", request: request(), now: now) } == .unknownToken)
        #expect(code { _ = try vault.reveal("usr_aaaaaaaaaaaaa", request: request(), now: now) } == .unknownToken)
    }

    @Test func `a page that was put in another's place is refused`() throws {
        let temporary = try TemporaryVault()
        let token = try temporary.vault.token(for: Identity(.user, "alice@example.com"))
        let reader = try Vault.open(directory: temporary.directory, access: .reader, environment: [:])
        try temporary.vault.database.write { db in
            try db.execute(sql: "UPDATE heap SET body = (SELECT body FROM subject_keys WHERE id = 0) WHERE id = 1")
        }
        #expect(code { _ = try reader.tokens(ofSubjectOf: token) } == .damaged)
        #expect(try reader.check() == ["page 1 of heap is missing or not what was written"])
    }
}
