import AuditModel
import DurableIO
import Foundation
import Testing

@testable import EventStore

/// Keys in runs against keys in a set.
@Suite struct DuplicateRunsTests {
    private static func verdict(_ key: DuplicateKey, _ known: [UInt64: Set<UInt64>]) -> DuplicateKey.Verdict {
        guard let bytes = known[key.id] else { return .new }
        return bytes.contains(key.bytes) ? .duplicate : .idReused
    }

    /// Verdicts of keys asked at once: each one is known to those behind it.
    private static func verdicts(_ keys: [DuplicateKey], _ known: [UInt64: Set<UInt64>]) -> [DuplicateKey.Verdict] {
        var known = known
        return keys.map { key in
            defer { known[key.id, default: []].insert(key.bytes) }
            return verdict(key, known)
        }
    }

    private static func keysOnly(_ keys: [DuplicateKey], _ content: String) -> BatchDraft {
        var draft = TestStore.draft(count: 0)
        draft.ranges[0].contentID = content
        draft.ranges[0].bytes = 0..<100
        draft.duplicateKeys = keys
        return draft
    }

    /// Keys whose ids are spread, close together, or equal, as no hash would give them.
    private static func keys(_ count: Int, shape: Int, _ generator: inout SeededRandom) -> [DuplicateKey] {
        (0..<count).map { _ in
            let id: UInt64 =
                switch shape {
                case 0: generator.next()
                case 1: UInt64.random(in: 0..<2_000, using: &generator)
                case 2: UInt64.max - UInt64.random(in: 0..<100_000, using: &generator)
                default: generator.next() & 0xF000_0000_0000_000F
                }
            return DuplicateKey(
                id: id, bytes: UInt64.random(in: 0..<3, using: &generator),
                expires: Int64(30_000 + generator.next() % 5) * 86_400_000_000)
        }
    }

    @Test(arguments: 0..<4) func `a look-up through table and runs equals a look-up in a set`(shape: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededRandom(state: seed)
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/keys", options: test.options)
        var known: [UInt64: Set<UInt64>] = [:]
        for round in 0..<12 {
            let size = [3, 900, 17_000, 20_000, 40_000][Int(generator.next() % 5)]
            let keys = Self.keys(size, shape: shape, &generator)
            _ = try store.commit([Self.keysOnly(keys, "c\(round)")])
            for key in keys { known[key.id, default: []].insert(key.bytes) }
            if round % 3 == 2 { while try store.mergeDuplicateRuns() {} }
            for count in [2, 700] {
                var asked = Self.keys(count / 2, shape: shape, &generator)
                asked += (0..<count / 2).map { _ in keys.randomElement(using: &generator)! }
                asked.shuffle(using: &generator)
                let expected = Self.verdicts(asked, known)
                #expect(try store.verdicts(asked) == expected, "seed \(seed), shape \(shape), round \(round)")
            }
        }
        store.close()
        let again = try EventStore.open(directory: test.directory, access: .writer, options: test.options)
        let asked = Self.keys(3_000, shape: shape, &generator)
        #expect(try again.verdicts(asked) == Self.verdicts(asked, known), "seed \(seed)")
        #expect(try again.catalogue.duplicateTableCount() <= StoreLimits.duplicateTableKeys)
        try again.closeSession()
        let report = try StoreCheck.run(directory: test.directory, options: test.options, salts: { _ in nil })
        #expect(report.findings.filter { $0.kind == .duplicates } == [])
        #expect(report.leftovers == [])
    }

    @Test func `keys that are on their way to a commit are known as those of the store are`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededRandom(state: seed)
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/keys", options: test.options)
        for shape in 0..<4 {
            var known: [UInt64: Set<UInt64>] = [:]
            var before: [SortedDuplicateKeys] = []
            for _ in 0..<3 {
                let keys = Self.keys(800, shape: shape, &generator).map { DuplicateKey(id: $0.id ^ UInt64(shape) << 60, bytes: $0.bytes, expires: 0) }
                let sorted = SortedDuplicateKeys(keys)
                let verdicts = try store.verdicts(sorted, before: before)
                #expect(verdicts == Self.verdicts(keys, known), "seed \(seed), shape \(shape)")
                #expect(sorted.kept(verdicts).count == verdicts.count { $0 != .duplicate })
                before.append(sorted)
                for key in keys { known[key.id, default: []].insert(key.bytes) }
            }
        }
    }

    @Test func `sorting gives the order of both halves whatever the keys are`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededRandom(state: seed)
        for shape in 0..<4 {
            for count in [0, 1, 2, 64, 65, 1_000, 9_000] {
                let keys = Self.keys(count, shape: shape, &generator)
                let sorted = DuplicateKeyOrder.sorted(keys)
                let expected = keys.map { [$0.id, $0.bytes] }.sorted { $0.lexicographicallyPrecedes($1) }
                #expect(sorted.map { [$0.id, $0.bytes] } == expected, "seed \(seed)")
                #expect(sorted.allSatisfy { keys[Int($0.place)].id == $0.id && keys[Int($0.place)].bytes == $0.bytes })
                #expect(Set(sorted.map(\.place)).count == count)
            }
        }
    }

    @Test func `merges keep the number of runs small and the latest day of a key`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/keys", options: test.options)
        let shared = DuplicateKey(id: 7, bytes: 7, expires: 30_000 * 86_400_000_000)
        for round in 0..<DuplicateMerge.fanIn {
            var keys = (0..<StoreLimits.duplicateRunKeys).map {
                DuplicateKey(id: UInt64(round) << 32 | UInt64($0) << 40, bytes: 1, expires: Int64(25_000 + round) * 86_400_000_000)
            }
            var copy = shared
            copy.expires -= Int64(round) * 86_400_000_000
            keys[0] = copy
            _ = try store.commit([Self.keysOnly(keys, "c\(round)")])
        }
        #expect(store.duplicates.all.count == DuplicateMerge.fanIn)
        #expect(try store.mergeDuplicateRuns())
        #expect(try !store.mergeDuplicateRuns())
        let run = try #require(store.duplicates.all.first)
        #expect(store.duplicates.all.count == 1)
        #expect(run.count == DuplicateMerge.fanIn * (StoreLimits.duplicateRunKeys - 1) + 1)
        var cursor = try DuplicateRun.Cursor(store.duplicates.run(run))
        while cursor.id != 7 { try cursor.advance() }
        #expect(cursor.day == 30_000)
        #expect(try RealFileSystem().list(store.layout.duplicates).count == 1)
    }

    @Test func `keys whose days are over fall out when runs are merged or all of a run has ended`() throws {
        let test = TestStore()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/keys", options: test.options)
        let today = test.time.microseconds
        for round in 0..<DuplicateMerge.fanIn {
            let keys = (0..<StoreLimits.duplicateRunKeys).map {
                DuplicateKey(
                    id: UInt64($0) << 40 | UInt64(round), bytes: 1, expires: today + (round == 0 ? 3 : 30) * 86_400_000_000)
            }
            _ = try store.commit([Self.keysOnly(keys, "c\(round)")])
        }
        let old = DuplicateKey(id: 1 << 40, bytes: 1, expires: 0)
        let young = DuplicateKey(id: 1 << 40 | 1, bytes: 1, expires: 0)
        test.advance(seconds: 5 * 86_400)
        #expect(try store.verdicts([old, young]) == [.duplicate, .duplicate])
        #expect(try store.mergeDuplicateRuns())
        #expect(try store.verdicts([old, young]) == [.new, .duplicate])
        test.advance(seconds: 40 * 86_400)
        try store.openSession(.service)
        #expect(store.duplicates.all == [])
        #expect(try store.verdicts([young]) == [.new])
        #expect(try RealFileSystem().list(store.layout.duplicates) == [])
    }

    @Test func `every changed byte of a run is found by fsck, and no look-up believes it`() throws {
        let test = TestStore()
        let disk = SimulatedFileSystem()
        let store = try EventStore.create(directory: test.directory, origin: "example.com/keys", options: test.options(on: disk))
        let keys = (0..<StoreLimits.duplicateRunKeys).map { number in
            DuplicateKey(id: UInt64(number) << 49, bytes: 1, expires: Int64(20_000 + number % 2) * 86_400_000_000)
        }
        _ = try store.commit([Self.keysOnly(keys, "c")])
        try store.closeSession()
        store.close()
        let path = store.layout.duplicateRun(1)
        let size = try #require(try disk.status(path)).sizeBytes
        for offset in [0, 9, 17, 30, 64, 70_000, Int(size) - 100, Int(size) - 40, Int(size) - 1] {
            try disk.corrupt(path, at: offset, xor: 1)
            let report = try StoreCheck.run(directory: test.directory, options: test.options(on: disk), salts: { _ in nil })
            #expect(report.findings.map(\.kind) == [.duplicates], "offset \(offset)")
            let opened = try EventStore.open(directory: test.directory, access: .writer, options: test.options(on: disk))
            let error = #expect(throws: StoreError.self, "offset \(offset)") { try opened.verdicts(keys) }
            #expect(error?.code == .damaged)
            opened.close()
            try disk.corrupt(path, at: offset, xor: 1)
        }
    }
}
