import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Testing
import TransparencyLog

@Suite struct ErasureTests {
    private let test = TestStore()

    private func made() throws -> EventStore {
        let store = try EventStore.create(directory: test.directory, origin: "example.org/erasure", options: test.options)
        var drafts: [BatchDraft] = []
        for (number, message) in ["nobody", "seen with usr_abcdefghijklm today", "usr_abcdefghijkl"].enumerated() {
            var draft = TestStore.draft("s\(number)", count: 5)
            draft.events = draft.events.enumerated().map { index, event in
                var event = event
                if index == 4 { event[.message] = message }
                return event
            }
            drafts.append(draft)
        }
        _ = try store.commit(drafts)
        return store
    }

    @Test(arguments: [false, true]) func `batches that hold a token in any text are found`(_ compacts: Bool) throws {
        let store = try made()
        defer { store.close() }
        if compacts {
            _ = try store.commit([TestStore.draft("s0", from: 5, count: 2)])
            _ = try store.compact(isEager: true)
        }
        let snapshot = try store.snapshot()
        #expect(try snapshot.batches(holding: ["usr_abcdefghijklm"]).map(\.source) == ["s1"])
        #expect(try snapshot.batches(holding: ["usr_abcdefghijklm", "id-0"]).map(\.source) == ["s0", "s1", "s2"])
        #expect(try snapshot.batches(holding: ["id-0"], from: snapshot.batches[1].logIndex).map(\.source) == ["s1", "s2"])
        #expect(try snapshot.batches(holding: ["usr_zzzzzzzzzzzzz"]) == [])
    }

    @Test func `a copy of the log says which tokens are erased, and another log or a damaged one is refused`() throws {
        let store = try made()
        let tokens = (0..<1_201).map { "usr_\(10_000 + $0)" }
        #expect(try store.appendErasure(of: tokens.shuffled()).count == 3)
        #expect(try store.snapshot().erasedTokens() == tokens)
        let vkey = store.verifier.vkey
        store.close()
        for folder in [test.directory, store.layout.log] {
            let found = try ErasedTokens.read(log: folder, vkey: vkey)
            #expect(found.tokens == tokens && found.size == 7)
        }
        let other = TestStore()
        try EventStore.create(directory: other.directory, origin: "example.org/erasure", options: other.options).close()
        let bundle = store.layout.log + "/tile/entries/000.p/7"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: bundle))
        bytes[bytes.count - 9] ^= 1
        try bytes.write(to: URL(fileURLWithPath: bundle))
        for folder in [other.directory, test.directory, "/nowhere"] {
            #expect { try ErasedTokens.read(log: folder, vkey: vkey) } throws: { ($0 as? StoreError)?.code == .damaged }
        }
    }
}
