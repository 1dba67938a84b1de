import AuditModel
import DurableIO
@testable import EventStore
import Foundation
import Synchronization
import Testing
import TransparencyLog

/// Lives of a store that lose power up to three times, at moments and with remains that a seed gives: unsynced sectors are kept, dropped or
/// torn, names appear in another order than they were made. Ingestion, heartbeats and compaction go on after each loss.
///
/// `PROOFLINE_POWER_SEEDS` says how many lives (500), `PROOFLINE_POWER_SEED` the first seed; each failure prints its own.
@Suite struct PowerLossTests {
    private static let batches = [0..<2, 2..<3, 3..<6]

    /// What readers could see at any time.
    private final class Seen: Sendable {
        let notes = Mutex<[[UInt8]]>([])
    }

    private func openOrCreate(_ test: TestStore, _ options: StoreOptions) throws -> EventStore {
        do {
            return try EventStore.open(directory: test.directory, access: .writer, options: options)
        } catch let error as StoreError where error.code == .noStore {
            return try EventStore.create(directory: test.directory, origin: "example.com/power", options: options)
        }
    }

    /// Commits what the cursor says is missing, and merges what is there.
    private func goOn(_ store: EventStore) throws {
        try store.openSession(.service)
        for range in Self.batches {
            let done = Int(try store.cursor(source: "okta", contentID: "c1")?.records ?? 0)
            if range.upperBound <= done { continue }
            _ = try store.commit([TestStore.draft(from: range.lowerBound, count: range.count, salt: 1)])
            if range.lowerBound > 0 { _ = try store.compact(isEager: true) }
        }
        try store.closeSession()
    }

    /// Runs until the power goes out; returns the steps of the disk and of commits that were done.
    private func run(_ test: TestStore, _ disk: SimulatedFileSystem, cut: Int?, _ seen: Seen) -> Int {
        let before = disk.mutationCount
        let steps = Mutex(0)
        var options = test.options(on: disk)
        let note = "\(StoreLayout(directory: test.directory).log)/checkpoint"
        options.failpoint = { name in
            if let bytes = try? disk.readFile(note) { seen.notes.withLock { if $0.last != bytes { $0.append(bytes) } } }
            let count = steps.withLock { count in
                count += 1
                return count
            }
            guard let cut else { return }
            if disk.mutationCount - before + count > cut {
                disk.cutPower(beforeMutation: disk.mutationCount)
                throw StoreError(.ioFailure, "power cut at \(name)")
            }
            disk.cutPower(beforeMutation: max(disk.mutationCount, before + cut - count))
        }
        if let cut { disk.cutPower(beforeMutation: before + cut) }
        if let store = try? openOrCreate(test, options) {
            try? goOn(store)
            store.close()
        }
        return disk.mutationCount - before + steps.withLock { $0 }
    }

    private func check(_ test: TestStore, _ disk: SimulatedFileSystem, _ seen: Seen, _ note: String) throws {
        let options = test.options(on: disk)
        let store = try openOrCreate(test, options)
        try goOn(store)
        let snapshot = try store.snapshot()
        let numbers = try snapshot.batches.flatMap { batch in
            try snapshot.verifiedBatch(batch, salt: TestStore.salt(1)).events.map { Int($0.event[.eventID]?.dropFirst(3) ?? "") }
        }
        #expect(numbers == Array(0..<6), "\(note)")
        let tiles = LogTileReader(fileSystem: disk, directory: StoreLayout(directory: test.directory).log, size: snapshot.checkpoint.size)
        for bytes in seen.notes.withLock({ $0 }) {
            let old = try Checkpoint(note: SignedNote(parsing: bytes))
            #expect(old.size <= snapshot.checkpoint.size, "\(note)")
            if old.size <= snapshot.checkpoint.size { #expect(try tiles.root(at: old.size) == old.root, "\(note): checkpoint of \(old.size)") }
        }
        store.close()
        let report = try StoreCheck.run(directory: test.directory, options: options, salts: { _ in TestStore.salt(1) })
        #expect(report.findings == [], "\(note)")
        #expect(report.leftovers == [], "\(note)")
    }

    @Test func `lives with power losses lose nothing, double nothing and fork no log`() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["PROOFLINE_POWER_SEEDS"].flatMap { UInt64($0) } ?? 500
        let first = environment["PROOFLINE_POWER_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...1 << 40)
        print("power loss: seeds \(first) to \(first + count - 1)")
        let life = run(TestStore(inMemory: true), SimulatedFileSystem(), cut: nil, Seen())
        #expect(life > 150)
        for seed in first..<first + count {
            let (test, disk, seen) = (TestStore(inMemory: true), SimulatedFileSystem(), Seen())
            var chance = SeededRandom(state: seed)
            var note = "seed \(seed):"
            for loss in 0..<Int.random(in: 1...3, using: &chance) {
                let cut = Int.random(in: 0..<(loss == 0 ? life : life / 2), using: &chance)
                _ = run(test, disk, cut: cut, seen)
                let survival: SimulatedFileSystem.Survival = .random(seed: chance.next())
                disk.restart(survival)
                note += " cut \(cut),"
            }
            try check(test, disk, seen, note)
        }
    }
}
