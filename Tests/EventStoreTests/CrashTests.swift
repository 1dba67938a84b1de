import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Synchronization
import Testing

/// Cuts the power before every operation of a store's life in turn, restarts with what a disk may have kept, and goes on as
/// ingestion would: from the cursor. In the end everything must be there once, and fsck must find nothing.
///
/// Segments, log and keys lie on the simulated disk; the catalogue is SQLite on the real one, where a transaction either returned
/// or did not. `PROOFLINE_CRASH_STRIDE=1` tries every operation; the default tries a spread of them.
@Suite struct CrashTests {
    private static let batches = [0..<3, 3..<7, 7..<8, 8..<20]

    /// Commits what the cursor says is missing, as two batches per commit where possible.
    private func goOn(_ store: EventStore) throws {
        try store.openSession(.service)
        for range in Self.batches {
            let done = Int(try store.cursor(source: "okta", contentID: "c1")?.records ?? 0)
            if range.upperBound <= done { continue }
            let other = TestStore.draft("other", from: Int(store.nextSeq) + range.count, count: 1, salt: UInt8(range.lowerBound))
            _ = try store.commit([TestStore.draft(from: range.lowerBound, count: range.count, salt: 1), Self.renamed(other, "c\(range)")])
            try store.appendEntry(.hold, ["note": .string("after \(range.upperBound)")])
        }
        try store.closeSession()
    }

    private static func renamed(_ draft: BatchDraft, _ content: String) -> BatchDraft {
        var draft = draft
        draft.ranges[0].contentID = content
        draft.ranges[0].bytes = 0..<100
        draft.cursors = []
        draft.duplicateKeys = []
        return draft
    }

    private func openOrCreate(_ test: TestStore, _ options: StoreOptions) throws -> EventStore {
        do {
            return try EventStore.open(directory: test.directory, access: .writer, options: options)
        } catch let error as StoreError where error.code == .noStore {
            return try EventStore.create(directory: test.directory, origin: "example.com/crash", options: options)
        }
    }

    /// Runs until the power goes out at step `cut` (operations of the disk and of the commit alike).
    private func runUntil(_ cut: Int?, _ test: TestStore, _ disk: SimulatedFileSystem) -> Int {
        let steps = Mutex(0)
        var options = test.options(on: disk)
        options.failpoint = { name in
            try steps.withLock { count in
                count += 1
                if let cut, disk.mutationCount + count > cut {
                    disk.cutPower(beforeMutation: disk.mutationCount)
                    throw StoreError(.ioFailure, "power cut at \(name)")
                }
            }
            if let cut { disk.cutPower(beforeMutation: max(disk.mutationCount, cut - steps.withLock { $0 })) }
        }
        if let cut { disk.cutPower(beforeMutation: cut) }
        if let store = try? openOrCreate(test, options) {
            try? goOn(store)
            store.close()
        }
        return disk.mutationCount + steps.withLock { $0 }
    }

    private func check(_ test: TestStore, _ disk: SimulatedFileSystem, _ note: String) throws {
        let options = test.options(on: disk)
        let store = try openOrCreate(test, options)
        try goOn(store)
        let snapshot = try store.snapshot()
        var numbers: [Int] = []
        for batch in snapshot.batches where batch.source == "okta" {
            let verified = try snapshot.verifiedBatch(batch, salt: TestStore.salt(1))
            for stored in verified.events {
                numbers.append(Int(stored.event[.eventID]!.dropFirst(3))!)
                #expect(stored.event == TestStore.event(numbers.last!), "\(note)")
            }
        }
        #expect(numbers == Array(0..<20), "\(note)")
        store.close()
        let report = try StoreCheck.run(directory: test.directory, options: options, salts: { _ in nil })
        #expect(report.findings == [], "\(note)")
        #expect(report.leftovers == [], "\(note)")
    }

    @Test func `after a power cut at any step nothing is lost and nothing is there twice`() throws {
        let whole = TestStore()
        let count = runUntil(nil, whole, SimulatedFileSystem())
        let stride = ProcessInfo.processInfo.environment["PROOFLINE_CRASH_STRIDE"].flatMap { Int($0) } ?? 17
        #expect(count > 200)
        var cut = 0
        while cut < count {
            let survival: SimulatedFileSystem.Survival = [.nothing, .everything, .random(seed: UInt64(cut))][cut % 3]
            let test = TestStore()
            let disk = SimulatedFileSystem()
            _ = runUntil(cut, test, disk)
            disk.restart(survival)
            try check(test, disk, "cut \(cut) of \(count), \(survival)")
            cut += stride
        }
    }

    @Test func `a power cut during recovery is recovered from`() throws {
        for cut in stride(from: 150, to: 260, by: 37) {
            let test = TestStore()
            let disk = SimulatedFileSystem()
            _ = runUntil(cut, test, disk)
            disk.restart(.random(seed: 1))
            let before = disk.mutationCount
            for second in 0..<4 {
                disk.cutPower(beforeMutation: before + second * 3)
                (try? EventStore.open(directory: test.directory, access: .writer, options: test.options(on: disk)))?.close()
                disk.restart(.random(seed: UInt64(second)))
            }
            try check(test, disk, "cut \(cut) and again")
        }
    }

    @Test func `a full disk commits nothing and the next commit works`() throws {
        let test = TestStore()
        let disk = SimulatedFileSystem()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/crash", options: test.options(on: disk))
        _ = try store.commit([TestStore.draft(count: 2)])
        disk.limitCapacity(toBytes: 1)
        var found: StoreError.Code?
        do { _ = try store.commit([TestStore.draft(from: 2, count: 2)]) } catch let error as StoreError { found = error.code }
        #expect(found == .noSpace)
        disk.limitCapacity(toBytes: nil)
        #expect(try store.commit([TestStore.draft(from: 2, count: 2)]).first?.firstSeq == 2)
        try store.closeSession()
        #expect(try StoreCheck.run(directory: test.directory, options: test.options(on: disk), salts: { _ in TestStore.salt(1) }).findings == [])
    }
}
