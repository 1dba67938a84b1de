import AuditModel
import Cryptography
import Foundation
import GRDB
import Testing

@testable import Vault

struct VaultTests {
    private func email(_ value: String) -> Identity { Identity(.user, value, role: .email) }
    private func id(_ value: String) -> Identity { Identity(.user, value, role: .id) }
    private func name(_ value: String) -> Identity { Identity(.user, value, role: .name) }

    @Test func `an identity keeps its token, over spellings and restarts`() throws {
        let temporary = try TemporaryVault()
        let token = try temporary.vault.token(for: email("Alice@Example.com"))
        #expect(try temporary.vault.token(for: email(" alice@example.com ")) == token)
        try temporary.reopen()
        #expect(try temporary.vault.token(for: email("alice@example.com")) == token)
        #expect(try temporary.vault.token(for: email("bob@example.com")) != token)
        #expect(try temporary.vault.token(for: Identity(.mailbox, "alice@example.com")) != token)
    }

    @Test func `looking up makes nothing`() throws {
        let temporary = try TemporaryVault()
        #expect(try temporary.vault.lookup("alice@example.com") == [])
        #expect(try temporary.vault.status().subjects == 0)
        let token = try temporary.vault.token(for: email("alice@example.com"))
        #expect(try temporary.vault.lookup("ALICE@example.com") == [token])
    }

    @Test func `id, e-mail and name of one actor hang on one subject`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let tokens = try vault.batch {
            try $0.tokens(ofPerson: [name("Alice Ex"), id("00u1"), email("alice@example.com")], namespace: "okta")
        }
        #expect(Set(tokens).count == 3)
        #expect(try vault.tokens(ofPersonWith: "alice@example.com") == tokens.sorted())
        #expect(try vault.tokens(ofPersonWith: "Alice Ex") == tokens.sorted())
        let later = try vault.batch { try $0.tokens(ofPerson: [id("gh-1"), email("alice@example.com")], namespace: "github") }
        #expect(later[1] == tokens[2])
        #expect(try vault.tokens(ofPersonWith: "00u1") == (tokens + [later[0]]).sorted())
    }

    @Test func `two subjects become one when strong values meet, and the values stay readable`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let (first, second) = try vault.batch { session in
            (
                try session.tokens(ofPerson: [id("00u1"), name("Alice Ex")], namespace: "okta"),
                try session.token(for: email("alice@example.com"))
            )
        }
        #expect(try vault.subject(of: first[0]) != vault.subject(of: second))
        _ = try vault.batch { try $0.tokens(ofPerson: [id("00u1"), email("alice@example.com")], namespace: "okta") }
        #expect(try vault.tokens(ofPersonWith: "alice@example.com") == (first + [second]).sorted())
        #expect(try vault.status().subjects == 1)
        #expect(try reveal(vault, second).value == "alice@example.com")
        // The memory of this process follows the merge.
        let third = try vault.batch { try $0.tokens(ofPerson: [email("alice@example.com"), name("Allie")], namespace: "okta") }
        #expect(try vault.subject(of: third[1]) == vault.subject(of: first[0]))
    }

    @Test func `an address that two ids of one source share merges nobody`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let tokens = try vault.batch { session in
            [
                try session.tokens(ofPerson: [id("u1"), email("team@example.com")], namespace: "app"),
                try session.tokens(ofPerson: [id("u2"), email("team@example.com")], namespace: "app"),
                try session.tokens(ofPerson: [id("u2"), email("bob@example.com")], namespace: "app"),
            ]
        }
        #expect(try vault.subject(of: tokens[0][0]) != vault.subject(of: tokens[1][0]))
        #expect(try vault.subject(of: tokens[1][0]) == vault.subject(of: tokens[2][1]))
        #expect(try vault.tokens(ofPersonWith: "u2") == [tokens[1][0], tokens[2][1]].sorted())
        #expect(try vault.status().aliases == 1)
        #expect(try vault.aliases(of: tokens[1][0]) == tokens[0].sorted())
    }

    @Test func `a display name alone merges nobody`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        try vault.batch { session in
            _ = try session.tokens(ofPerson: [id("u1"), name("Kim Lee")], namespace: "app")
            _ = try session.tokens(ofPerson: [id("u2"), name("Kim Lee")], namespace: "app")
        }
        #expect(try vault.tokens(ofPersonWith: "u2").count == 1)
        #expect(try vault.status().aliases == 1)
    }

    @Test func `a login that another source states of a person joins the two`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let tokens = try vault.batch { session in
            [
                try session.tokens(
                    ofPerson: [Identity(.user, "8812", role: .id, namespace: "github"), name("carol-dev")], namespace: "github"),
                try session.tokens(ofPerson: [id("E1042"), email("carol@example.com")], namespace: "hr"),
                try session.tokens(ofPerson: [id("E1042"), name("carol-dev")], namespace: "hr"),
            ]
        }
        #expect(try vault.tokens(ofPersonWith: "carol@example.com") == Set(tokens.joined()).sorted())
    }

    @Test func `an employee number means the same in two sources`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let tokens = try vault.batch { session in
            [
                try session.tokens(ofPerson: [id("E1042"), email("carol@example.com")], namespace: "product"),
                try session.tokens(ofPerson: [Identity(.user, "1009", role: .id, namespace: "linux"), name("cdoe")], namespace: "linux"),
                try session.tokens(ofPerson: [id("E1042"), name("cdoe")], namespace: "hr"),
            ]
        }
        #expect(try vault.tokens(ofPersonWith: "carol@example.com") == Set(tokens.joined()).sorted())
    }

    @Test func `a number names somebody else in every source`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        func person(_ source: String, _ address: String) throws -> [String] {
            try vault.batch {
                try $0.tokens(ofPerson: [Identity(.user, "17", role: .id, namespace: source), email(address)], namespace: source)
            }
        }
        let (alice, bob) = (try person("app", "alice@example.com"), try person("shop", "bob@example.com"))
        #expect(alice[0] != bob[0])
        #expect(try vault.lookup("17") == [alice[0], bob[0]].sorted())
        #expect(try vault.tokens(ofPersonWith: "alice@example.com") == alice.sorted())
        #expect(try person("app", "alice@example.com") == alice)
    }

    @Test func `a bare word that another source used as an id merges nobody`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        try vault.batch { session in
            _ = try session.tokens(ofPerson: [id("alex"), email("alex.a@example.com")], namespace: "github")
            _ = try session.tokens(ofPerson: [id("alex"), email("alex.b@example.com")], namespace: "linux")
            _ = try session.tokens(ofPerson: [id("alex"), email("alex.b@example.com")], namespace: "linux")
        }
        #expect(try vault.subject(of: vault.lookup("alex.a@example.com")[0]) != vault.subject(of: vault.lookup("alex.b@example.com")[0]))
    }

    @Test func `root is linked to nobody`() throws {
        let temporary = try TemporaryVault()
        let vault = temporary.vault
        let tokens = try vault.batch { try $0.tokens(ofPerson: [Identity(.user, "root"), id("u1")], namespace: "linux") }
        #expect(try vault.tokens(ofPersonWith: "u1") == [tokens[1]])
        #expect(try vault.tokens(ofPersonWith: "root") == [tokens[0]])
    }

    @Test func `a batch that fails gives nothing, not even in memory`() throws {
        struct Stop: Error {}
        let temporary = try TemporaryVault()
        var lost = ""
        #expect(throws: Stop.self) {
            try temporary.vault.batch { session in
                lost = try session.token(for: email("alice@example.com"))
                throw Stop()
            }
        }
        #expect(try temporary.vault.lookup("alice@example.com") == [])
        #expect(try temporary.vault.token(for: email("alice@example.com")) != lost)
    }

    @Test func `the file holds no value, no salt and no key in the open`() throws {
        let temporary = try TemporaryVault()
        let token = try temporary.vault.token(for: email("planted.person@example.com"))
        let salt = try reveal(temporary.vault, token).salt
        let bytes = try temporary.bytes()
        #expect(bytes.holds(Array("SQLite format 3".utf8)))
        for secret in [Array("planted.person".utf8), salt, temporary.vault.master.bytes] { #expect(!bytes.holds(secret)) }
    }

    @Test func `files and folder are for their owner alone`() throws {
        let temporary = try TemporaryVault()
        _ = try temporary.vault.token(for: email("alice@example.com"))
        _ = try QuarantineStore(vault: temporary.vault)
        let manager = FileManager.default
        func mode(_ path: String) throws -> Int? { try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
        #expect(try mode(temporary.directory) == 0o700)
        for file in try manager.contentsOfDirectory(atPath: temporary.directory) {
            #expect(try mode(temporary.directory + "/" + file) == 0o600, "\(file)")
        }
    }

    @Test func `commits are synced in full and deleted pages are overwritten`() throws {
        let temporary = try TemporaryVault()
        let pragmas = try temporary.vault.database.read { db in
            try ["synchronous", "secure_delete", "journal_mode"].map { try String.fetchOne(db, sql: "PRAGMA \($0)") }
        }
        #expect(pragmas == ["2", "1", "wal"])
    }

    private func reveal(_ vault: Vault, _ token: String) throws -> Disclosure {
        let request = RevealRequest(reason: "test", requestedBy: "a", approvedBy: "b", expires: .latest)
        return try vault.reveal(token, request: request, now: Timestamp(microseconds: 0))
    }
}
