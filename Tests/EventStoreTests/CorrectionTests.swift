import AuditModel
import Testing

@testable import EventStore

struct CorrectionTests {
    private static let newer = DefinitionReference(id: "okta", version: "2", sha256: String(repeating: "ef", count: 32))

    /// A correction of the one quarantined record that ``TestStore/draft(_:from:count:salt:)`` has, as three events.
    private static func correction(
        of batch: UInt64, ranges: [Range<UInt64>] = [10..<20], counts: Correction.Counts = .init(parsed: 1), events: Int = 3, salt seed: UInt8 = 1
    ) -> BatchDraft {
        var draft = BatchDraft(source: "okta", instance: "example", mode: .reparse, parser: newer, policy: TestStore.policy)
        draft.events = (100..<100 + events).map { TestStore.event($0) }
        draft.batchSalt = events == 0 ? [] : TestStore.salt(seed)
        draft.correction = Correction(
            before: TestStore.parser, parts: [.init(batch: batch, contentID: "c1", ranges: ranges, counts: counts)])
        return draft
    }

    private func findings(_ test: TestStore) throws -> [StoreCheck.Finding] {
        try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) }).findings
    }

    private func made() throws -> (test: TestStore, store: EventStore, batch: UInt64) {
        let test = TestStore(inMemory: true)
        let store = try EventStore.create(directory: test.directory, origin: "example.org/test", options: test.options)
        let committed = try store.commit([TestStore.draft(count: 5)])
        return (test, store, committed[0].logIndex)
    }

    @Test func `a correction resolves records, and the sums of what was received stay`() throws {
        let (test, store, batch) = try made()
        let before = try store.snapshot().totals["okta"]
        let seal = try store.commit([Self.correction(of: batch)])[0].logIndex
        try store.closeSession()
        let snapshot = try store.snapshot()
        let totals = try #require(snapshot.totals["okta"])
        #expect(totals.counts == before?.counts)
        #expect(totals.resolved == Correction.Counts(parsed: 1))
        #expect(totals.events == 8)
        let found = try snapshot.corrections()
        #expect(found.map(\.seal) == [seal])
        #expect(found.map(\.part) == [.init(batch: batch, contentID: "c1", ranges: [10..<20], counts: .init(parsed: 1))])
        let entry = try #require(try snapshot.entries([.batch]).last?.json)
        #expect(entry["mode"]?.string == "reparse" && entry["received"]?.integer == 0)
        #expect(entry["parserBefore"]?["sha256"]?.string == TestStore.parser.sha256 && entry["parser"]?["sha256"]?.string == Self.newer.sha256)
        store.close()
        #expect(try findings(test) == [])
    }

    @Test func `what was skipped by the newer definition is resolved without an event`() throws {
        let (test, store, batch) = try made()
        _ = try store.commit([Self.correction(of: batch, counts: .init(skipped: 1), events: 0)])
        try store.closeSession()
        #expect(try store.snapshot().totals["okta"]?.resolved == Correction.Counts(skipped: 1))
        store.close()
        #expect(try findings(test) == [])
    }

    @Test func `a draft that corrects wrongly is refused`() throws {
        let (_, store, batch) = try made()
        var wrong: [BatchDraft] = [
            Self.correction(of: batch, ranges: []), Self.correction(of: batch, ranges: [10..<20, 15..<30]),
            Self.correction(of: batch, ranges: (0..<257).map { UInt64($0) * 10..<UInt64($0) * 10 + 5 }),
            Self.correction(of: batch, counts: .init(), events: 0), Self.correction(of: batch, counts: .init(skipped: 1)),
            Self.correction(of: batch, events: 0),
        ]
        var received = Self.correction(of: batch)
        received.counts = RecordCounts(received: 1, parsed: 1)
        wrong.append(received)
        var tail = Self.correction(of: batch)
        tail.mode = .tail
        wrong.append(tail)
        var nothing = Self.correction(of: batch)
        nothing.correction = nil
        wrong.append(nothing)
        for draft in wrong {
            #expect { try store.commit([draft]) } throws: { ($0 as? StoreError)?.code == .invalidDraft }
        }
        store.close()
    }

    @Test func `fsck finds a record resolved twice, bytes of another batch, and more than were set aside`() throws {
        let (test, store, batch) = try made()
        _ = try store.commit([Self.correction(of: batch)])
        _ = try store.commit([Self.correction(of: batch, ranges: [15..<30])])
        _ = try store.commit([Self.correction(of: batch, ranges: [900..<910])])
        try store.closeSession()
        store.close()
        let messages = try findings(test).map(\.message)
        #expect(messages.contains { $0.contains("resolved twice") })
        #expect(messages.contains { $0.contains("does not account for") })
        #expect(messages.contains { $0.contains("more records are resolved than were quarantined") })
    }

    @Test func `a correction that is stopped at any step is there whole or not at all`() throws {
        let (test, store, batch) = try made()
        try store.closeSession()
        store.close()
        var wasThere = false
        var wasNot = false
        let steps = try test.stoppingAtEachStep(
            { store in
                _ = try store.commit([Self.correction(of: batch)])
                try store.closeSession()
            },
            opened: { again, step, isFinished in
                let snapshot = try again.snapshot()
                let isThere = try !snapshot.corrections().isEmpty
                #expect(snapshot.totals["okta"]?.resolved.records == (isThere ? 1 : 0), "step \(step)")
                #expect(snapshot.totals["okta"]?.events == (isThere ? 8 : 5), "step \(step)")
                if isFinished { #expect(isThere) }
                (wasThere, wasNot) = (wasThere || isThere, wasNot || !isThere)
            },
            closed: { step in
                let found = try findings(test)
                #expect(found == [], "step \(step)")
            })
        #expect(steps > 5 && wasThere && wasNot)
    }
}
