import Foundation
import GRDB
import Testing

@testable import Vault

struct VaultOpeningTests {
    private func code(_ body: () throws -> Void) -> VaultError.Code? {
        do { try body() } catch let error as VaultError { return error.code } catch {}
        return nil
    }

    @Test func `a missing vault, a second vault and another key are told apart`() throws {
        let temporary = try TemporaryVault()
        #expect(code { _ = try Vault.open(directory: temporary.directory + "/none", environment: [:]) } == .notFound)
        #expect(code { try Vault.create(directory: temporary.directory) } == .alreadyExists)
        #expect(code { _ = try Vault.open(directory: temporary.directory, masterKey: .random()) } == .wrongKey)
    }

    @Test func `a newer format is refused`() throws {
        let temporary = try TemporaryVault()
        try temporary.vault.database.write { try $0.execute(sql: "UPDATE meta SET value = 99 WHERE key = 'format'") }
        #expect(code { try temporary.reopen() } == .newerFormat)
    }

    @Test func `a key that others may read, a damaged one and a missing one are refused`() throws {
        let temporary = try TemporaryVault()
        let path = temporary.directory + "/master.key"
        chmod(path, 0o644)
        #expect(code { try temporary.reopen() } == .keyUnusable)
        chmod(path, 0o600)
        try Data("proofline-vault-key v1 plain 00\n".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        #expect(code { try temporary.reopen() } == .keyUnusable)
        try FileManager.default.removeItem(atPath: path)
        #expect(code { try temporary.reopen() } == .keyUnusable)
    }

    @Test func `a passphrase seals the key`() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "vault-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let vault = try Vault.create(directory: directory, passphrase: "correct horse")
        let file = FileManager.default.contents(atPath: directory + "/master.key") ?? Data()
        #expect(!Array(file).holds(Array(vault.master.bytes.map { String($0, radix: 16) }.joined().utf8)))
        #expect(code { _ = try Vault.open(directory: directory, environment: [:]) } == .keyUnusable)
        #expect(code { _ = try Vault.open(directory: directory, environment: [MasterKey.passphraseVariable: "wrong"]) } == .wrongKey)
        _ = try Vault.open(directory: directory, environment: [MasterKey.passphraseVariable: "correct horse"])
    }

    @Test func `a reader looks up and changes nothing`() throws {
        let temporary = try TemporaryVault()
        let token = try temporary.vault.token(for: Identity(.user, "alice@example.com"))
        let reader = try Vault.open(directory: temporary.directory, access: .reader, environment: [:])
        #expect(try reader.lookup("alice@example.com") == [token])
        #expect(code { _ = try reader.token(for: Identity(.user, "bob@example.com")) } == .readOnly)
    }

    @Test func `each purpose has a key of its own, the same at every start`() throws {
        let temporary = try TemporaryVault()
        let keys = DerivedKey.allCases.map { temporary.vault.key($0) }
        #expect(Set(keys).count == DerivedKey.allCases.count)
        try temporary.reopen()
        #expect(DerivedKey.allCases.map { temporary.vault.key($0) } == keys)
    }
}
