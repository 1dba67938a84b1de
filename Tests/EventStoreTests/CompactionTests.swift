import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import GRDB
import Synchronization
import Testing

@Suite struct CompactionTests {
    private let test = TestStore()

    private func made(commits: Int, each: Int = 3) throws -> EventStore {
        let store = try EventStore.create(directory: test.directory, origin: "example.org/compaction", options: test.options)
        for number in 0..<commits {
            // Every other commit is of an earlier time, so that order by time differs from order of commit.
            let start = number % 2 == 0 ? number * each : (1_000 - number) * each
            let full = Self.alone(TestStore.draft(number % 3 == 0 ? "other" : "okta", from: start, count: each), "c\(number)")
            _ = try store.commit([full, Self.alone(TestStore.draft("quarantined", from: number, count: 0), "q\(number)")])
        }
        return store
    }

    /// The draft with a content of its own, so that the ledger has no holes.
    private static func alone(_ draft: BatchDraft, _ content: String) -> BatchDraft {
        var draft = draft
        draft.ranges[0].contentID = content
        draft.ranges[0].bytes = 0..<100
        draft.cursors = []
        return draft
    }

    private func events(_ store: EventStore) throws -> [StoredEvent] {
        let snapshot = try store.snapshot()
        return try snapshot.batches.flatMap { try snapshot.verifiedBatch($0, salt: $0.count == 0 ? [] : TestStore.salt(1)).events }
    }

    private func findings(_ files: any FileSystem = RealFileSystem()) throws -> [StoreCheck.Finding] {
        try StoreCheck.run(directory: test.directory, options: test.options(on: files), salts: { _ in TestStore.salt(1) }).findings
    }

    @Test func `merging changes no event, no seal and no checkpoint`() throws {
        let store = try made(commits: 20)
        let (before, checkpoint) = (try events(store), try store.snapshot().checkpoint)
        let report = try store.compact(isEager: true)
        #expect(report.merged == 20 && report.made == 1 && report.rows == 60)
        #expect(try events(store) == before)
        #expect(try store.snapshot().checkpoint == checkpoint)
        #expect(try store.snapshot().segments.map(\.rowCount) == [60])
        store.close()
        #expect(try findings() == [])
    }

    @Test func `rows of a merged segment stand in order of time`() throws {
        let store = try made(commits: 9)
        defer { store.close() }
        _ = try store.compact(isEager: true)
        let snapshot = try store.snapshot()
        let reader = try snapshot.reader(snapshot.segments[0])
        let times = try reader.events(in: 0..<27).compactMap(\.event.time)
        #expect(times == times.sorted() && times.count == 27)
    }

    @Test func `a snapshot taken before still reads the old files`() throws {
        let store = try made(commits: 8)
        defer { store.close() }
        let snapshot = try store.snapshot()
        _ = try store.compact(isEager: true)
        let old = try snapshot.batches.flatMap { try snapshot.verifiedBatch($0, salt: $0.count == 0 ? [] : TestStore.salt(1)).events }
        #expect(old == (try events(store)))
        test.advance(seconds: 3_601)
        _ = try store.compact()
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.layout.segments).sorted() == ["00000009.idx", "00000009.parquet"])
    }

    @Test func `commits go on between and after merges`() throws {
        let store = try made(commits: 8)
        defer { store.close() }
        _ = try store.compact(isEager: true)
        _ = try store.commit([Self.alone(TestStore.draft(from: 9_000, count: 5), "last")])
        let before = try events(store)
        _ = try store.compact(isEager: true)
        #expect(try events(store) == before)
        #expect(try findings() == [])
    }

    @Test func `a segment that rotted is not written again`() throws {
        let store = try made(commits: 8)
        defer { store.close() }
        let path = store.layout.segment(3)
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[bytes.count / 3] ^= 8
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: StoreError.self) { try store.compact(isEager: true) }
        #expect(error?.code == .damagedSegment(3))
        #expect(try store.snapshot().segments.count == 8)
    }

    @Test func `killed at any step the store is as before or as after`() throws {
        let whole = try made(commits: 8)
        let expected = try events(whole)
        try whole.closeSession()
        whole.close()
        #expect(try findings() == [])
        let step = try test.stoppingAtEachStep {
            _ = try $0.compact(isEager: true)
        } opened: { (again, step, isFinished) throws in
            #expect(try events(again) == expected, "step \(step)")
            #expect(isFinished ? try again.snapshot().segments.count == 1 : [1, 8].contains(try again.snapshot().segments.count))
        } closed: { (step) throws in
            #expect(try findings() == [], "step \(step)")
        }
        #expect(step > 8)
    }

    @Test func `small neighbours are merged tier by tier`() {
        func segment(_ id: Int64, _ rows: Int, damage: String? = nil) -> SegmentRecord {
            SegmentRecord(id: id, seqs: id..<id + 1, rowCount: rows, minTime: nil, maxTime: nil, sizeBytes: 0, damage: damage)
        }
        let few = (1...7).map { segment($0, 10) }
        #expect(CompactionPlan.next(few, isEager: false) == nil)
        #expect(CompactionPlan.next(few, isEager: true)?.segments == Array(1...7))
        #expect(CompactionPlan.next(few + [segment(8, 500)], isEager: false)?.segments == Array(1...8))
        let many = [segment(1, 400_000)] + (2...9).map { segment($0, 10) } + [segment(10, 300_000)]
        #expect(CompactionPlan.next(many, isEager: false)?.segments == Array(2...9))
        let parted = (1...4).map { segment($0, 10) } + [segment(5, 10, damage: "gone")] + (6...9).map { segment($0, 10) }
        #expect(CompactionPlan.next(parted, isEager: false) == nil)
        #expect(CompactionPlan.next(parted, isEager: true)?.segments == Array(1...4))
        let large = (1...9).map { segment($0, 262_144) }
        #expect(CompactionPlan.next(large, isEager: true)?.rowCount == 524_288)
        #expect(CompactionPlan.next([segment(1, 524_288), segment(2, 524_288)], isEager: true) == nil)
    }

    @Test func `merging everything takes as many merges as tiers have it`() {
        var segments = (1...1_000).map { SegmentRecord(id: $0, seqs: $0..<$0 + 1, rowCount: 20, minTime: nil, maxTime: nil, sizeBytes: 0, damage: nil) }
        var rewritten = 0
        var next: Int64 = 1_001
        while let plan = CompactionPlan.next(segments, isEager: false) {
            let first = segments.firstIndex { $0.id == plan.segments[0] }!
            let seqs = segments[first].seqs.lowerBound..<segments[first + plan.segments.count - 1].seqs.upperBound
            #expect(segments[first..<first + plan.segments.count].map(\.id) == plan.segments)
            let merged = SegmentRecord(id: next, seqs: seqs, rowCount: plan.rowCount, minTime: nil, maxTime: nil, sizeBytes: 0, damage: nil)
            segments.replaceSubrange(first..<first + plan.segments.count, with: [merged])
            rewritten += plan.rowCount
            next += 1
        }
        #expect(segments.reduce(0) { $0 + $1.rowCount } == 20_000)
        #expect(segments.count < 16 && rewritten < 20_000 * 5)
    }
}
