import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Testing
import TransparencyLog

@Suite struct RetentionTests {
    private let test = TestStore()

    /// Event n happens n days after this.
    private static let start = Timestamp(rfc3339: "2026-01-01T00:00:00Z")!

    private static func day(_ number: Int) -> Timestamp { Timestamp(microseconds: start.microseconds + Int64(number) * 86_400_000_000) }

    /// A draft whose events happen on these days, in this order.
    private static func draft(_ source: String = "okta", days: [Int], content: String) -> BatchDraft {
        var draft = TestStore.draft(source, count: days.count)
        draft.events = days.map { day in
            var event = TestStore.event(day, source: source)
            event.time = Self.day(day)
            return event
        }
        draft.ranges[0].contentID = content
        draft.ranges[0].bytes = 0..<100
        draft.cursors = []
        return draft
    }

    private func made() throws -> EventStore {
        let store = try EventStore.create(directory: test.directory, origin: "example.org/retention", options: test.options)
        // Within a batch days run up and down, so that deleted indexes are not one stretch.
        _ = try store.commit([Self.draft(days: [5, 1, 6, 2, 7, 3, 8, 4, 9], content: "a"), Self.draft("other", days: [1, 2, 3], content: "b")])
        _ = try store.commit([Self.draft(days: [10, 11, 12, 13], content: "c")])
        return store
    }

    private func days(_ store: EventStore, _ source: String = "okta") throws -> [Int] {
        let snapshot = try store.snapshot()
        return try snapshot.batches.filter { $0.source == source }.flatMap { batch in
            try snapshot.verifiedBatch(batch, salt: TestStore.salt(1)).events.map { Int(($0.event.time!.microseconds - Self.start.microseconds) / 86_400_000_000) }
        }
    }

    private func apply(_ store: EventStore, keepDays: Int64, on day: Int, source: String = "okta") throws -> RetentionReport {
        try store.applyRetention([RetentionRule(source: source, keepSeconds: keepDays * 86_400)], now: Self.day(day), salt: { _ in TestStore.salt(1) })
    }

    private func findings() throws -> [StoreCheck.Finding] {
        try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in TestStore.salt(1) }).findings
    }

    @Test func `old rows go, the others keep their proofs, and an entry says exactly what went`() throws {
        let store = try made()
        defer { store.close() }
        let seals = try store.snapshot().batches.map { try store.snapshot().entry($0.logIndex) }
        let report = try apply(store, keepDays: 5, on: 9)
        #expect(report.rows == 3 && report.emptied == [])
        #expect(try days(store) == [5, 6, 7, 8, 4, 9, 10, 11, 12, 13])
        #expect(try days(store, "other") == [1, 2, 3])
        let snapshot = try store.snapshot()
        #expect(try snapshot.batches.map { try snapshot.entry($0.logIndex) } == seals)
        let entry = try #require(try snapshot.entries([.retention]).first)
        #expect(entry.json["source"]?.string == "okta" && entry.json["before"]?.string == Self.day(4).description)
        #expect(entry.json["batches"]?.array?.first?["removed"] == [[1, 2], [3, 4], [5, 6]])
        #expect(try findings() == [])
        for batch in snapshot.batches where batch.source == "okta" {
            let verified = try snapshot.verifiedBatch(batch, salt: TestStore.salt(1))
            let root = try #require(batch.rowsRoot)
            for (index, line) in zip(verified.indexes, verified.lines) {
                let proof = InclusionProof(leafIndex: UInt64(index), treeSize: UInt64(batch.count), siblings: verified.path(index: index))
                try proof.verify(.leaf(line), root: root)
            }
        }
    }

    @Test func `retention goes on over the years until nothing is left`() throws {
        let store = try made()
        defer { store.close() }
        var emptied: [RetentionReport.EmptiedBatch] = []
        for day in stride(from: 6, through: 20, by: 2) {
            emptied += try apply(store, keepDays: 5, on: day).emptied
            #expect(try days(store).allSatisfy { $0 >= day - 5 })
            #expect(try findings() == [], "day \(day)")
        }
        #expect(try days(store) == [])
        #expect(Set(emptied.map(\.firstSeq)) == [0, 12])
        #expect(try apply(store, keepDays: 5, on: 30).rows == 0)
        #expect(try Set(apply(store, keepDays: 5, on: 30).emptied.map(\.firstSeq)) == [0, 12])
        #expect(try store.snapshot().segments.map(\.rowCount) == [3])
    }

    @Test func `deleted rows are in no file`() throws {
        let store = try made()
        _ = try apply(store, keepDays: 5, on: 9)
        store.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: store.layout.segments) where name.hasSuffix(".parquet") {
            #expect(name != "00000001.parquet")
        }
        let again = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        defer { again.close() }
        #expect(try days(again) == [5, 6, 7, 8, 4, 9, 10, 11, 12, 13])
    }

    @Test func `a legal hold keeps what it covers until it ends`() throws {
        let store = try made()
        defer { store.close() }
        _ = try store.beginHold("case-7", sources: ["okta"], from: Self.day(2), until: Self.day(4))
        #expect(throws: StoreError.self) { try store.beginHold("case-7", sources: []) }
        let plan = try store.planRetention([RetentionRule(source: "okta", keepSeconds: 5 * 86_400)], now: Self.day(12))
        #expect(plan.rowCount == 4 && plan.sources["okta"]?.heldRows == 2)
        _ = try apply(store, keepDays: 5, on: 12)
        #expect(try days(store) == [2, 7, 3, 8, 9, 10, 11, 12, 13])
        _ = try store.endHold("case-7")
        #expect(throws: StoreError.self) { try store.endHold("case-7") }
        _ = try apply(store, keepDays: 5, on: 12)
        #expect(try days(store) == [7, 8, 9, 10, 11, 12, 13])
        #expect(try store.snapshot().holds() == [])
        #expect(try findings() == [])
    }

    @Test func `merging segments keeps what retention left`() throws {
        let store = try made()
        defer { store.close() }
        _ = try apply(store, keepDays: 5, on: 9)
        _ = try store.compact(isEager: true)
        #expect(try days(store) == [5, 6, 7, 8, 4, 9, 10, 11, 12, 13])
        _ = try apply(store, keepDays: 5, on: 12)
        #expect(try days(store) == [7, 8, 9, 10, 11, 12, 13])
        #expect(try findings() == [])
    }

    @Test func `nothing is deleted from rows that are not those that were sealed`() throws {
        let store = try made()
        defer { store.close() }
        let error = #expect(throws: StoreError.self) {
            try store.applyRetention([RetentionRule(source: "okta", keepSeconds: 86_400)], now: Self.day(9), salt: { _ in TestStore.salt(2) })
        }
        #expect(error?.code == .damagedSegment(1))
        #expect(try days(store).count == 13)
    }

    @Test func `killed at any step a row is there, or gone with its entry`() throws {
        let whole = try made()
        try whole.closeSession()
        whole.close()
        let step = try test.stoppingAtEachStep {
            _ = try apply($0, keepDays: 5, on: 12)
        } opened: { (again, step, _) throws in
            let removed = try again.snapshot().entries([.retention]).isEmpty ? 0 : 6
            #expect(try days(again).count == 13 - removed, "step \(step)")
            _ = try apply(again, keepDays: 5, on: 12)
            #expect(try days(again) == [7, 8, 9, 10, 11, 12, 13], "step \(step)")
        } closed: { (step) throws in
            #expect(try findings() == [], "step \(step)")
        }
        #expect(step > 8)
    }
}
