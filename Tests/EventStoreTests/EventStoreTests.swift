import AuditModel
import Cryptography
import DurableIO
@testable import EventStore
import Foundation
import GRDB
import Testing
import TransparencyLog

@Suite struct EventStoreTests {
    private func code(_ body: () throws -> Void) -> StoreError.Code? {
        do { try body() } catch { return (error as? StoreError)?.code }
        return nil
    }

    @Test func `what is committed is read back with its proofs`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/audit", options: test.options)
        try store.openSession(.ingest)
        let drafts = [TestStore.draft(count: 40), TestStore.draft("github_audit", from: 40, count: 3, salt: 2), TestStore.draft("okta", from: 43, count: 0)]
        let committed = try store.commit(drafts)
        #expect(committed.map(\.firstSeq) == [0, 40, 43])
        #expect(committed.map(\.logIndex) == [1, 2, 3])
        test.advance(seconds: 10)
        _ = try store.commit([TestStore.draft(from: 43, count: 5, salt: 3)])
        try store.closeSession()

        let snapshot = try store.snapshot()
        #expect(snapshot.checkpoint.size == 6)
        #expect(snapshot.batches.count == 4)
        #expect(snapshot.segments.map(\.seqs) == [0..<43, 43..<48])
        #expect(snapshot.seqEnd == 48)
        let salts: [UInt64: UInt8] = [1: 1, 2: 2, 4: 3]
        for batch in snapshot.batches {
            let verified = try snapshot.verifiedBatch(batch, salt: salts[batch.logIndex].map(TestStore.salt) ?? [])
            for (index, stored) in verified.events.enumerated() {
                #expect(stored.seq == batch.firstSeq + Int64(index))
                #expect(stored.event == TestStore.event(Int(stored.seq), source: batch.source))
                let proof = InclusionProof(
                    leafIndex: UInt64(index), treeSize: UInt64(batch.count), siblings: verified.path(index: index))
                try proof.verify(.leaf(verified.lines[index]), root: verified.tree.root)
            }
            let entry = try snapshot.entry(batch.logIndex)
            try snapshot.inclusionProof(batch.logIndex).verify(.leaf(entry), root: snapshot.checkpoint.root)
        }
        #expect(snapshot.totals["okta"]?.counts.received == 48)
        #expect(try store.cursor(source: "okta", contentID: "c1")?.offset == 4_800)
        #expect(try snapshot.ledger(source: "okta").count == 3)
    }

    @Test func `seals of a source are chained and say what was counted`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/audit", options: test.options)
        let first = try store.commit([TestStore.draft(count: 2)])
        let second = try store.commit([TestStore.draft(from: 2, count: 1)])
        let seal = try JSONValue(parsing: first[0].entry)
        #expect(seal["prevSeal"] == nil)
        #expect(seal["received"] == 3)
        #expect(seal["dropped"]?["debugContext.*"] == 3)
        #expect(seal["bindingsCount"] == 1)
        #expect(seal["cursor"]?["to"]?["offset"] == 200)
        #expect(try JSONValue(parsing: second[0].entry)["prevSeal"]?.string == SHA256.hash(first[0].entry).hex)
        #expect(seal.canonicalBytes == first[0].entry)
    }

    @Test func `the index hides no match and look-ups are exact`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/audit", options: test.options)
        _ = try store.commit([TestStore.draft(count: 300), TestStore.draft("b", from: 300, count: 50)])
        let snapshot = try store.snapshot()
        let reader = try snapshot.reader(snapshot.segments[0])
        let events = try reader.events(in: 0..<350)
        for (column, term) in [(PivotColumn.actorID, "USR_1"), (.eventID, "id-349"), (.originIP, "ip_4"), (.targetID, "b1"), (.actorID, "nobody")] {
            let expected = events.indices.filter { row in
                let event = events[row].event
                return column.field.map { event[$0] == term.lowercased() } ?? event.targets.contains { $0.id == term }
            }
            var term = term
            try term.withUTF8 { utf8 in
                let bytes = UnsafeRawBufferPointer(utf8)
                let pages = try #require(reader.pages(mayHold: bytes, in: column, rowGroup: 0))
                #expect(pages.contains(0) == !expected.isEmpty)
                #expect(try reader.rows(equalTo: bytes, in: column, rowGroup: 0, page: 0) == expected)
            }
        }
        #expect(try reader.events(rows: [3, 340]).map(\.event) == [TestStore.event(3), TestStore.event(340, source: "b")])
    }

    @Test func `duplicate keys tell a copy from a reused id`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/audit", options: test.options)
        _ = try store.commit([TestStore.draft(count: 2)])
        let known = TestStore.draft(count: 2).duplicateKeys[1]
        var reused = known
        reused.bytes = 77
        let new = DuplicateKey(id: 5, bytes: 5, expires: 0)
        #expect(try store.verdicts([known, reused, new]) == [.duplicate, .idReused, .new])
    }

    @Test func `a second writer learns who holds the store and readers do not mind`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/audit", options: test.options)
        let own = ProcessInfo.processInfo.processIdentifier
        #expect(code { _ = try EventStore.open(directory: test.directory, access: .writer, options: test.options) } == .locked(holder: own))
        let reader = try EventStore.open(directory: test.directory, access: .reader, options: test.options)
        _ = try store.commit([TestStore.draft(count: 2)])
        #expect(try reader.snapshot().seqEnd == 2)
        #expect(code { _ = try reader.commit([TestStore.draft(count: 1)]) } == .readOnly)
    }

    @Test func `a store of a newer format is refused and left as it is`() throws {
        let test = TestStore()
        try EventStore.create(directory: test.directory, origin: "example.com/audit", options: test.options).close()
        let path = test.directory + "/store.json"
        let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(of: "\"version\": 1", with: "\"version\": 2")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let before = try FileManager.default.subpathsOfDirectory(atPath: test.directory).sorted()
        #expect(code { _ = try EventStore.open(directory: test.directory, access: .writer) } == .newerFormat(found: 2, known: 1))
        #expect(try FileManager.default.subpathsOfDirectory(atPath: test.directory).sorted() == before)
    }

    @Test func `creating twice, opening nothing and breaking a rule are told apart`() throws {
        let test = TestStore()
        #expect(code { _ = try EventStore.open(directory: test.directory, access: .reader) } == .noStore)
        let store = try EventStore.create(directory: test.directory, origin: "example.com/audit", options: test.options)
        var draft = TestStore.draft(count: 1)
        draft.counts.skipped = 1
        #expect(code { _ = try store.commit([draft]) } == .invalidDraft)
        #expect(code { try store.appendEntry(.gap, ["x": .string(String(repeating: "a", count: 17_000))]) } == .entryTooLarge)
        #expect(code { try store.appendEntry(.batch, [:]) } == .invalidDraft)
        store.close()
        #expect(code { _ = try EventStore.create(directory: test.directory, origin: "x", options: test.options) } == .exists)
    }

    @Test func `the catalogue commits with full synchronisation`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/audit", options: test.options)
        let level = try store.catalogue.write { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
        #expect(level == 2)
    }
}
