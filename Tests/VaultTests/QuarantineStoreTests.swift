import Foundation
import GRDB
import Testing

@testable import Vault

struct QuarantineStoreTests {
    private func entry(_ offset: UInt64, _ record: String, source: String = "okta") -> QuarantineStore.Entry {
        QuarantineStore.Entry(
            source: source, contentID: "c1", offset: offset, line: offset + 1, parser: "okta", parserVersion: "1",
            reason: "no JSON: planted",
            record: Array(record.utf8))
    }

    @Test func `a record is kept once, sealed, and comes back whole`() throws {
        let temporary = try TemporaryVault()
        let store = try QuarantineStore(vault: temporary.vault)
        #expect(try store.put([entry(10, "{planted.person@example.com"), entry(0, "x", source: "github")]) == 2)
        #expect(try store.put([entry(10, "another text"), entry(20, "")]) == 1)
        #expect(try store.counts() == ["okta": 2, "github": 1])
        #expect(
            try QuarantineStore(vault: temporary.vault).list(source: "okta") == [entry(10, "{planted.person@example.com"), entry(20, "")])
        #expect(try !temporary.bytes().holds(Array("planted".utf8)))
    }

    @Test func `a mended record is removed, and repeating it does no harm`() throws {
        let temporary = try TemporaryVault()
        let store = try QuarantineStore(vault: temporary.vault)
        try store.put([entry(1, "a"), entry(2, "b")])
        for _ in 0..<2 { try store.remove(source: "okta", contentID: "c1", offsets: [1]) }
        #expect(try store.list(source: "okta").map(\.offset) == [2])
    }

    @Test func `a record that was moved to another place does not open`() throws {
        let temporary = try TemporaryVault()
        let store = try QuarantineStore(vault: temporary.vault)
        try store.put([entry(1, "a")])
        let other = try PrivateDatabase.open(path: temporary.directory + "/quarantine.sqlite", access: .writer, mayCreate: false)
        try other.write { try $0.execute(sql: "UPDATE record SET offset = 2") }
        #expect { try store.list(source: "okta") } throws: { ($0 as? VaultError)?.code == .damaged }
    }
}
